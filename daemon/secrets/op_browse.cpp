// SPDX-License-Identifier: Apache-2.0
#include "daemon/secrets/op_browse.hpp"

#include <algorithm>
#include <utility>

#include "common/untrusted_text.hpp"
#include "daemon/secrets/op_reference.hpp"
#include "daemon/secrets/op_shape.hpp"

namespace jackin::secrets {
namespace {

template <typename Choice>
void put_usable_first(std::vector<Choice>& choices) {
  std::stable_partition(choices.begin(), choices.end(), [](const Choice& choice) { return choice.usable; });
}

OpItemChoice choice_of(const OpItem& item) {
  OpItemChoice choice{item.id, printable(item.title), printable(item.category), true, {}};
  if (item.archived) {
    choice.reason = "archived";
  } else if (loses_by_editing(item)) {
    choice.reason = item.category == "LOGIN" ? "a login: its passkey would be lost" : "op cannot edit this category";
  }
  choice.usable = choice.reason.empty();
  return choice;
}

OpFieldChoice choice_of(const OpField& field) {
  OpFieldChoice choice{field.id,        field.section, printable(field.label.empty() ? field.id : field.label),
                       field.has_value, true,          {}};
  if (field.type != "CONCEALED") {
    choice.reason = "not concealed";
  } else if (!fits_op_reference(field.id) || (!field.section.empty() && !fits_op_reference(field.section))) {
    choice.reason = "cannot be named in a reference";
  }
  choice.usable = choice.reason.empty();
  return choice;
}

OpItemContents contents_of(const OpItem& item) {
  OpItemContents contents{choice_of(item), {}, {}};
  for (const auto& section : item.sections) contents.sections.push_back({section.id, printable(section.label)});
  for (const auto& field : item.fields) contents.fields.push_back(choice_of(field));
  put_usable_first(contents.fields);
  return contents;
}

}  // namespace

Task<OpCaller> OpBrowse::caller(Environment client, std::string account) {
  OpCaller asking{std::move(client), {}, true, OpUse::store};
  CO_TRY(co_await op_.version(asking));
  CO_TRY(asking.account, co_await places_.account(asking, account));
  co_return asking;
}

Task<OpAccountChoices> OpBrowse::accounts(Environment client) {
  const OpCaller asking{std::move(client), {}, true, OpUse::store};
  CO_TRY(co_await op_.version(asking));
  OpAccountChoices choices;
  choices.service_account = asking.is_service_account();
  if (choices.service_account) co_return choices;
  CO_TRY(auto known, co_await op_.accounts(asking));
  if (known.empty()) {
    co_return failure(op_error(OpFault::no_account, asking.use, "list the 1Password accounts", {}));
  }
  std::string chosen;
  if (known.size() == 1) {
    chosen = known.front().id;
  } else if (asking.client.has("OP_ACCOUNT")) {
    CO_TRY(chosen, co_await places_.account(asking, {}));
  }
  for (const auto& account : known) {
    choices.accounts.push_back({account.id, printable(account_name(account)), account.id == chosen});
  }
  co_return choices;
}

Task<std::vector<OpVaultChoice>> OpBrowse::vaults(Environment client, std::string account) {
  CO_TRY(const OpCaller asking, co_await caller(std::move(client), std::move(account)));
  CO_TRY(const auto known, co_await op_.vaults(asking));
  if (known.empty()) co_return failure(sees_no_vault(asking.use));
  const auto own = std::count_if(known.begin(), known.end(), is_own_vault);
  std::vector<OpVaultChoice> choices;
  for (const auto& vault : known) {
    const bool taken = known.size() == 1 || (own == 1 && is_own_vault(vault));
    choices.push_back({vault.id, printable(vault.name), taken});
  }
  co_return choices;
}

Task<std::string> OpBrowse::vault_id(const OpCaller& asking, const std::string& vault) {
  if (is_op_id(vault)) co_return vault;
  CO_TRY(auto found, co_await places_.vault(asking, vault));
  co_return found.id;
}

Task<std::vector<OpItemChoice>> OpBrowse::items(Environment client, std::string account, std::string vault) {
  CO_TRY(const OpCaller asking, co_await caller(std::move(client), std::move(account)));
  CO_TRY(const std::string in_vault, co_await vault_id(asking, vault));
  CO_TRY(const auto known, co_await op_.items(asking, in_vault));
  std::vector<OpItemChoice> choices;
  for (const auto& item : known) choices.push_back(choice_of(item));
  std::stable_sort(choices.begin(), choices.end(),
                   [](const OpItemChoice& a, const OpItemChoice& b) { return a.title < b.title; });
  put_usable_first(choices);
  co_return choices;
}

Task<OpItemContents> OpBrowse::item(Environment client, std::string account, std::string vault, std::string item) {
  if (!is_op_id(item))
    co_return failure(Reason::invalid_argument, "'" + printable(item) + "' is not the ID of an item");
  CO_TRY(const OpCaller asking, co_await caller(std::move(client), std::move(account)));
  CO_TRY(const std::string in_vault, co_await vault_id(asking, vault));
  auto found = co_await op_.item(asking, in_vault, item);
  if (!found && found.error().reason == Reason::source_gone) {
    co_return failure(Reason::invalid_argument, "no item " + item + " in that vault", Remedy::list_op_items(in_vault));
  }
  if (!found) co_return failure(std::move(found).error());
  co_return contents_of(*found);
}

}  // namespace jackin::secrets

// SPDX-License-Identifier: Apache-2.0
#include "daemon/secrets/op_places.hpp"

#include <algorithm>
#include <array>

#include "common/nearest.hpp"
#include "common/untrusted_text.hpp"
#include "daemon/secrets/op_reference.hpp"

namespace jackin::secrets {
namespace {

// The values that the user can choose from. A single value is its ID. Several values are names with their IDs, for
// example "Personal (abc…)".
template <typename Value, typename Name>
std::vector<std::string> choices_of(const std::vector<Value>& values, Name name) {
  constexpr std::size_t most = 8;
  if (values.size() == 1) return {values.front().id};
  std::vector<std::string> choices;
  for (std::size_t i = 0; i < std::min(values.size(), most); ++i) {
    choices.push_back(printable(name(values[i]), 60) + " (" + printable(values[i].id, 40) + ")");
  }
  if (values.size() > most) choices.emplace_back("…");
  return choices;
}

// The same in one line.
template <typename Value, typename Name>
std::string listed(const std::vector<Value>& values, Name name) {
  std::string text;
  for (const std::string& choice : choices_of(values, name)) text += (text.empty() ? "" : ", ") + choice;
  return text;
}

// The names in one line, without the text that distinguishes duplicates.
std::string listed_names(const std::vector<std::string>& names) {
  constexpr std::size_t most = 8;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), most); ++i) {
    if (i > 0) text += ", ";
    text += printable(names[i], 60);
  }
  if (names.size() > most) text += ", …";
  return text;
}

std::string vault_name(const OpVault& vault) {
  return vault.name;
}

std::string item_title(const OpItem& item) {
  return item.title;
}

// The entries with that ID, or else those with that name.
template <typename Value, typename Name>
std::vector<Value> named(const std::vector<Value>& values, const std::string& wanted, Name name) {
  std::vector<Value> found;
  std::copy_if(values.begin(), values.end(), std::back_inserter(found),
               [&](const Value& value) { return value.id == wanted; });
  if (!found.empty()) return found;
  std::copy_if(values.begin(), values.end(), std::back_inserter(found),
               [&](const Value& value) { return same_op_name(name(value), wanted); });
  return found;
}

const OpSection* section_of(const OpItem& item, const OpField& field) {
  const auto found = std::find_if(item.sections.begin(), item.sections.end(),
                                  [&](const OpSection& section) { return section.id == field.section; });
  return found == item.sections.end() ? nullptr : &*found;
}

}  // namespace

bool is_own_vault(const OpVault& vault) {
  constexpr std::array<std::string_view, 3> names{"Personal", "Private", "Employee"};
  return std::any_of(names.begin(), names.end(), [&](std::string_view name) { return same_op_name(vault.name, name); });
}

bool may_name(const OpReference& reference, const OpItem& item) {
  const OpVault meant{{}, reference.vault};
  const OpVault vault{item.vault_id, item.vault_name};
  const bool same_vault = reference.vault == vault.id || same_op_name(reference.vault, vault.name) ||
                          (is_own_vault(meant) && is_own_vault(vault));
  return same_vault && (reference.item == item.id || same_op_name(reference.item, item.title));
}

std::string account_name(const OpAccount& account) {
  return account.email.empty() ? account.url : account.email + " at " + account.url;
}

Error sees_no_vault(OpUse use) {
  return {use == OpUse::source ? Reason::source_unreachable : Reason::store_unavailable,
          "this 1Password account has access to no vault",
          Remedy::of(RemedyAction::list_op_vaults).noting("the account needs access to one")};
}

Task<std::string> OpPlaces::account(const OpCaller& caller, const std::string& wanted) {
  if (caller.is_service_account()) {
    if (wanted.empty()) co_return std::string();
    co_return failure(
        Reason::invalid_argument,
        "OP_SERVICE_ACCOUNT_TOKEN is set, so 1Password answers for its account and not for '" + printable(wanted) + "'",
        Remedy::drop_option(RequestOption::op_account).noting("or without OP_SERVICE_ACCOUNT_TOKEN"));
  }
  CO_TRY(auto accounts, co_await op_.accounts(caller));
  if (accounts.empty()) {
    co_return failure(op_error(OpFault::no_account, caller.use, "find the 1Password account", wanted));
  }
  const std::string name = wanted.empty() ? caller.client.value_of("OP_ACCOUNT") : wanted;
  std::vector<OpAccount> found;
  std::copy_if(accounts.begin(), accounts.end(), std::back_inserter(found), [&](const OpAccount& account) {
    return name.empty() || same_op_name(account.id, name) || same_op_name(account.user_id, name) ||
           same_op_name(account.url, name) || account.shorthand == name || same_op_name(account.email, name);
  });
  if (found.size() == 1) co_return found.front().id;
  if (found.empty()) {
    co_return failure(Reason::invalid_argument, "1Password has no account '" + printable(name) + "'",
                      Remedy::change_option(RequestOption::op_account, choices_of(accounts, account_name)));
  }
  co_return failure(Reason::invalid_argument,
                    name.empty() ? "there are several 1Password accounts"
                                 : "several 1Password accounts are called '" + printable(name) + "'",
                    Remedy::change_option(RequestOption::op_account, choices_of(found, account_name)));
}

Task<OpVault> OpPlaces::vault(const OpCaller& caller, const std::string& wanted) {
  CO_TRY(auto vaults, co_await op_.vaults(caller));
  if (vaults.empty()) co_return failure(sees_no_vault(caller.use));
  std::vector<OpVault> found;
  if (!wanted.empty()) {
    found = named(vaults, wanted, vault_name);
  } else if (vaults.size() == 1) {
    found = vaults;
  } else {
    std::copy_if(vaults.begin(), vaults.end(), std::back_inserter(found), is_own_vault);
  }
  if (found.size() == 1) co_return found.front();
  if (found.empty() && !wanted.empty()) {
    // A source's vault was valid when the configuration was written, so a list of other vaults does not help. A user
    // can misspell a vault.
    if (caller.use == OpUse::source) {
      co_return failure(op_error(OpFault::no_vault, caller.use, "find the vault in 1Password", caller.account));
    }
    std::vector<std::string> names;
    for (const OpVault& vault : vaults) names.push_back(vault.name);
    const auto near = nearest(wanted, names);
    const std::string& other = near.empty() ? names.front() : near.front();
    co_return failure(Reason::invalid_argument,
                      "1Password has no vault '" + printable(wanted) + "'. You can use: " + listed_names(names),
                      Remedy::change_option(RequestOption::vault, {other}));
  }
  co_return failure(
      Reason::invalid_argument,
      wanted.empty() ? "there are several 1Password vaults"
                     : "several 1Password vaults are called '" + printable(wanted) + "'",
      Remedy::change_option(RequestOption::vault, choices_of(found.empty() ? vaults : found, vault_name)));
}

Task<bool> OpPlaces::sees_vault(const OpCaller& caller, const std::string& vault) {
  CO_TRY(auto vaults, co_await op_.vaults(caller));
  co_return !named(vaults, vault, vault_name).empty();
}

Task<std::optional<OpItem>> OpPlaces::item_if_there(const OpCaller& caller, const Item& place) {
  auto item = co_await op_.item(caller, place.vault_id, place.item_id);
  if (item) co_return std::optional(std::move(*item));
  if (item.error().reason != Reason::source_gone) co_return failure(std::move(item).error());
  CO_TRY(const bool seen, co_await sees_vault(caller, place.vault_id));
  if (seen) co_return std::optional<OpItem>();
  co_return failure(op_error(OpFault::no_vault, OpUse::source, "look at an item in 1Password", caller.account));
}

Task<OpPlaces::Item> OpPlaces::item(const OpCaller& caller, const OpSource& source) {
  CO_TRY(auto reference, parse_op_reference(source.reference));
  if (reference.is_by_ids()) co_return Item{reference.vault, reference.item};
  auto seen_vault = co_await vault(caller, reference.vault);
  if (!seen_vault) {
    Error error = std::move(seen_vault).error();
    // The user typed the reference.
    if (error.reason == Reason::invalid_argument)
      error.remedy = Remedy::try_again("with one of the vaults in the reference");
    co_return failure(std::move(error));
  }
  const OpVault found_vault = *std::move(seen_vault);
  if (is_op_id(reference.item)) co_return Item{found_vault.id, reference.item};
  CO_TRY(auto items, co_await op_.items(caller, found_vault.id));
  const auto found = named(items, reference.item, item_title);
  if (found.empty()) {
    co_return failure(
        Reason::source_gone,
        "no item '" + printable(reference.item) + "' in the 1Password vault '" + printable(found_vault.name) + "'",
        Remedy::list_op_items(found_vault.id));
  }
  if (found.size() > 1) {
    co_return failure(Reason::invalid_argument,
                      "several items in the vault '" + printable(found_vault.name) + "' are called '" +
                          printable(reference.item) + "'",
                      Remedy::try_again("with the ID of one: " + listed(found, item_title)));
  }
  co_return Item{found_vault.id, found.front().id};
}

Task<OpSource> OpPlaces::with_ids(const OpCaller& caller, const OpSource& named_source) {
  CO_TRY(auto reference, parse_op_reference(named_source.reference));
  if (!reference.query.empty()) {
    co_return failure(Reason::invalid_argument,
                      "'" + printable(named_source.reference) + "' names an attribute, not the field's value",
                      Remedy::try_again("without what follows the question mark"));
  }
  OpCaller asking = caller;
  // A user has just typed the names.
  asking.use = OpUse::store;
  CO_TRY(asking.account, co_await account(asking, named_source.account));
  CO_TRY(auto place, co_await item(asking, named_source));
  CO_TRY(auto whole, co_await op_.item(asking, place.vault_id, place.item_id));
  const auto fields = whole.find_fields(reference.field, reference.section);
  if (fields.size() != 1) {
    co_return failure(
        Reason::invalid_argument,
        "the item '" + printable(whole.title) + "' has " + (fields.empty() ? "no" : "several") + " fields '" +
            printable(reference.field) + "'",
        Remedy::show_op_item(whole.id, whole.vault_id).noting("this shows the sections and fields, and their IDs"));
  }
  CO_TRY(auto by_ids, op_reference_to(whole, fields.front()));
  co_return OpSource{std::move(by_ids), op_path(whole, fields.front()), asking.account};
}

Result<std::string> op_reference_to(const OpItem& item, std::size_t position) {
  const OpField& field = item.fields[position];
  const auto spelled = [](const std::string& id, const std::string& label) {
    return fits_op_reference(id) ? id : fits_op_reference(label) ? label : std::string();
  };
  OpReference reference{item.vault_id, item.id, {}, spelled(field.id, field.label), {}};
  if (!field.section.empty()) {
    const OpSection* section = section_of(item, field);
    reference.section = spelled(field.section, section == nullptr ? std::string() : section->label);
  }
  const bool section_missing = !field.section.empty() && reference.section.empty();
  if (reference.field.empty() || section_missing) {
    return failure(Reason::invalid_argument,
                   "the field '" + printable(field.label) + "' of the item " + item.id +
                       " cannot be named in a reference: its name has characters that 1Password does not take there",
                   Remedy::try_again("when the field is renamed in 1Password, or with another"));
  }
  return reference.str();
}

std::string op_path(const OpItem& item, std::size_t position) {
  const OpField& field = item.fields[position];
  std::string path = item.vault_name + "/" + item.title + "/";
  if (const OpSection* section = section_of(item, field); section != nullptr && !section->label.empty()) {
    path += section->label + "/";
  }
  return printable(path + (field.label.empty() ? field.id : field.label));
}

}  // namespace jackin::secrets

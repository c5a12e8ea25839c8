// SPDX-License-Identifier: Apache-2.0
#include "client/core/place_walk.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

#include "proto/enum_conversion.hpp"

namespace jackin::client {
namespace {

constexpr const char* default_title = "Claude";
constexpr const char* default_field = "credential";

// 1Password's item IDs have this length. The daemon checks the rest.
constexpr std::size_t item_id_length = 26;

bool same_name(const std::string& a, const std::string& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

PlaceOption create_new() {
  return {.kind = PlaceOption::Kind::create};
}

}  // namespace

PlaceWalk::PlaceWalk(v1::StorePlace given) {
  state_.place = std::move(given);
  if (state_.place.store() == v1::SOURCE_KIND_UNSPECIFIED) {
    state_.need = PlaceQuery(v1::ListStoresRequest());
  } else {
    need_account();
  }
}

Result<> PlaceWalk::take(const PlaceListing& listing) {
  const auto* const query = std::get_if<PlaceQuery>(&state_.need);
  if (query == nullptr || query->index() != listing.index()) {
    return failure(Reason::internal, "the listing does not belong to the current step");
  }
  if (const auto* const stores = std::get_if<v1::ListStoresReply>(&listing)) return take_stores(*stores);
  if (const auto* const accounts = std::get_if<v1::OpAccountsReply>(&listing)) take_accounts(*accounts);
  if (const auto* const vaults = std::get_if<v1::OpVaultsReply>(&listing)) take_vaults(*vaults);
  if (const auto* const items = std::get_if<v1::OpItemsReply>(&listing)) take_items(*items);
  if (const auto* const item = std::get_if<v1::OpItemReply>(&listing)) take_item(*item);
  return {};
}

Result<> PlaceWalk::take_stores(const v1::ListStoresReply& reply) {
  PlaceChoice choice{.part = PlacePart::store};
  for (const v1::Store& store : reply.stores()) {
    if (store.is_default() && store.available()) choice.preset = choice.options.size();
    choice.options.push_back({.id = word_of_proto(store.kind()),
                              .store = store.kind(),
                              .name = store.name(),
                              .usable = store.available(),
                              .reason = store.available() ? std::string() : store.message()});
  }
  if (std::none_of(choice.options.begin(), choice.options.end(), [](const PlaceOption& one) { return one.usable; })) {
    return failure(Reason::store_unavailable, "no store can be used now", Remedy::check());
  }
  state_.need = std::move(choice);
  return {};
}

void PlaceWalk::take_accounts(const v1::OpAccountsReply& reply) {
  if (reply.service_account() || reply.accounts().empty()) return need_vault();
  if (reply.accounts_size() == 1) {
    state_.place.set_op_account(reply.accounts(0).id());
    return need_vault();
  }
  PlaceChoice choice{.part = PlacePart::account};
  for (const v1::OpAccount& account : reply.accounts()) {
    if (account.is_default()) choice.preset = choice.options.size();
    choice.options.push_back({.id = account.id(), .name = account.name()});
  }
  state_.need = std::move(choice);
}

void PlaceWalk::take_vaults(const v1::OpVaultsReply& reply) {
  PlaceChoice choice{.part = PlacePart::vault};
  for (const v1::OpVault& vault : reply.vaults()) {
    if (vault.is_default()) choice.preset = choice.options.size();
    choice.options.push_back({.id = vault.id(), .name = vault.name()});
  }
  state_.need = std::move(choice);
}

void PlaceWalk::take_items(const v1::OpItemsReply& reply) {
  if (reply.items().empty()) return need_parts_of_new_item();
  PlaceChoice choice{.part = PlacePart::item};
  for (const v1::OpItemEntry& item : reply.items()) {
    choice.options.push_back({.id = item.id(), .name = item.title(), .usable = item.usable(), .reason = item.reason()});
  }
  choice.options.push_back(create_new());
  choice.preset = choice.options.size() - 1;
  state_.need = std::move(choice);
}

void PlaceWalk::take_item(const v1::OpItemReply& reply) {
  state_.item = reply;
  if (!state_.place.field().empty()) {
    state_.need = PlaceChosen();
  } else if (state_.place.section().empty()) {
    need_section();
  } else {
    const auto& sections = reply.sections();
    const auto named = std::find_if(sections.begin(), sections.end(), [&](const v1::OpSection& section) {
      return section.id() == state_.place.section() || same_name(section.label(), state_.place.section());
    });
    state_.is_new_section = named == sections.end();
    if (!state_.is_new_section) state_.place.set_section(named->id());
    need_field();
  }
}

void PlaceWalk::need_account() {
  if (state_.place.store() != v1::SOURCE_KIND_OP) {
    state_.need = PlaceChosen();
  } else if (state_.place.op_account().empty()) {
    state_.need = PlaceQuery(v1::OpAccountsRequest());
  } else {
    need_vault();
  }
}

void PlaceWalk::need_vault() {
  if (!state_.place.vault().empty()) return need_item();
  v1::OpVaultsRequest request;
  request.set_account(state_.place.op_account());
  state_.need = PlaceQuery(std::move(request));
}

void PlaceWalk::need_item() {
  // A given name is the title of a new item, unless it is an ID.
  const std::string& named = state_.place.item_name();
  if (named.size() == item_id_length) return need_content();
  if (!named.empty()) return need_parts_of_new_item();
  v1::OpItemsRequest request;
  request.set_account(state_.place.op_account());
  request.set_vault(state_.place.vault());
  state_.need = PlaceQuery(std::move(request));
}

void PlaceWalk::need_content() {
  v1::OpItemRequest request;
  request.set_account(state_.place.op_account());
  request.set_vault(state_.place.vault());
  request.set_item(state_.place.item_name());
  state_.need = PlaceQuery(std::move(request));
}

void PlaceWalk::need_parts_of_new_item() {
  if (state_.place.item_name().empty()) {
    state_.need = PlaceName{.part = PlacePart::item, .in_new_item = true, .preset = default_title};
  } else if (state_.place.section().empty()) {
    state_.need = PlaceName{.part = PlacePart::section, .in_new_item = true, .may_be_empty = true};
  } else if (state_.place.field().empty()) {
    state_.need = PlaceName{.part = PlacePart::field, .in_new_item = true, .preset = default_field};
  } else {
    state_.need = PlaceChosen();
  }
}

void PlaceWalk::need_section() {
  PlaceChoice choice{.part = PlacePart::section, .options = {{.kind = PlaceOption::Kind::no_section}}};
  choice.preset = 0;
  choice.item_title = state_.item.item().title();
  for (const v1::OpSection& section : state_.item.sections()) {
    choice.options.push_back({.id = section.id(), .name = section.label().empty() ? section.id() : section.label()});
  }
  choice.options.push_back(create_new());
  state_.need = std::move(choice);
}

void PlaceWalk::need_field() {
  PlaceChoice choice{.part = PlacePart::field};
  choice.item_title = state_.item.item().title();
  for (const v1::OpField& field : state_.item.fields()) {
    if (state_.is_new_section || field.section() != state_.place.section()) continue;
    if (field.usable() && same_name(field.label(), default_field)) choice.preset = choice.options.size();
    choice.options.push_back({.id = field.id(),
                              .name = field.label(),
                              .usable = field.usable(),
                              .reason = field.reason(),
                              .has_value = field.usable() && field.has_value()});
  }
  if (choice.options.empty()) return need_name_of_field();
  choice.options.push_back(create_new());
  if (!choice.preset) choice.preset = choice.options.size() - 1;
  state_.need = std::move(choice);
}

void PlaceWalk::need_name_of_field() {
  const bool is_default_taken = is_taken(PlacePart::field, default_field);
  state_.need = PlaceName{.part = PlacePart::field, .preset = is_default_taken ? std::string() : default_field};
}

bool PlaceWalk::is_taken(PlacePart part, const std::string& name) const {
  if (part == PlacePart::section) {
    const auto& sections = state_.item.sections();
    return std::any_of(sections.begin(), sections.end(), [&](const v1::OpSection& section) {
      return same_name(section.label(), name) || section.id() == name;
    });
  }
  // Without a section, 1Password searches for a name in the whole item.
  const auto& fields = state_.item.fields();
  return std::any_of(fields.begin(), fields.end(), [&](const v1::OpField& field) {
    const bool could_be_meant =
        state_.place.section().empty() || (!state_.is_new_section && field.section() == state_.place.section());
    return could_be_meant && (same_name(field.label(), name) || field.id() == name);
  });
}

bool PlaceWalk::choose(std::size_t option) {
  const auto* const choice = std::get_if<PlaceChoice>(&state_.need);
  if (choice == nullptr || option >= choice->options.size() || !choice->options[option].usable) return false;
  past_.push_back(state_);
  const PlacePart part = choice->part;
  const PlaceOption chosen = choice->options[option];
  switch (part) {
    case PlacePart::store:
      state_.place.set_store(chosen.store);
      need_account();
      break;
    case PlacePart::account:
      state_.place.set_op_account(chosen.id);
      need_vault();
      break;
    case PlacePart::vault:
      state_.place.set_vault(chosen.id);
      need_item();
      break;
    case PlacePart::item:
      state_.place.set_item_name(chosen.id);
      if (chosen.kind == PlaceOption::Kind::create) {
        need_parts_of_new_item();
      } else {
        need_content();
      }
      break;
    case PlacePart::section:
      if (chosen.kind == PlaceOption::Kind::create) {
        state_.need = PlaceName{.part = PlacePart::section};
      } else {
        state_.place.set_section(chosen.id);
        need_field();
      }
      break;
    case PlacePart::field:
      if (chosen.kind == PlaceOption::Kind::create) {
        need_name_of_field();
      } else {
        state_.place.set_field(chosen.id);
        state_.need = PlaceChosen();
      }
      break;
  }
  return true;
}

NameProblem PlaceWalk::name(const std::string& given) {
  const auto* const asked = std::get_if<PlaceName>(&state_.need);
  if (asked == nullptr) return NameProblem::empty;
  const PlaceName wanted = *asked;
  const std::string name = given.empty() ? wanted.preset : given;
  if (name.empty() && !wanted.may_be_empty) return NameProblem::empty;
  if (!wanted.in_new_item && is_taken(wanted.part, name)) return NameProblem::taken;
  past_.push_back(state_);
  if (wanted.part == PlacePart::item) {
    state_.place.set_item_name(name);
    need_parts_of_new_item();
  } else if (wanted.part == PlacePart::section) {
    state_.place.set_section(name);
    state_.is_new_section = !wanted.in_new_item;
    if (!wanted.in_new_item) {
      need_field();
    } else if (state_.place.field().empty()) {
      state_.need = PlaceName{.part = PlacePart::field, .in_new_item = true, .preset = default_field};
    } else {
      state_.need = PlaceChosen();
    }
  } else {
    // The daemon's default for a new item.
    const bool is_default = wanted.in_new_item && name == default_field;
    state_.place.set_field(is_default ? std::string() : name);
    state_.need = PlaceChosen();
  }
  return NameProblem::none;
}

bool PlaceWalk::back() {
  if (past_.empty()) return false;
  state_ = std::move(past_.back());
  past_.pop_back();
  return true;
}

}  // namespace jackin::client

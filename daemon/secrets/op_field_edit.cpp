// SPDX-License-Identifier: Apache-2.0
#include "daemon/secrets/op_field_edit.hpp"

#include <chrono>
#include <utility>

#include "common/untrusted_text.hpp"
#include "daemon/secrets/op_json.hpp"
#include "daemon/secrets/op_rewrite.hpp"
#include "daemon/secrets/op_shape.hpp"

namespace jackin::secrets {

Remedy history_of(const OpTarget& target) {
  return Remedy::show_op_item(target.item_id, target.vault_id, target.account)
      .noting("View Item History in the 1Password app has its earlier values");
}

Error lacks_token(const std::string& item_id) {
  return {Reason::store_failed, "1Password's command-line tool reported that it stored the token in the item " +
                                    printable(item_id) + ", but the item does not contain it"};
}

// Reads the item and writes it as `change(document)` returns it: a Result<std::optional<Secret>>, nothing for no
// change. After a conflict, which is another edit, it reads the item again.
template <typename Change>
Task<OpFieldEdit::Edited> OpFieldEdit::edit(const OpCaller& asking, const OpTarget& target, const Change& change) {
  for (int tried = 1;; ++tried) {
    CO_TRY(auto document, co_await op_.document(asking, target.vault_id, target.item_id));
    CO_TRY(const std::optional<Secret> changed, change(document));
    Edited edited;
    edited.before = std::move(document.item);
    if (!changed) co_return edited;
    auto after = co_await op_.edit(asking, target.vault_id, target.item_id, *changed);
    if (after) {
      edited.after = *std::move(after);
      co_return edited;
    }
    if (after.error().reason != Reason::busy || tried == most_tries) {
      Error error = std::move(after).error();
      if (error.reason == Reason::busy) error.reason = Reason::store_unavailable;
      co_return failure(std::move(error));
    }
    if (!co_await clock_.wait(std::chrono::seconds(tried))) {
      co_return failure(Reason::cancelled, "changing an item in 1Password was cancelled");
    }
  }
}

Task<std::shared_ptr<const Overwritten>> OpFieldEdit::write(const OpCaller& asking, const std::string& operation_id,
                                                            const OpTarget& target, const Secret& token) {
  std::shared_ptr<const Overwritten> overwritten;
  OpCaller careful = asking;
  std::optional<std::size_t> position;
  const auto change = [&](const OpDocument& document) -> Result<std::optional<Secret>> {
    position = field_of(document.item, target.section_id, target.field_id);
    if (position.has_value() == target.new_field) {
      return failure(Reason::store_failed, "the item '" + target.item_title + "' was changed by another program",
                     Remedy::try_again());
    }
    Secret changed;
    if (position) {
      TRY(auto old, op_field_value(document.text.view(), *position, "the item " + target.item_id));
      overwritten = std::make_shared<const Overwritten>(Overwritten{std::move(old), token.digest()});
      careful.tokens = {&token, &overwritten->value};
      TRY(changed, with_field_value(document, *position, token));
    } else {
      TRY(changed, with_new_field(document, new_field_of(target), token));
    }
    overwritten_.insert_or_assign(operation_id, overwritten);
    return std::optional(std::move(changed));
  };
  CO_TRY(const auto edited, co_await edit(careful, target, change));
  const OpItem& item = *edited.after;
  if (!has_value(item, target)) co_return failure(lacks_token(item.id));
  if (!kept_all(edited.before, item, position)) {
    co_return failure(Reason::store_failed, "1Password changed more of the item '" + target.item_title + "' than asked",
                      history_of(target));
  }
  overwritten_.erase(operation_id);
  co_return overwritten;
}

std::shared_ptr<const Overwritten> OpFieldEdit::overwritten_by(const std::string& operation_id) const {
  const auto known = overwritten_.find(operation_id);
  return known == overwritten_.end() ? nullptr : known->second;
}

Task<> OpFieldEdit::undo(const OpCaller& asking, const OpTarget& target,
                         const std::shared_ptr<const Overwritten>& overwritten) {
  if (target.new_field) co_return co_await remove_field(asking, target);
  if (overwritten) {
    CO_TRY(co_await restore_value(asking, target, *overwritten));
    std::erase_if(overwritten_, [&](const auto& known) { return known.second == overwritten; });
    co_return Result<>();
  }
  co_return failure(Reason::not_ours, "the earlier content of '" + target.path() + "' is no longer known to jackind",
                    history_of(target));
}

Task<> OpFieldEdit::remove_field(const OpCaller& asking, const OpTarget& target) {
  const auto change = [&](const OpDocument& document) -> Result<std::optional<Secret>> {
    const auto position = field_of(document.item, target.section_id, target.field_id);
    if (!position) return std::optional<Secret>();
    TRY(auto changed, without_target(document, *position, target));
    return std::optional(std::move(changed));
  };
  CO_TRY(const auto edited, co_await edit(asking, target, change));
  if (!edited.after || !field_of(*edited.after, target.section_id, target.field_id)) co_return Result<>();
  co_return failure(
      Reason::store_failed,
      "1Password's command-line tool reported the removal of '" + target.path() + "', but it still exists",
      Remedy::show_op_item(target.item_id, target.vault_id, target.account)
          .noting("then delete the field in 1Password"));
}

Task<> OpFieldEdit::restore_value(const OpCaller& asking, const OpTarget& target, const Overwritten& overwritten) {
  const auto change = [&](const OpDocument& document) -> Result<std::optional<Secret>> {
    const auto position = field_of(document.item, target.section_id, target.field_id);
    const std::string changed_meanwhile = "'" + target.path() + "' was changed by another program and is kept";
    if (!position) return failure(Reason::not_ours, changed_meanwhile);
    TRY(auto now, op_field_value(document.text.view(), *position, "the item " + target.item_id));
    if (now.same_as(overwritten.value)) return std::optional<Secret>();
    if (!(now.digest() == overwritten.put)) return failure(Reason::not_ours, changed_meanwhile);
    TRY(auto changed, with_field_value(document, *position, overwritten.value));
    return std::optional(std::move(changed));
  };
  CO_TRY(const auto edited, co_await edit(asking, target, change));
  if (!edited.after) co_return Result<>();
  CO_TRY(auto after, co_await op_.document(asking, target.vault_id, target.item_id));
  const auto restored = field_of(after.item, target.section_id, target.field_id);
  if (restored) {
    CO_TRY(auto value, op_field_value(after.text.view(), *restored, "the item " + target.item_id));
    if (value.same_as(overwritten.value)) co_return Result<>();
  }
  co_return failure(Reason::store_failed, "the earlier value of '" + target.path() + "' could not be restored",
                    history_of(target));
}

}  // namespace jackin::secrets

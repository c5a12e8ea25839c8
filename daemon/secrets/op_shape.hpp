// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "daemon/secrets/op_reference.hpp"
#include "daemon/secrets/op_rewrite.hpp"
#include "daemon/secrets/op_target.hpp"
#include "daemon/secrets/op_types.hpp"
#include "daemon/secrets/store.hpp"

namespace jackin::secrets {

// How jackind's tokens lie in 1Password: which item, which field, which tags. Pure; what the store's coroutines have to
// work out is worked out here, also because g++ 12 destroys some temporaries of a coroutine twice.

/// "operation=<id>": by this an item is found again.
std::string operation_tag(const std::string& operation_id);

/// Whether the item has the tags that every item of jackind's has: `jackin` and an operation's.
bool has_our_tags(const OpItem& item);

/// Whether op cannot give the item back without loss: a login, which may have a passkey, or one of a custom category.
bool loses_by_editing(const OpItem& item);

/// The item that the request asks for, made today at the target.
OpNewItem new_item(const PlaceRequest& request, const OpTarget& target, Date today);

/// `target`, whose account and vault are known, with the item that is to be made.
OpTarget target_in_new_item(const PlaceRequest& request, OpTarget target);

/// `target`, whose account and vault are known, with the field in `item` that the request asks for. invalid_argument,
/// with a remedy, when writing there would do harm, or when several fit.
Result<OpTarget> target_in_item(const OpItem& item, const PlaceRequest& request, OpTarget target);

/// `target`, whose account and vault are known, for the successor of the token at `reference` in `item`: in an item of
/// ours a new item like it; in another one the same field. source_gone when that field is not there; those of
/// `target_in_item`.
Result<OpTarget> target_beside(const OpItem& item, const OpReference& reference, const PlaceRequest& request,
                               OpTarget target);

/// The same when the item is gone: a new one with the title that `path` ("Personal/Claude/credential") has.
OpTarget target_like(std::string_view path, const PlaceRequest& request, OpTarget target);

/// The position of exactly that field; nothing when it is not there.
std::optional<std::size_t> field_of(const OpItem& item, const std::string& section_id, const std::string& field_id);

/// Whether the target's field is there with a value.
bool has_value(const OpItem& item, const OpTarget& target);

/// Whether an edit lost nothing: every field of before is there, with a value or without as it was, but for the one at
/// `changed`.
bool kept_all(const OpItem& before, const OpItem& after, std::optional<std::size_t> changed);

/// The target's field as it is made in an item that is there.
OpNewField new_field_of(const OpTarget& target);

/// The document without the target's field, which is at `position`, and without a section that was made for it and has
/// no other. Errors: program_failed.
Result<Secret> without_target(const OpDocument& document, std::size_t position, const OpTarget& target);

}  // namespace jackin::secrets

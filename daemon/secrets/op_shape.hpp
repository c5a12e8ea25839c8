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

// The form of jackind's tokens in 1Password: which item, which field, which tags. Pure functions. The store's
// coroutines call them, also because g++ 12 destroys some temporaries of a coroutine twice.

/// "operation=<id>": identifies the item of an operation.
std::string operation_tag(const std::string& operation_id);

/// Whether the item has the tags of every jackind item: `jackin` and an operation's.
bool has_our_tags(const OpItem& item);

/// Whether jackin itself made the item: it has the tags `jackin` and `workspace=W`, with `global` for the global
/// default, and no operation's. An item of a role has its workspace's tag.
bool is_made_by_jackin(const OpItem& item);
/// The same, and W is the scope's workspace.
bool is_made_by_jackin_for(const OpItem& item, const Scope& scope);

/// Whether an edit with op would lose data: a login, which may have a passkey, or an item of a custom category.
bool loses_by_editing(const OpItem& item);

/// The requested item, created today at the target.
OpNewItem new_item(const PlaceRequest& request, const OpTarget& target, Date today);

/// `target`, whose account and vault are known, completed for a new item.
OpTarget target_in_new_item(const PlaceRequest& request, OpTarget target);

/// `target`, whose account and vault are known, with the requested field in `item`. invalid_argument, with a remedy,
/// when writing there would lose data, or when several fields match.
Result<OpTarget> target_in_item(const OpItem& item, const PlaceRequest& request, OpTarget target);

/// `target`, whose account and vault are known, for the successor of the token at `reference` in `item`: for an item of
/// jackind or of jackin a new item like it; for any other item the same field. Errors: source_gone when that field does
/// not exist; those of `target_in_item`.
Result<OpTarget> target_beside(const OpItem& item, const OpReference& reference, const PlaceRequest& request,
                               OpTarget target);

/// The same when the item is gone: a new one with the title from `path` ("Personal/Claude/credential").
OpTarget target_like(std::string_view path, const PlaceRequest& request, OpTarget target);

/// The position of exactly that field; nothing when it does not exist.
std::optional<std::size_t> field_of(const OpItem& item, const std::string& section_id, const std::string& field_id);

/// Whether the target's field exists and has a value.
bool has_value(const OpItem& item, const OpTarget& target);

/// Whether an edit lost nothing: every earlier field still exists, with or without a value as before, except the one at
/// `changed`.
bool kept_all(const OpItem& before, const OpItem& after, std::optional<std::size_t> changed);

/// The target's field, to be added to an existing item.
OpNewField new_field_of(const OpTarget& target);

/// The document without the target's field, which is at `position`, and without a section that was created for it and
/// has no other field. Errors: program_failed.
Result<Secret> without_target(const OpDocument& document, std::size_t position, const OpTarget& target);

}  // namespace jackin::secrets

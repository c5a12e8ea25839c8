// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "common/error.hpp"
#include "daemon/async/clock.hpp"
#include "daemon/secrets/op_cli.hpp"
#include "daemon/secrets/op_target.hpp"
#include "daemon/secrets/store.hpp"

namespace jackin::secrets {

/// Writes tokens into fields of existing items in 1Password, and undoes that. An edit replaces the whole item: it reads
/// the item and writes it back with one change. Two concurrent edits of an item would undo each other, so the caller
/// excludes them. Targets are those of existing items. Daemon's thread only; `op` and `clock` must outlive it. Errors
/// in addition to those of OpCli: store_unavailable (other edits conflict with each attempt), cancelled.
class OpFieldEdit {
 public:
  /// The number of attempts when op reports a conflict.
  static constexpr int most_tries = 3;

  OpFieldEdit(OpCli& op, Clock& clock) : op_(op), clock_(clock) {}

  /// Puts the token into the target's field, or into a new field. Returns the overwritten value; null for a new field.
  /// Errors: store_failed (the item has changed since the plan, does not contain the token, or lost other data).
  Task<std::shared_ptr<const Overwritten>> write(const OpCaller& asking, const std::string& operation_id,
                                                 const OpTarget& target, const Secret& token);

  /// The value that a failed `write` of the operation may have overwritten; null when there is none or it is not known.
  std::shared_ptr<const Overwritten> overwritten_by(const std::string& operation_id) const;

  /// Removes a field that `write` has created, or restores the overwritten value. Errors: not_ours (the field was
  /// changed since, or the value is not known), store_failed.
  Task<> undo(const OpCaller& asking, const OpTarget& target, const std::shared_ptr<const Overwritten>& overwritten);

 private:
  struct Edited {
    OpItem before;
    std::optional<OpItem> after;  // nothing: no change was needed
  };

  template <typename Change>
  Task<Edited> edit(const OpCaller& asking, const OpTarget& target, const Change& change);
  Task<> remove_field(const OpCaller& asking, const OpTarget& target);
  Task<> restore_value(const OpCaller& asking, const OpTarget& target, const Overwritten& overwritten);

  OpCli& op_;
  Clock& clock_;
  // For each operation, the value that a failed write may have overwritten. Kept until it is put back: that can fail
  // and be retried.
  std::map<std::string, std::shared_ptr<const Overwritten>, std::less<>> overwritten_;
};

/// Where the user finds a field's earlier values.
Remedy history_of(const OpTarget& target);

/// The error for an item that does not contain the token, although op reported success.
Error lacks_token(const std::string& item_id);

}  // namespace jackin::secrets

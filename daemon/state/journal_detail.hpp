// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/dates.hpp"
#include "common/fingerprint.hpp"
#include "common/remedy.hpp"
#include "common/result.hpp"
#include "common/scope.hpp"
#include "common/source_kind.hpp"

namespace jackin::state {

/// The data of an operation in the journal: everything that is needed to finish or undo it after a crash. References
/// and a fingerprint, never a token. Each step adds data.
struct JournalDetail {
  std::string config_folder;        ///< The configuration folder of the operation (`is_about`).
  std::optional<SourceKind> store;  ///< Nothing when nothing is stored.
  std::string place_key;            ///< `secrets::Place::key`
  std::string reference;  ///< `recorded_reference` of the token's present or planned place; empty before that is known.
  std::string place;      ///< The same, for display to the user.
  std::optional<Fingerprint> fingerprint;
  std::optional<Date> expires_on;
  bool replaces = false;      ///< The place holds the old token, which is overwritten.
  bool minted = false;        ///< The operation created and stored the token, so it may delete it; false: adopted.
  bool expiry_known = false;  ///< claude reported how long the created token is valid.
  std::string organization;   ///< The API's; may be empty.
  /// Further scopes of the operation, in order.
  std::vector<Scope> others;
  std::string old_reference;  ///< `recorded_reference` of the source before; empty when there was none.
  std::string old_account;    ///< Which 1Password account that reference belongs to; may be empty.
  std::optional<Fingerprint> old_fingerprint;
  std::string old_place;       ///< The previous source, for display to the user.
  bool delete_old = false;     ///< The old stored token is to be deleted at the end.
  bool even_not_ours = false;  ///< `delete_old` holds also for an item that jackind did not create.
  bool slots_done = false;     ///< The configuration is up to date; a later change belongs to another operation.
  bool keep = false;           ///< The stored token is kept even when no slot could be written to name it.
  std::string account;         ///< Which 1Password account `reference` belongs to; may be empty.
  std::string workdir;         ///< The folder of a workspace that the operation was to create; else empty.
  Remedy remedy;               ///< Of a stuck operation: how to repair it; of a kept token: how to configure it.

  /// Whether the expiry was calculated from the day of creation.
  bool expiry_estimated() const { return minted && !expiry_known; }

  friend bool operator==(const JournalDetail&, const JournalDetail&) = default;
};

/// Converts to JSON and back. Unreadable text gives nothing.
std::string to_json(const JournalDetail& detail);
std::optional<JournalDetail> journal_detail_from(std::string_view json);

/// Whether an operation names `config_dir` as its configuration, or none.
bool names_folder(const JournalDetail& detail, const std::filesystem::path& config_dir);

/// Whether an operation belongs to the configuration in `config_dir`, by that name or by another path to the same
/// folder. Entries of older jackind versions name none and belong to any. Errors: io_failed, permission_denied, when
/// that cannot be determined now. Blocking.
Result<bool> is_about(const JournalDetail& detail, const std::filesystem::path& config_dir);

}  // namespace jackin::state

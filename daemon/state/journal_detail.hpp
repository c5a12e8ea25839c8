// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/dates.hpp"
#include "common/fingerprint.hpp"
#include "common/scope.hpp"

namespace jackin::state {

/// What an operation works on, as the journal keeps it: all that is needed to finish or to undo it after a crash.
/// References and a fingerprint, never a token. Grows from step to step.
struct JournalDetail {
  std::string config_folder;  ///< The configuration that the operation is about (`is_about`).
  std::string store;          ///< `secrets::Store::kind`; empty when nothing is stored.
  std::string place_key;      ///< `secrets::Place::key`
  std::string reference;      ///< `recorded_reference` of where the token is or shall be; empty before that is known.
  std::string place;          ///< The same for people.
  std::optional<Fingerprint> fingerprint;
  std::optional<Date> expires_on;
  bool replaces = false;      ///< The place is where the old token stands, which is written over.
  bool minted = false;        ///< Minted and stored by the operation, so its to delete; else adopted.
  bool expiry_known = false;  ///< claude said how long the minted token is valid.
  std::string organization;   ///< The API's; may be empty.
  /// Further scopes that the operation is about, in their order.
  std::vector<Scope> others;
  std::string old_reference;  ///< `recorded_reference` of the source before; empty when there was none.
  std::string old_account;    ///< Which 1Password account that reference belongs to; may be empty.
  std::optional<Fingerprint> old_fingerprint;
  std::string old_place;       ///< The source before, for people.
  bool delete_old = false;     ///< What is stored there is to be deleted at the end.
  bool even_not_ours = false;  ///< Also when jackind did not make it.
  bool slots_done = false;     ///< The configuration says what it shall; what comes later is another's to decide.
  bool keep = false;           ///< What is stored stays also when no slot could be made to name it.
  std::string account;         ///< Which 1Password account `reference` belongs to; may be empty.
  std::string workdir;         ///< The folder of a workspace that the operation was to make; else empty.
  std::string remedy;          ///< Of a stuck operation: what mends it; of a kept token: what wires it.

  /// Whether the expiry was reckoned from the day of minting.
  bool expiry_estimated() const { return minted && !expiry_known; }

  friend bool operator==(const JournalDetail&, const JournalDetail&) = default;
};

/// As JSON, and back. What cannot be read is nothing.
std::string to_json(const JournalDetail& detail);
std::optional<JournalDetail> journal_detail_from(std::string_view json);

/// Whether an operation belongs to the configuration in `config_dir`, by that name or by another way to the same
/// folder. What an older jackind has entered names none and belongs to any. Blocking.
bool is_about(const JournalDetail& detail, const std::filesystem::path& config_dir);

}  // namespace jackin::state

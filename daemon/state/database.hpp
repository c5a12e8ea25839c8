// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "common/dates.hpp"
#include "common/fingerprint.hpp"
#include "common/operation.hpp"
#include "common/result.hpp"
#include "common/scope.hpp"
#include "common/source_kind.hpp"
#include "common/verdict.hpp"

namespace SQLite {
class Database;
}

namespace jackin::state {

/// A token as it was recorded when it was created or adopted: the newest one of a scope.
struct TokenRecord {
  Scope scope;
  std::string reference;  ///< `recorded_reference` of its source.
  Fingerprint fingerprint;
  std::optional<Date> expires_on;
  bool expiry_estimated = false;  ///< Calculated from the day of creation.
  bool minted_by_us = false;
  std::string organization;  ///< `anthropic-organization-id`; empty when not known.
  Moment recorded_at{};
};

/// The result of a scope's last check. Valid only while the slot's content is the one that was checked.
struct HealthRecord {
  Scope scope;
  std::string slot_key;  ///< `config::EffectiveAuth::key` at the time.
  SourceState source = SourceState::unreachable;
  std::optional<ApiAnswer> upstream;  ///< Nothing when the API was never asked.
  std::string detail;                 ///< One printable sentence about the problem; may be empty.
  std::optional<Fingerprint> fingerprint;
  Moment checked_at{};
  std::optional<Moment> upstream_at;  ///< When the API last answered valid or rejected.
  std::optional<Date> expires_on;     ///< The store's own expiry date of the item; nothing when the store has none.
};

/// A change of a slot's health.
struct HistoryRecord {
  std::string slot_key;
  Verdict verdict = Verdict::unchecked;  ///< From this moment on.
  std::string summary;
  Moment at{};
};

/// An operation that has begun.
struct OperationRecord {
  std::string id;                     ///< 26 characters of base32, unique.
  std::optional<OperationKind> kind;  ///< Nothing for a kind that this version does not know.
  Scope scope;
  std::optional<Step> step;        ///< The last step begun; nothing for one that this version does not know.
  std::string detail;              ///< What the step works on, as JSON; references and fingerprints, never a token.
  std::optional<Outcome> outcome;  ///< Nothing while open.
  Moment begun_at{};
  Moment changed_at{};
};

/// A token that a launched process received.
struct HandoutRecord {
  Scope scope;
  Fingerprint fingerprint;
  std::int32_t pid = 0;
  std::uint64_t start_time = 0;
  std::string command;
  Moment at{};
  bool elsewhere = false;  ///< Belongs to another configuration folder, where `scope` is another scope. Read only.
};

/// A stored token that a revocation removed from the configuration and did not delete.
struct RemainingItem {
  Scope scope;                             ///< The scope whose configuration named it.
  std::string reference;                   ///< `secrets::reference_of`; changes together with that of a TokenRecord.
  std::string account;                     ///< Which 1Password account the reference belongs to; may be empty.
  SourceKind store = SourceKind::file;     ///< The store that holds it.
  std::string place;                       ///< For display to the user.
  std::optional<Fingerprint> fingerprint;  ///< The token's fingerprint, where known.
  Moment revoked_at{};

  friend bool operator==(const RemainingItem&, const RemainingItem&) = default;
};

/// A token that an operation created and that is no longer stored anywhere; it stays valid at Anthropic.
struct DiscardedToken {
  Fingerprint fingerprint;
  std::optional<OperationKind> kind;  ///< As in OperationRecord.
  Scope scope;                        ///< The scope that it was created for.
  std::optional<Date> expires_on;
  Moment at{};
  std::string config_folder{};  ///< The configuration folder of `scope`; empty: this daemon's. Set only on reading.

  friend bool operator==(const DiscardedToken&, const DiscardedToken&) = default;
};

/// An event of a token that the daemon reported to the user, or that no longer needs a notification.
struct NotifiedRecord {
  Fingerprint fingerprint;
  TokenNews event = TokenNews::thirty_days;
  Moment at{};

  friend bool operator==(const NotifiedRecord&, const NotifiedRecord&) = default;
};

/// A stored token that was moved to another place.
struct RelocatedSource {
  std::string operation;      ///< The operation that moves it; its own entry stays unchanged.
  std::string old_reference;  ///< `secrets::reference_of`
  std::string reference;
  std::string old_place_key;  ///< `secrets::Place::key`
  std::string place_key;
  std::vector<std::string> old_slot_keys;  ///< `config::content_key` of a slot that named the old place.
  std::string slot_key;                    ///< The same for the new place.
  std::vector<Scope> scopes;               ///< The scopes whose launch would use the token at the new place.
};

/// A recorded kind for a message: "setup"; "operation" for one that this version does not know.
std::string name_of(std::optional<OperationKind> kind);

/// How many NotifiedRecords are kept; the oldest are deleted first.
inline constexpr int notified_limit = 5000;

struct Connection;

/// The state database (SQLite), as the daemon of one configuration folder uses it. A record of a scope applies to that
/// folder alone: another folder can have a scope of the same name. Records of earlier versions name no folder and apply
/// to each, until a record of the same scope replaces them.
///
/// When the open file is removed, the next call writes it again from the open database. When another file replaces it,
/// calls fail until the daemon restarts. Every call blocks on the disk: run it in the pool. Thread-safe (calls are
/// serialised). Errors: disk_full, permission_denied, io_failed. A damaged file is io_failed with its path and a
/// remedy.
class Database {
 public:
  /// Opens or creates the file (0600, in a private folder) and migrates its tables to this version. Links in the path
  /// to the folder are followed; the folder and the file may not be links. A file of a newer version is rejected with
  /// unsupported and left unchanged. `config_dir` is the configuration folder; it need not exist, and links in it are
  /// followed. Creates missing folders above the file, but never `home`. Waits for the configuration folder for at most
  /// `limit`. If it does not answer, opens only when the daemon has worked with it by this name before; else
  /// config_unreadable.
  static Result<std::unique_ptr<Database>> open(const std::filesystem::path& path,
                                                const std::filesystem::path& config_dir,
                                                const std::filesystem::path& home = {},
                                                std::chrono::milliseconds limit = std::chrono::seconds(2));
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// Writes a removed file again without waiting for the next record.
  Result<> keep_in_place();
  /// How often a removed file was written again since the database was opened.
  int times_put_back() const;

  /// When the call returns the record is on the disk (fsync): a journal entry is written before the action that it
  /// announces.
  Result<> begin_operation(const OperationRecord& operation);
  Result<> enter_step(const std::string& id, Step step, const std::string& detail, Moment at);
  Result<> end_operation(const std::string& id, Outcome outcome, Moment at);
  /// The operations without an outcome, and those that are stuck or kept, oldest first.
  Result<std::vector<OperationRecord>> unfinished_operations();
  /// All steps of an operation, in order, with their details. Without those that this version does not know.
  Result<std::vector<std::pair<Step, std::string>>> steps_of(const std::string& id);

  Result<> put_token(const TokenRecord& record);
  Result<std::vector<TokenRecord>> tokens();
  Result<> erase_token(const Scope& scope);

  Result<> put_health(const HealthRecord& record);
  Result<std::vector<HealthRecord>> health();
  Result<> erase_health(const Scope& scope);

  /// Keeps the newest 50 of a slot, and 5000 in all.
  Result<> add_history(const HistoryRecord& record);
  /// Of one slot, the newest first.
  Result<std::vector<HistoryRecord>> history(const std::string& slot_key);

  /// After an error the record stays in memory and counts in `handouts`. The next call, `write_pending_handouts` or the
  /// closing of the database writes it.
  Result<> add_handout(const HandoutRecord& record);
  /// Only keeps the record in memory, which blocks on nothing.
  void keep_handout(const HandoutRecord& record);
  Result<> write_pending_handouts();
  /// The records on the disk and in memory. When the disk cannot be read, only those in memory, if any.
  Result<std::vector<HandoutRecord>> handouts();

  /// The other configuration folders that this database was opened with, for at least 400 days; they need not exist.
  /// The same folder can appear under several names.
  Result<std::vector<std::string>> other_folders();

  /// Stores each item once per scope. Stores all of `items` or none.
  Result<> put_remaining(const std::vector<RemainingItem>& items);
  /// In the order in which they were stored.
  Result<std::vector<RemainingItem>> remaining();
  /// The item was deleted: removes it from every scope in every configuration folder.
  Result<> erase_remaining(const std::string& reference, const std::string& account);

  /// Stores each token once.
  Result<> put_discarded(const DiscardedToken& token);
  /// The tokens of every configuration folder, in the order in which they were stored. Marks them as listed.
  Result<std::vector<DiscardedToken>> discarded();
  /// Deletes those that were listed. A token that the user has not seen stays.
  Result<> forget_discarded();

  /// Deletes records from before `limit`: handouts, remaining items of revocations, discarded tokens, other
  /// configuration folders, and ended operations (never one that is stuck or kept).
  Result<> forget_before(Moment limit);

  /// Stores each event once per token; marking it again keeps its first moment. Stores all of `records` or none.
  Result<> mark_notified(const std::vector<NotifiedRecord>& records);
  /// In the order in which they were marked.
  Result<std::vector<NotifiedRecord>> notified();

  /// In one transaction: the records of `scopes`, the history, and the open operations name the new place instead of
  /// the old one.
  Result<> relocate(const RelocatedSource& moved);

 private:
  Database(std::unique_ptr<Connection> connection, std::string folder);
  std::vector<HandoutRecord> kept_handouts();
  void enter_folder(SQLite::Database& sqlite);
  void adopt(SQLite::Database& sqlite, const std::string& spelling);

  std::unique_ptr<Connection> connection_;
  std::string folder_;
  std::mutex writing_mutex_;                     // for kept handouts; locked before the other two
  std::mutex kept_mutex_;                        // never held during a blocking call
  std::vector<HandoutRecord> pending_handouts_;  // that could not be written yet
};

}  // namespace jackin::state

#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "common/secret.hpp"
#include "daemon/config/writer.hpp"
#include "daemon/health/upstream.hpp"
#include "daemon/lifecycle/journal.hpp"
#include "daemon/lifecycle/operations.hpp"
#include "daemon/lifecycle/place_choice.hpp"
#include "daemon/lifecycle/setup.hpp"
#include "daemon/mint/claude_program.hpp"
#include "daemon/secrets/store.hpp"

namespace jackin::lifecycle {

/// The steps of one setup, which Setup::run puts in their order. Knows what has been done so far, so that `close` can
/// take back what must not stay. Made for one run; daemon's thread.
class SetupSteps {
 public:
  /// All must outlive the steps.
  SetupSteps(Parts& parts, const SetupRequest& request, Person& person, Operations::Lease& lease);

  /// The scope's own layer holds no token, and the workspace exists or is to be made. Errors: slot_exists,
  /// unknown_workspace, config_invalid, config_unreadable.
  Result<> expect_empty_slot();

  /// Opens the journal's entry.
  Task<> begin();

  /// How it will be written down and where it will be kept. Nothing is stored.
  Task<> choose_place();
  Task<> locate_claude();
  /// From here on the operation runs to its end.
  Task<> mint();

  /// Reads what is to be adopted. Errors: those of its source; token_malformed.
  Task<> resolve_adopted();

  /// Asks the API, unless told not to. Errors: token_rejected; token_malformed when only the API could have said that
  /// this is a token, and it has not.
  Task<> verify();

  /// Stores the token and compares what comes back; when that fails, in another store that the person chooses.
  Task<> keep();

  Task<> wire();
  asio::awaitable<void> record();
  TokenReport report() const;

  /// Closes the journal's entry. After a failure: takes back what was stored; what cannot be is left to doctor, and the
  /// person told.
  asio::awaitable<void> close(bool succeeded);

 private:
  void enter(const std::string& step, const std::string& detail);
  /// The same, in the journal as well, before anything is done.
  Task<> announce(const std::string& step, const std::string& detail);
  Task<> plan_in(secrets::Store& store);
  Task<> store_and_read_back();
  asio::awaitable<void> take_back();
  asio::awaitable<void> leave_to_doctor();
  Task<secrets::Store*> ask_for_another_store(const Error& error);
  asio::awaitable<void> run_to_the_end();

  Parts& parts_;
  const SetupRequest& request_;
  Person& person_;
  Operations::Lease& lease_;
  Journal journal_;
  std::string journal_id_;
  state::JournalDetail detail_;
  bool is_stuck_ = false;  // something may be left behind that could not be taken back

  config::AuthKeys before_;
  std::optional<std::filesystem::path> create_for_;
  StyleChoice style_;
  secrets::Store* wished_for_ = nullptr;  // the store that the person's wish is about
  secrets::Store* store_ = nullptr;
  secrets::Place place_;
  mint::ClaudeProgram claude_;
  Secret token_;
  bool known_shape_ = false;
  health::UpstreamAnswer upstream_;
  std::optional<Date> expires_on_;
  std::optional<secrets::StoredItem> stored_;  // ours to take back, until the slot is written
  std::optional<secrets::CredentialSource> source_;
  std::string stored_in_;
  config::WrittenSlot written_;
};

}  // namespace jackin::lifecycle

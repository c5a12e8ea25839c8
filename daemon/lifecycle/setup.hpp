#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "common/dates.hpp"
#include "common/environment.hpp"
#include "common/fingerprint.hpp"
#include "common/scope.hpp"
#include "daemon/lifecycle/parts.hpp"
#include "daemon/lifecycle/person.hpp"
#include "daemon/platform/process.hpp"

namespace jackin::lifecycle {

/// Where the token shall be kept, as the person said it; empty means the default.
struct PlaceWish {
  std::string store;
  std::string vault;
  std::string item_name;
  std::string field;
  std::string section;
  std::string op_account;
};

struct SetupRequest {
  Scope scope;
  Environment client;  ///< The asking client's environment, already reduced.
  std::string claude;  ///< Which program; empty: "claude" on the client's PATH.
  PlaceWish place;
  std::string reuse;         ///< A reference to adopt; then nothing is minted or stored.
  bool plain = false;        ///< Keep the token in the configuration file itself.
  bool verify = true;        ///< Ask the API.
  bool create = false;       ///< Make the workspace's file when there is none.
  std::string workdir;       ///< For `create`; absolute.
  ProcessIdentity asked_by;  ///< For the log and for BUSY.
};

struct SetupReport {
  Scope scope;
  std::string store;      ///< `secrets::kind_of`
  std::string reference;  ///< `secrets::reference_of`
  std::string stored_in;  ///< For people.
  Fingerprint fingerprint;
  std::optional<Date> expires_on;
  std::optional<int> days_left;
  bool expiry_estimated = false;
  std::string claude_version;
  std::string slot_file;  ///< Relative to the configuration folder.
  std::string slot;       ///< "[claude] oauth_token"
  bool created = false;
  bool deleted_old = false;
  std::vector<ProcessIdentity> old_holders;
};

/// Gives a scope its token: mints or adopts it, keeps it, reads it back, wires it. Until the slot is written nothing of
/// the person's has changed; what was stored and not wired is deleted again. Daemon's thread; one at a time per scope
/// and per stored item (busy). Once the token is captured the operation runs to its end whatever the client does.
class Setup {
 public:
  explicit Setup(Parts& parts) : parts_(parts) {}

  /// Errors: busy, slot_exists (remedy: rotate), unknown_workspace, invalid_argument, those of minting, of the store
  /// and of the configuration, read_back_mismatch, token_rejected, cancelled.
  Task<SetupReport> run(SetupRequest request, Person& person);

 private:
  Parts& parts_;
};

}  // namespace jackin::lifecycle

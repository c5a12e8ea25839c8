// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/environment.hpp"
#include "daemon/async/clock.hpp"
#include "daemon/async/pool.hpp"
#include "daemon/lifecycle/token_request.hpp"
#include "daemon/process/program_runner.hpp"
#include "daemon/secrets/credential_source.hpp"
#include "daemon/secrets/resolver.hpp"
#include "daemon/secrets/store.hpp"
#include "tests/integration/faults/fault_injector.hpp"
#include "tests/support/sandbox.hpp"

namespace jackin::faults {

using test::Sandbox;

/// An item of a store, read without the daemon.
struct StoredItem {
  std::string id;         ///< For a search: an item's id, a file's path below the home folder.
  std::string operation;  ///< The id of the operation that made it; empty: jackind did not.
  std::string bytes;      ///< The complete item, in one form.
  friend bool operator==(const StoredItem&, const StoredItem&) = default;
};

/// The fault of a call of a store, or of a store's program.
struct CallFault {
  std::string name;               ///< "OfflineFromThenOn": part of a test's name.
  std::string how;                ///< The fault as the fixture understands it.
  bool lasting = false;           ///< Every later call as well, until the daemon is started again.
  bool without_the_call = false;  ///< It does nothing …
  bool too_slow = false;          ///< … or does its work, and does not end in time.
};

/// The parts from which a daemon's stores and sources are made.
struct StoreSetup {
  Sandbox& sandbox;
  ProgramRunner& programs;
  Clock& clock;
  async::Pool& pool;
  Environment environment;
  bool attended = true;
  /// Runs a function on the daemon's thread and waits for its end. For every other thread.
  std::function<void(const std::function<void()>&)> on_daemons_thread{};
  /// While it is not zero, the clock does not advance by itself.
  std::atomic<int>& running;
  std::vector<std::unique_ptr<secrets::Store>> stores{};
  std::vector<std::unique_ptr<secrets::SourceResolver>> resolvers{};
};

/// A store of tokens, and the items of other programs in it: everything that the fault table needs from a kind of
/// store. The state is in the home folder, and is copied with it.
class StoreFixture {
 public:
  virtual ~StoreFixture() = default;

  /// The value of `--store`.
  virtual SourceKind kind() const = 0;

  /// The state before jackind ever ran. `adoptable` is a token of the user in it.
  virtual void make(Sandbox& sandbox, std::string_view adoptable) = 0;

  /// For a store that keeps its items elsewhere: restores it from the home folder, and saves it into the home folder.
  /// Each in a process that is not forked afterwards.
  virtual void restore_store(const Sandbox&) {}
  virtual void save_store(const Sandbox&) {}

  /// Whether the table tests the faults of this point for this store as well.
  virtual bool looks_at(const Point&) const { return true; }

  /// Adds the stores and the resolvers that are optional (those for files, literals, variables and commands always
  /// exist). The daemon owns them. The objects that they share exist as long as the returned value.
  virtual std::shared_ptr<void> add_stores(StoreSetup& setup) = 0;

  /// Every item, ordered by id.
  virtual std::vector<StoredItem> stored_items(const Sandbox& sandbox) const = 0;
  /// Whether a slot with this source uses that item.
  virtual bool uses(const Sandbox& sandbox, const secrets::CredentialSource& source,
                    const StoredItem& stored_item) const = 0;
  /// The value that a source names; nothing when there is none.
  virtual std::optional<std::string> value(const Sandbox& sandbox, const secrets::CredentialSource& source) const = 0;
  /// An item's content without the value that `source` names, and without the parts that change with every write.
  virtual std::string without(const Sandbox& sandbox, const StoredItem& stored_item,
                              const secrets::CredentialSource& source) const = 0;

  /// Whether this file below the home folder belongs to the store, and so may hold tokens.
  virtual bool is_store(const std::filesystem::path& below_home) const = 0;

  /// The token of the user in the store, as a value for `--reuse`.
  virtual std::string adoptable() const = 0;
  /// Places in an item of the user, an existing field and a new one; nothing when the store has no such item.
  virtual std::optional<lifecycle::PlaceRequest> existing_field() const { return std::nullopt; }
  virtual std::optional<lifecycle::PlaceRequest> new_field() const { return std::nullopt; }

  /// The faults of a call, by its label ("op item create").
  virtual std::vector<CallFault> faults_of(const std::string& call) const = 0;
  /// From now on calls have this fault; nullptr: none.
  virtual void set_fault(const Sandbox& sandbox, const CallFault* fault) = 0;
};

std::unique_ptr<StoreFixture> file_fixture();
std::unique_ptr<StoreFixture> op_fixture();
std::unique_ptr<StoreFixture> keychain_fixture();
std::unique_ptr<StoreFixture> secret_service_fixture();

}  // namespace jackin::faults

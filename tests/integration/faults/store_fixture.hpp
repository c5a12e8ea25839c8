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
#include "tests/integration/faults/home.hpp"

namespace jackin::faults {

/// Something that is kept in a store, looked at past the daemon.
struct StoredItem {
  std::string id;         ///< What a user would look for: an item's id, a file's path below the home folder.
  std::string operation;  ///< The id of the operation that made it; empty: jackind did not.
  std::string bytes;      ///< All of it, in one spelling.
  friend bool operator==(const StoredItem&, const StoredItem&) = default;
};

/// How a call of a store, or of a store's program, goes wrong.
struct CallFault {
  std::string name;               ///< "OfflineFromThenOn": part of a test's name.
  std::string how;                ///< What the world makes of it.
  bool lasting = false;           ///< Every later call as well, until the daemon is started again.
  bool without_the_call = false;  ///< It does nothing …
  bool too_slow = false;          ///< … or does it, and does not end in time.
};

/// What a daemon's stores and sources are made from.
struct StoreSetup {
  Home& home;
  ProgramRunner& programs;
  Clock& clock;
  async::Pool& pool;
  Environment environment;
  bool attended = true;
  /// Runs something on the daemon's thread and waits for its end. For every other thread.
  std::function<void(const std::function<void()>&)> on_daemons_thread{};
  /// While it is not zero, no time passes by itself.
  std::atomic<int>& running;
  std::vector<std::unique_ptr<secrets::Store>> stores{};
  std::vector<std::unique_ptr<secrets::SourceResolver>> resolvers{};
};

/// Where tokens are kept, and what there is of other people's: everything that the table must know of a kind of store.
/// The state is in the home folder, and with it copied.
class StoreFixture {
 public:
  virtual ~StoreFixture() = default;

  /// As `--store` takes it.
  virtual std::string kind() const = 0;

  /// What is there before jackind ever ran. `adoptable` is a token that somebody keeps there.
  virtual void make(Home& home, std::string_view adoptable) = 0;

  /// For a store that keeps its things elsewhere: makes it as the home folder says, and writes into the home folder how
  /// it is. Each in a process that is not forked afterwards.
  virtual void restore_store(const Home&) {}
  virtual void save_store(const Home&) {}

  /// Whether the table has what can go wrong at this point in this world as well.
  virtual bool looks_at(const Point&) const { return true; }

  /// Adds the stores and the resolvers that are not always there (files, literals, variables and commands are). Kept by
  /// the daemon; what they share lives as long as the returned value.
  virtual std::shared_ptr<void> add_stores(StoreSetup& setup) = 0;

  /// Everything that is kept, in the order of their ids.
  virtual std::vector<StoredItem> stored_items(const Home& home) const = 0;
  /// Whether a slot with this source uses that thing.
  virtual bool uses(const Home& home, const secrets::CredentialSource& source, const StoredItem& stored_item) const = 0;
  /// The value that a source names; nothing when there is none.
  virtual std::optional<std::string> value(const Home& home, const secrets::CredentialSource& source) const = 0;
  /// A thing's bytes without the value that `source` names, and without what changes with every writing.
  virtual std::string without(const Home& home, const StoredItem& stored_item,
                              const secrets::CredentialSource& source) const = 0;

  /// Files below the home folder that may hold tokens, because they are the store.
  virtual bool is_store(const std::filesystem::path& below_home) const = 0;

  /// The token that somebody keeps there, as `--reuse` takes it.
  virtual std::string adoptable() const = 0;
  /// Places in an item of somebody's, an existing field and a new one; nothing when there is no such thing.
  virtual std::optional<lifecycle::PlaceRequest> existing_field() const { return std::nullopt; }
  virtual std::optional<lifecycle::PlaceRequest> new_field() const { return std::nullopt; }

  /// How a call can go wrong, by its label ("op item create").
  virtual std::vector<CallFault> faults_of(const std::string& call) const = 0;
  /// From now on calls go wrong in this way; nullptr: they go right.
  virtual void set_fault(const Home& home, const CallFault* fault) = 0;
};

std::unique_ptr<StoreFixture> file_fixture();
std::unique_ptr<StoreFixture> op_fixture();
std::unique_ptr<StoreFixture> keychain_fixture();
std::unique_ptr<StoreFixture> secret_service_fixture();

}  // namespace jackin::faults

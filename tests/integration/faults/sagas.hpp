// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/async/task.hpp"
#include "daemon/lifecycle/user_interaction.hpp"
#include "daemon/secrets/credential_source.hpp"
#include "tests/integration/faults/daemon_instance.hpp"

namespace jackin::faults {

/// An operation, and the state before it. Every home has two workspaces: `my-app`, which the operation changes, and
/// `other`, whose own token jackind made.
class Saga {
 public:
  explicit Saga(std::string name) : name_(std::move(name)) {}
  virtual ~Saga() = default;

  const std::string& name() const { return name_; }

  /// Makes the required state: runs operations, writes configuration.
  virtual void prepare(Sandbox&, StoreFixture&) const {}
  /// Changes the daemon's settings.
  virtual void configure(config::Settings&) const {}
  /// The user's answer to the first question; nothing: the user cancels, as for every other question.
  virtual std::optional<lifecycle::ChoiceKey> answer() const { return std::nullopt; }

  /// Another operation with the same result as that answer.
  virtual std::unique_ptr<Saga> otherwise() const { return nullptr; }

  /// Runs it.
  virtual Task<> run(DaemonInstance& daemon) const = 0;

  /// The value of the user that the operation overwrites.
  virtual std::optional<secrets::CredentialSource> writes_into() const { return std::nullopt; }
  /// The operation, of several, that changes this file of the configuration: each is done completely or not at all.
  virtual std::string operation_on(const std::string&) const { return {}; }
  /// The token itself is in the configuration.
  virtual bool is_plain() const { return false; }
  /// The item of the old token stays, although no slot uses it.
  virtual bool leaves_old() const { return false; }

 private:
  std::string name_;
};

/// The state before jackind's own work: files only.
void make_home(Sandbox& sandbox, StoreFixture& fixture);
/// Then jackind's work: the common state, and that of `prepare`. Starts threads.
void prepare_home(Sandbox& sandbox, StoreFixture& fixture, const Saga& saga);

/// All operations for a store.
std::vector<std::unique_ptr<Saga>> sagas(const StoreFixture& fixture);

}  // namespace jackin::faults

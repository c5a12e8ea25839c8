// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/async/task.hpp"
#include "daemon/secrets/credential_source.hpp"
#include "tests/integration/faults/daemon_instance.hpp"

namespace jackin::faults {

/// An operation, and what stands before it begins. In every home there are the workspaces `my-app`, which it is about,
/// and `other`, which jackind has given a token of its own.
class Saga {
 public:
  explicit Saga(std::string name) : name_(std::move(name)) {}
  virtual ~Saga() = default;

  const std::string& name() const { return name_; }

  /// Makes what must be there: runs operations, writes configuration.
  virtual void prepare(Home&, StoreFixture&) const {}
  /// How the daemon is set.
  virtual void configure(config::Settings&) const {}
  /// What the user answers to the first question; nothing, and to every other: wants out.
  virtual std::optional<std::string> answer() const { return std::nullopt; }

  /// What comes to the same as that answer.
  virtual std::unique_ptr<Saga> otherwise() const { return nullptr; }

  /// Runs it.
  virtual Task<> run(DaemonInstance& daemon) const = 0;

  /// A value in something of somebody's that the operation is to write.
  virtual std::optional<secrets::CredentialSource> writes_into() const { return std::nullopt; }
  /// Which of several operations changes that file of the configuration: each is done wholly or not at all.
  virtual std::string operation_on(const std::string&) const { return {}; }
  /// The token itself is in the configuration.
  virtual bool is_plain() const { return false; }
  /// What the old token is kept in stays, though nothing uses it any more.
  virtual bool leaves_old() const { return false; }

 private:
  std::string name_;
};

/// What every operation finds but for jackind's own work: files alone.
void make_home(Home& home, StoreFixture& fixture);
/// Then jackind's work: what every operation finds, and what this one's `prepare` makes. Starts threads.
void prepare_home(Home& home, StoreFixture& fixture, const Saga& saga);

/// All that there is to do in a world.
std::vector<std::unique_ptr<Saga>> sagas(const StoreFixture& fixture);

}  // namespace jackin::faults

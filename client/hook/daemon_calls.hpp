// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/hook/provisioning.hpp"
#include "common/environment.hpp"
#include "common/scope.hpp"
#include "common/secret.hpp"
#include "jackin/v1/health.pb.h"
#include "jackin/v1/launch.pb.h"

namespace jackin::client {

/// The daemon's answer to a launch, with its secret parts in Secrets.
struct LaunchPlan {
  v1::ProbeReply probe;
  std::optional<Secret> token;
  std::vector<std::string> unset;
  std::vector<ProvisionFile> files;
  v1::Banner banner;
  std::vector<std::string> warnings;
  std::string needs_variable;  ///< The call must be repeated with this variable; empty when it need not be.
  std::string token_variable;  ///< Also gets the token, or an empty value; empty when there is none.
};

/// Moves the token and the files' contents from `reply` into Secrets. Wipes the original bytes in place before the
/// message is freed. Errors: internal for an invalid reply.
Result<LaunchPlan> take_plan(v1::PrepareReply& reply);

/// How long `prepare` waits. A store may ask the user before it returns the token, for example to unlock it or to touch
/// a key.
inline constexpr std::chrono::minutes prepare_limit{3};

/// The calls of a launch to the daemon. An interface for the two transports, and for tests.
class DaemonCalls {
 public:
  virtual ~DaemonCalls() = default;

  /// Returns the cached answer. Errors: the daemon's, daemon_unreachable, timed_out.
  virtual Result<v1::ProbeReply> probe(const Scope& scope) = 0;

  /// Returns the workspace whose `workdir` is `folder`; nothing when there is none. Errors: as probe.
  virtual Result<std::optional<Scope>> find_workspace(const std::string& folder) = 0;

  /// Returns the plan for a launch. Not repeated when the daemon ends meanwhile: a token that was handed out is
  /// recorded. Errors: as probe, and those of the credential source.
  virtual Result<LaunchPlan> prepare(const v1::PrepareRequest& request) = 0;
};

/// Returns the implementation of jackin-hook, over LightConnection. It starts a daemon when there is none. Its
/// destructor closes the connection; `environment` must outlive it. A probe during which the daemon ends is repeated, a
/// launch is not. Errors: those of find_paths and connect_to_daemon.
Result<std::unique_ptr<DaemonCalls>> connect_lightly(const Environment& environment);

}  // namespace jackin::client

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "client/rpc/connection.hpp"
#include "client/rpc/liveness.hpp"
#include "common/result.hpp"
#include "common/scope.hpp"
#include "jackin/v1/health.pb.h"

namespace jackin::client {

/// Returns the cached answer for a scope. Repeated when the daemon is replaced (`ask`). Errors: those of the call.
Result<v1::ProbeReply> probe(const Connect& connect, const v1::ProbeRequest& request);

/// Returns the state of every scope, or of one workspace. Repeated when the daemon is replaced. Errors: those of the
/// call.
Result<v1::OverviewReply> overview(const Connect& connect, const v1::OverviewRequest& request);

/// The same for every scope, on this connection only.
Result<v1::OverviewReply> overview_of(const Connection& connection);

/// Returns all that is known of a scope. On this connection only. Errors: those of the call.
Result<v1::DetailsReply> details_of(const Connection& connection, const Scope& scope);

/// What doctor found: the scopes that were checked, by name. Also the system report, if the request
/// names neither a scope nor `all`.
struct DoctorFindings {
  bool single = false;
  std::vector<v1::ScopeHealth> scopes;
  std::optional<v1::SystemReport> system;

  /// Whether there is a fault: a scope that will not start, or a finding that is an error.
  bool has_fault() const;
};

/// Runs the full check now. Calls `on_progress` as the checks begin. Blocking; each check has its own limit. Errors:
/// cancelled when the client stops the call (`run`) before its end, else those of the call.
Result<DoctorFindings> examine(const Connection& connection, const v1::DoctorRequest& request,
                               const std::function<void(const v1::Progress&)>& on_progress,
                               const RunCall& run = to_its_end);

/// Calls `on_event` for each change until it returns false, or the client stops the call. Neither is an error. Errors:
/// those of the call, also when the daemon ends.
Result<> watch(const Connection& connection, const v1::WatchRequest& request,
               const std::function<bool(const v1::WatchEvent&)>& on_event, const RunCall& run);

}  // namespace jackin::client

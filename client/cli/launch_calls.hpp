// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "client/hook/daemon_calls.hpp"
#include "common/environment.hpp"
#include "common/result.hpp"

namespace jackin::client {

/// Returns the calls of jackinctl's `exec` and `env`, over grpc++ as all calls of jackinctl. Otherwise as
/// `connect_lightly`.
Result<std::unique_ptr<DaemonCalls>> connect_over_grpc(const Environment& environment);

}  // namespace jackin::client

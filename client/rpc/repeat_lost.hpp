// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "client/rpc/call_status.hpp"
#include "common/result.hpp"

namespace jackin::client {

/// A daemon that is replaced by another is lost once. The limit ends the attempts for a daemon that crashes on each
/// connection.
inline constexpr int most_tries = 4;

/// Repeats a call that changes nothing while the daemon is lost during it, at most `most_tries` times in all. `attempt`
/// connects again after such a failure. Errors: those of the last attempt.
Result<> repeat_lost(const std::function<CallEnd()>& attempt);

}  // namespace jackin::client

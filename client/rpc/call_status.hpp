// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <tl/expected.hpp>

#include "common/error.hpp"
#include "common/result.hpp"

namespace jackin::client {

/// The codes of gRPC that a client tells apart. Others are kept as numbers (gRPC's statuscodes.md).
enum class StatusCode : int {
  ok = 0,
  cancelled = 1,
  unknown = 2,
  deadline_exceeded = 4,
  unimplemented = 12,
  unavailable = 14,
};

/// The status that ends a call, whichever transport received it. `details` is a serialised jackin.v1.ErrorDetail, or
/// empty.
struct CallStatus {
  StatusCode code = StatusCode::ok;
  std::string message{};
  std::string details{};
};

/// Converts the status of a failed call to an Error. The daemon's own error is in the details. Otherwise the code
/// decides: a lost connection (daemon_unreachable), an expired deadline (timed_out), or internal. All texts are
/// printable.
Error error_from_status(const CallStatus& status);

/// Whether the call failed because the daemon stopped or crashed, before or after it received the call. Only for a call
/// that the client did not cancel itself.
bool was_lost(const CallStatus& status);

/// The largest reply that a client accepts. One with ten thousand workspaces takes several megabytes, and so can a
/// login for `--provision`; gRPC's default limit is 4 MiB.
inline constexpr std::size_t largest_reply = std::size_t{64} * 1024 * 1024;

/// A call without an answer. `lost`: as `was_lost`, so that the same call on a new connection may succeed.
struct CallFailure {
  Error error;
  bool lost = false;
};

/// How a call ended.
using CallEnd = tl::expected<void, CallFailure>;

/// The end of a call with this status.
CallEnd call_end(const CallStatus& status);

/// The end of a call whose reply was accepted, or refused by the client itself.
CallEnd call_end(const Result<>& accepted);

}  // namespace jackin::client

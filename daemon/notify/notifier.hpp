// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "common/dates.hpp"
#include "common/fingerprint.hpp"
#include "common/remedy.hpp"
#include "common/scope.hpp"
#include "common/verdict.hpp"
#include "daemon/async/task.hpp"

namespace jackin::notify {

/// The urgency levels of the desktop specification.
enum class Urgency { low, normal, critical };

/// A notification about one token. It can hold no secret: texts come from scopes, dates and `printable()` messages.
struct Notice {
  NoticeKind kind = NoticeKind::expiring;
  Urgency urgency = Urgency::normal;
  Scope scope;          ///< The token's scope; a later notification for the same scope replaces an earlier one.
  std::string summary;  ///< One sentence, no line ends, no final full stop.
  Remedy remedy;        ///< May be empty.
  std::optional<int> days_left;  ///< Negative when the day is past; nothing when it is not known.
  std::optional<Date> expires_on;
  std::optional<Fingerprint> fingerprint;
};

/// A way to notify the user. The daemon passes one in; tests pass another. Daemon's thread only.
class Notifier {
 public:
  virtual ~Notifier() = default;

  /// Whether the settings enable notifications. While this is false, due notifications remain due.
  virtual bool is_wanted() const { return true; }

  /// Delivers the notification once, without a retry, within half a minute. Success means that the service accepted it,
  /// not that the user read it. Errors: unsupported (no service can show it), timed_out, program_missing,
  /// program_failed, io_failed, cancelled.
  virtual Task<> deliver(Notice notice) = 0;
};

}  // namespace jackin::notify

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/dates.hpp"
#include "common/fingerprint.hpp"
#include "common/scope.hpp"
#include "daemon/async/task.hpp"

namespace jackin::notify {

/// What the user is told about.
enum class NoticeKind {
  expiring,  ///< The token expires soon.
  expired,   ///< It has expired, by our record.
  rejected,  ///< The API says that it is not valid.
};

/// "expiring", "expired", "rejected": stable, as a command of the user's gets it.
std::string_view to_text(NoticeKind kind);

/// How much it hurries, as desktops know it.
enum class Urgency { low, normal, critical };

/// What the user is told of one token. Holds no secret and can hold none: texts come from scopes, dates and
/// `printable()` messages.
struct Notice {
  NoticeKind kind = NoticeKind::expiring;
  Urgency urgency = Urgency::normal;
  Scope scope;                   ///< Whose token; a later notice of the same scope takes the place of an earlier one.
  std::string summary;           ///< One sentence, no line ends, no final full stop.
  std::string remedy;            ///< A command or a short instruction; may be empty.
  std::optional<int> days_left;  ///< Negative when the day is past; nothing when it is not known.
  std::optional<Date> expires_on;
  std::optional<Fingerprint> fingerprint;
};

/// A way to tell the user something. The daemon hands one in; tests hand in another. Daemon's thread only.
class Notifier {
 public:
  virtual ~Notifier() = default;

  /// Whether anything is to be told at all; what is due stays due while it is not.
  virtual bool is_wanted() const { return true; }

  /// Tells it, once, without trying again, within half a minute. Success means that whoever shows it took it, not that
  /// anybody read it. Errors: unsupported (there is nothing here that could show it), timed_out, program_missing,
  /// program_failed, io_failed, cancelled.
  virtual Task<> tell(Notice notice) = 0;
};

}  // namespace jackin::notify

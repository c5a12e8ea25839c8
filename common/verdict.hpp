// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace jackin {

/// The decision for a launcher.
enum class Decision { allow, warn, block };

/// The state of a scope's token.
enum class Verdict {
  ok,
  unchecked,    ///< Configured, never checked.
  not_managed,  ///< Another mode than oauth_token.
  expiring,     ///< Expires in 30 days or less.
  changed,      ///< The fingerprint differs from the recorded one, and the API has not confirmed the token.
  unreachable,  ///< The source could not be read.
  missing,      ///< Mode oauth_token and no token configured.
  malformed,    ///< The content of the source is not a token, or a configuration file cannot be read.
  denied,       ///< The source must not be used: its permissions or its owner.
  rejected,     ///< The API rejects the token.
  gone,         ///< The source is certain to be gone.
  expired,      ///< By the recorded expiry, unless the API has accepted the token since.
};

/// The result of reading a token's source in a check.
enum class SourceState {
  ok,
  unreachable,  ///< It could not be read.
  gone,         ///< It is certain to be gone.
  denied,       ///< It must not be used.
  malformed,    ///< Its content is not a token.
  invalid,      ///< Its content cannot be a secret.
};

/// What the API says about a token.
enum class ApiAnswer {
  valid,     ///< 200 with the API's own JSON.
  rejected,  ///< 401 `authentication_error`, or 403 that says the token was revoked. The only certain rejection.
  unknown,   ///< Any other answer: whether the token is valid remains unknown.
};

/// The events of a token that the user is notified of, each once. In the order of urgency.
enum class TokenNews { thirty_days, seven_days, one_day, expired, rejected };

/// The subject of a notification.
enum class NoticeKind {
  expiring,  ///< The token expires soon.
  expired,   ///< The token has expired, by the daemon's record.
  rejected,  ///< The API says that it is not valid.
};

/// How serious a finding or a notice is.
enum class Severity { info, warning, error };

/// What happened to a scope, for watchers.
enum class HealthEvent {
  current,  ///< The scope's state at the start of the watch.
  added,
  changed,
  removed,
  complete,  ///< Every scope's state at the start of the watch was sent. About no scope.
};

/// The colour of a launch's banner.
enum class BannerColour { dim, yellow, red };

}  // namespace jackin

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "client/tui/model/action.hpp"
#include "common/dates.hpp"
#include "common/scope.hpp"

namespace jackin::tui {

// Texts in the model may come from outside. The view makes them drawable.

/// The state of a scope in one character. An operation that runs is not part of it (`Operation`).
enum class HealthMark {
  blocked,  ///< Launches are blocked.
  soon,     ///< It starts, but needs attention.
  fine,
  none,  ///< No token of jackind's.
};

/// How jackin gives a container its login.
enum class Mode { sync, api_key, oauth_token, ignore };

enum class Severity { info, warning, error };

/// What to do about something: a key of the panel, a command to copy, or only a note. All may be empty.
struct Suggestion {
  std::optional<Action> key{};
  std::string command{};
  std::string note{};

  bool empty() const { return !key && command.empty() && note.empty(); }
};

struct Finding {
  Severity severity = Severity::info;
  std::string message{};
  Suggestion suggestion{};
};

/// A process that uses the token.
struct Holder {
  int pid = 0;
  std::string command{};
};

/// One scope: what the panel shows of it, and what its details add.
struct Row {
  Scope scope{};
  HealthMark mark = HealthMark::none;
  std::optional<Mode> mode{};   ///< Nothing when the configuration cannot be read.
  std::string source{};         ///< Short, "1P Personal/Billing"; empty when there is none.
  std::string source_kind{};    ///< "1Password"
  std::string source_detail{};  ///< "Personal/Billing/credential"
  std::string verdict{};        ///< "rejected"
  std::string summary{};
  Suggestion suggestion{};
  std::string fingerprint{};
  std::string expires_on{};
  std::optional<int> days_left{};
  int lifetime_days = 365;
  bool expiry_estimated = false;
  std::optional<Moment> checked_at{};
  std::vector<Scope> shared_with{};
  std::vector<Holder> holders{};
  std::vector<std::string> history{};
  bool has_token = false;  ///< The scope's own configuration names a token.
  /// jackind made what is stored and no other scope uses it, so a revocation may delete it.
  bool can_delete = false;
  bool can_migrate = false;  ///< It has an entry of an older form.
};

}  // namespace jackin::tui

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "client/tui/model/action.hpp"
#include "common/auth_mode.hpp"
#include "common/dates.hpp"
#include "common/remedy.hpp"
#include "common/scope.hpp"
#include "common/verdict.hpp"

namespace jackin::tui {

// Texts in the model may come from outside. The view makes them drawable.

/// The state of a scope in one character. An operation that runs is not part of it (`Operation`).
enum class HealthMark {
  blocked,  ///< Launches are blocked.
  soon,     ///< claude starts, but the token needs attention.
  fine,
  none,  ///< jackind manages no token here.
};

/// The panel action that carries out a remedy; nothing if there is none.
std::optional<Action> key_of(const Remedy& remedy);

/// The remedy as a command to copy, without its note; empty when there is none.
std::string command_of(const Remedy& remedy);

struct Finding {
  Severity severity = Severity::info;
  std::string message{};
  Remedy remedy{};
};

/// A process that uses the token.
struct Holder {
  int pid = 0;
  std::string command{};
};

/// The data of one scope: the columns of its panel row, and its details.
struct Row {
  Scope scope{};
  HealthMark mark = HealthMark::none;
  std::optional<AuthMode> mode{};  ///< Nothing when the configuration cannot be read.
  std::string source{};            ///< Short, "1P Personal/Billing"; empty when there is none.
  std::string source_kind{};       ///< "1Password"
  std::string source_detail{};     ///< "Personal/Billing/credential"
  std::string verdict{};           ///< "rejected"
  std::string summary{};
  Remedy remedy{};
  std::string fingerprint{};
  std::string expires_on{};
  std::optional<int> days_left{};
  int lifetime_days = 365;
  bool expiry_estimated = false;
  std::optional<Moment> checked_at{};
  bool has_token = false;    ///< The scope's own configuration names a token.
  bool is_expected = false;  ///< An operation creates the scope; the daemon does not report it yet.

  // The details, which are requested row by row.
  bool has_details = false;
  bool details_are_old = false;  ///< The row changed since they were read.
  std::vector<Scope> shared_with{};
  std::vector<Holder> holders{};
  std::vector<std::string> history{};
  /// jackind created the stored token and no other scope uses it, so a revocation may delete it.
  bool can_delete = false;
};

}  // namespace jackin::tui

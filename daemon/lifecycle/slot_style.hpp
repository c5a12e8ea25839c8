// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/awaitable.hpp>
#include <string>
#include <vector>

#include "common/environment.hpp"
#include "common/scope.hpp"
#include "common/source_kind.hpp"
#include "daemon/async/task.hpp"
#include "daemon/config/settings.hpp"
#include "daemon/config/writer.hpp"
#include "daemon/lifecycle/dependencies.hpp"
#include "daemon/secrets/credential_source.hpp"

namespace jackin::lifecycle {

/// How a slot will be written, and the reason.
struct StyleChoice {
  config::SlotStyle style = config::SlotStyle::canonical;
  std::string because_of;           ///< What requires the older pair or an external slot; empty when nothing does.
  bool external_otherwise = false;  ///< The older pair is for 1Password only; any other source is external.

  /// The style for a source of that kind.
  config::SlotStyle for_kind(SourceKind kind) const;
  config::SlotStyle for_source(const secrets::CredentialSource& source) const;
  /// Whether only a token in 1Password can be named.
  bool names_only_op() const;
};

/// `[slot] style`. "auto" means the slot, unless there is a sign of jackin: a `jackin` program on the client's PATH, a
/// `version` key in a file, `[roles.agent-smith]`, or jackin's data folder. Released versions of jackin refuse every
/// file when one of them has an unknown key. With a sign it means the older pair for 1Password, which jackin resolves
/// itself, else an external slot. The global default becomes external only with "external", since every workspace then
/// needs the variable. Errors: timed_out, cancelled; without a sign those of a file that may be one and cannot be read
/// now: config_unreadable, config_invalid, permission_denied, io_failed.
Task<StyleChoice> choose_style(Dependencies& deps, const Scope& scope, const Environment& client);

/// What shows that jackin manages the configuration, as text; empty when nothing does. Errors: as `choose_style`.
Task<std::string> sign_of_jackin(Dependencies& deps, Environment client);

/// The style in which a rotation writes a slot with these keys: as before, unless the settings say "canonical" or
/// "external".
StyleChoice kept_style(config::SlotPreference preference, const Scope& scope, const config::AuthKeys& keys);

/// The variable that a rotation keeps, for all scopes that name it: that of an external slot, else empty.
std::string kept_variable(const config::AuthKeys& keys);

/// The workspaces that get the global entry of `[env]`, since they have none of their own.
asio::awaitable<std::vector<Scope>> workspaces_with_global_entry(Dependencies& deps);

}  // namespace jackin::lifecycle

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "common/os/ownership.hpp"
#include "common/result.hpp"
#include "common/scope.hpp"
#include "common/secret.hpp"
#include "daemon/config/auth_keys.hpp"
#include "daemon/config/document.hpp"
#include "daemon/config/effective_auth.hpp"

namespace jackin::config {

/// The source of a token in jackind-slots.toml, for a variable that jackin's files name:
///
///     [tokens.JACKIND_TOKEN_my_2dapp]
///     oauth_token = { file = "…" }
///
/// jackin refuses a file with `oauth_token` in `[claude]`, and ignores this one.
struct ExternalSlot {
  Result<secrets::CredentialSource> source;  ///< config_invalid, with the position, when it has an invalid form.
  Place place;
};

/// The contents of jackind-slots.toml. A value.
struct ExternalSlots {
  std::map<std::string, ExternalSlot, std::less<>> entries;  ///< By the name of the variable.
  std::filesystem::path file;
  std::string name;                 ///< The file's name in messages.
  bool readable_by_others = false;  ///< The file's mode has group or other bits.
  os::Ownership ownership;          ///< The file's ownership when it was read.
};

/// Reads the entries below `root`; `name` is the file's name in errors. Leaves the other members unset. config_invalid
/// when `tokens` is no table.
Result<ExternalSlots> read_external_slots(Node root, std::string_view name);

/// The variable for the entry of `scope`: JACKIND_TOKEN_ and the scope, with every other byte than a letter or digit as
/// `_xx`. Each later `attempt` has another name, for a scope whose name a renamed workspace still uses.
std::string external_variable(const Scope& scope, int attempt = 1);

/// The text of jackind-slots.toml with `source` as the entry of `variable`, or without that entry when it is null. An
/// edit in place, as `edited`. Errors: those of `edited`.
Result<Secret> edited_external_slots(std::string_view text, std::string_view name, const std::string& variable,
                                     const secrets::CredentialSource* source);

/// Completes the keys of one layer: the source of the entry that its variable has. Errors: that of the entry.
Result<> add_external_source(AuthKeys& keys, const ExternalSlots& slots);

/// Whether `use_external_slot` needs the entries.
bool needs_external_slots(const EffectiveAuth& auth);

/// Completes `auth`, whose source is a variable of the launch: the variable's entry takes its place. A variable of
/// jackind's own without an entry leaves no source. Errors: that of the entry.
Result<> use_external_slot(EffectiveAuth& auth, const ExternalSlots& slots);

}  // namespace jackin::config

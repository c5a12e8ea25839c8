// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "common/paths.hpp"
#include "common/result.hpp"
#include "common/scope.hpp"
#include "daemon/config/auth_keys.hpp"
#include "daemon/secrets/credential_source.hpp"

namespace jackin::config {

/// Completes the keys of one layer with the external source of its variable, from the present jackind-slots.toml.
/// Errors: config_unreadable, config_invalid. Blocking.
Result<> read_external_source(AuthKeys& keys, const Paths& paths);

/// Makes `source` the entry of `variable` in jackind-slots.toml, or removes the entry when it is null. The new file has
/// mode 0600; without its last entry it is empty, since it can be a link. The caller holds jackin's lock. Errors:
/// config_conflict, when another program keeps writing the file; config_invalid, config_unreadable, permission_denied,
/// disk_full, io_failed: then the file is unchanged. Blocking.
Result<> write_external_slot(const Paths& paths, const std::string& variable, const secrets::CredentialSource* source);

/// A variable for a new token of `scope`: `known`, which its layer names, if no other layer and no mention may name it;
/// else one without an entry that no file may name. What cannot be read may name any variable. So no other scope gets
/// this token, and none loses its own. The caller holds jackin's lock. Errors: config_invalid, config_unreadable, of
/// jackind-slots.toml. Blocking.
Result<std::string> variable_for(const Paths& paths, const Scope& scope, const std::string* known);

/// Whether jackind-slots.toml is valid and could be written, as far as can be checked without doing it. Errors: those
/// of `write_external_slot`. Blocking.
Result<> expect_slots_writable(const Paths& paths);

/// Whether any file of jackin's names `variable`. True when a file cannot be read, and when one was renamed meanwhile.
/// Blocking.
bool may_be_named(const Paths& paths, const std::string& variable);

/// Removes the entries of jackind's own variables that no file names and whose source is one of `references`
/// (`reference_of`): those that an operation on these sources wrote, or could not remove. Keeps all while jackin's
/// folder lists no workspace, and while jackind-slots.toml cannot be read. Takes jackin's lock only for an entry to
/// remove. Errors: those of `write_external_slot`; config_locked. Blocking.
Result<> remove_left_slots(const Paths& paths, const std::vector<std::string>& references);

}  // namespace jackin::config

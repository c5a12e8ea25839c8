// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "common/secret.hpp"
#include "common/source_kind.hpp"

namespace jackin::secrets {

/// 1Password: `{ op = "op://…", path = "…", account = "…" }`, read with `op read`.
struct OpSource {
  std::string reference;  ///< op://<vault>/<item>[/<section>]/<field>
  std::string path;       ///< The same by names, for display to the user; may be empty.
  std::string account;    ///< Which 1Password account; may be empty.
  friend bool operator==(const OpSource&, const OpSource&) = default;
};

/// The operating system's store: `{ os_store = "<service>", account = "<name>" }`.
struct OsStoreSource {
  std::string service;
  std::string account;
  friend bool operator==(const OsStoreSource&, const OsStoreSource&) = default;
};

/// A file that contains only the token: `{ file = "~/…" }`. The path is as written. In the effective configuration it
/// has the canonical spelling that an adoption and the stores give it.
struct FileSource {
  std::string path;
  friend bool operator==(const FileSource&, const FileSource&) = default;
};

/// A variable of the daemon's own environment: `{ env = "NAME" }`.
struct EnvSource {
  std::string name;
  friend bool operator==(const EnvSource&, const EnvSource&) = default;
};

/// A variable of the environment in which a launch is started: `"$NAME"` in an `[env]`.
struct ClientEnvSource {
  std::string name;
  friend bool operator==(const ClientEnvSource&, const ClientEnvSource&) = default;
};

/// A program whose stdout is the token: `{ command = ["prog", "arg"] }`.
struct CommandSource {
  std::vector<std::string> argv;  ///< Never empty.
  friend bool operator==(const CommandSource&, const CommandSource&) = default;
};

/// The token itself, in the configuration.
struct LiteralSource {
  std::shared_ptr<const Secret> token;  ///< Never null. Shared, so that a source is a value like the others.
  friend bool operator==(const LiteralSource& a, const LiteralSource& b) { return a.token->same_as(*b.token); }
};

/// Where a token is read from. A value; safe to copy and share between threads.
using CredentialSource =
    std::variant<OpSource, OsStoreSource, FileSource, EnvSource, CommandSource, LiteralSource, ClientEnvSource>;

/// The kind of `source`. That of an OsStoreSource is whichever store this system has.
SourceKind kind_of(const CredentialSource& source);

/// The source in one line for display: "1Password Personal/Claude/credential", "file ~/.local/share/jackind/tokens/x".
/// Printable; never the token.
std::string describe(const CredentialSource& source);

/// The source in one line for programs, in the form in which a setup adopts it: `op://…`, `os-store:SERVICE/ACCOUNT`,
/// `file:PATH`, `env:NAME`, `command:PROGRAM ARGS…`; `literal:<fingerprint>` and `client-env:NAME` cannot be adopted.
/// Equal sources have equal references. It is the key for mutual exclusion of operations on a shared item. Never the
/// token.
std::string reference_of(const CredentialSource& source);

/// The reverse of `reference_of`, for a token to adopt. invalid_argument for anything else, including `literal:`
/// and `client-env:`.
Result<CredentialSource> parse_reference(std::string_view reference);

/// Whether an argument of `argv`, or a word of one (`sh -c "…"`), looks like a credential: a token prefix of a
/// well-known service, or a password in a URL. Also the value of an option, a variable or a header that is called
/// password, token, secret, key or authorization. Names of files and variables do not count. A heuristic for warnings.
bool has_credential(const std::vector<std::string>& argv);

}  // namespace jackin::secrets

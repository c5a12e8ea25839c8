// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "client/cli/command_line.hpp"
#include "common/environment.hpp"
#include "jackin/v1/tokens.pb.h"

namespace CLI {
class App;
}

namespace jackin::client {

/// The arguments that `setup` and `rotate` have in common.
struct TokenArguments {
  ScopeArguments scope;
  std::string store;
  std::string vault;
  std::string item_name;
  std::string op_account;
  bool qr = false;
  bool no_browser = false;
  bool no_verify = false;
  bool yes = false;
  Format format = Format::text;

  /// Whether any part of the place for the token was given.
  bool has_place() const { return !store.empty() || !vault.empty() || !item_name.empty() || !op_account.empty(); }
};

struct SetupArguments : TokenArguments {
  std::string field;
  std::string section;
  std::string reuse;
  std::string workdir;
  bool plain = false;
  bool create = false;
  bool interactive = false;
};

struct RotateArguments : TokenArguments {
  bool all = false;
};

/// Adds the common arguments to `command`. `arguments` must outlive the parsing.
void add_token_arguments(CLI::App& command, TokenArguments& arguments);

/// Returns the request for the daemon, without the parts that depend on the terminal. Relative paths are resolved
/// against `folder`, since the daemon has another current folder. Errors: invalid_argument for arguments that exclude
/// each other.
Result<v1::SetupRequest> setup_request(const SetupArguments& arguments, const Environment& environment,
                                       const std::filesystem::path& folder);
/// The same for `rotate`. Without a scope when all tokens are to be rotated.
Result<v1::RotateRequest> rotate_request(const RotateArguments& arguments, const Environment& environment);

}  // namespace jackin::client

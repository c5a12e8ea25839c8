// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "client/arguments/command_line.hpp"
#include "common/environment.hpp"
#include "jackin/v1/tokens.pb.h"

namespace CLI {
class App;
}

namespace jackin::client {

/// What `setup` and `rotate` are both given on the command line.
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

  /// Whether a place for the token was said.
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

/// Lets `command` take what both are given. `arguments` must outlive the parsing.
void add_token_arguments(CLI::App& command, TokenArguments& arguments);

/// The requests for the daemon, but for what depends on the terminal. Relative paths are taken from `folder`, since the
/// daemon works in another one. invalid_argument for what does not go together.
Result<v1::SetupRequest> setup_request(const SetupArguments& arguments, const Environment& environment,
                                       const std::filesystem::path& folder);
/// Without a scope when all are to be rotated.
Result<v1::RotateRequest> rotate_request(const RotateArguments& arguments, const Environment& environment);

}  // namespace jackin::client

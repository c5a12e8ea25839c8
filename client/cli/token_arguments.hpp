// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client/cli/command_line.hpp"
#include "client/core/token_request.hpp"
#include "client/terminal/json.hpp"

namespace CLI {
class App;
}

namespace jackin::client {

/// The arguments that `setup` and `rotate` share, in addition to the options of the request.
struct TokenArguments {
  ScopeArguments scope;
  bool qr = false;
  bool no_browser = false;
  bool yes = false;
  Format format = Format::text;
};

/// Adds the common arguments and options to `command`. Both must outlive the parsing.
void add_token_arguments(CLI::App& command, TokenArguments& arguments, TokenOptions& options);

}  // namespace jackin::client

#pragma once

#include <filesystem>
#include <string>

#include "client/view/command_line.hpp"
#include "common/environment.hpp"
#include "jackin/v1/tokens.pb.h"

namespace jackin::client {

/// What `setup` was given on the command line.
struct SetupArguments {
  ScopeArguments scope;
  std::string store;
  std::string vault;
  std::string item_name;
  std::string field;
  std::string section;
  std::string op_account;
  std::string reuse;
  std::string workdir;
  bool plain = false;
  bool qr = false;
  bool no_browser = false;
  bool no_verify = false;
  bool create = false;
  bool yes = false;
  Format format = Format::text;
};

/// The request for the daemon, but for what depends on the terminal. Relative paths are taken from `folder`, since the
/// daemon works in another one. invalid_argument for what does not go together.
Result<v1::SetupRequest> setup_request(const SetupArguments& arguments, const Environment& environment,
                                       const std::filesystem::path& folder);

}  // namespace jackin::client

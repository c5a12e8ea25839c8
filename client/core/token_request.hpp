// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "common/environment.hpp"
#include "common/result.hpp"
#include "common/scope.hpp"
#include "common/source_kind.hpp"
#include "jackin/v1/tokens.pb.h"

namespace jackin::client {

/// What a user chose for a new token. Empty: the daemon's default. The daemon checks which parts can be combined.
struct TokenOptions {
  std::optional<SourceKind> store = {};
  std::string vault = {};  ///< Without a store, it means 1Password.
  std::string item_name = {};
  std::string op_account = {};
  bool plain = false;  ///< In the configuration file itself.
  bool no_verify = false;
};

struct SetupOptions : TokenOptions {
  std::string field = {};
  std::string section = {};
  std::string reuse = {};
  std::string workdir = {};
  bool create = false;
};

/// Returns the request for the daemon, without the parts that depend on the client's terminal. Relative paths are
/// resolved against `folder`, since the daemon has another current folder. `folder` is also the default for the folder
/// of a new workspace. Errors: invalid_argument when an option contains a token, so that no token is sent.
Result<v1::SetupRequest> setup_request(const Scope& scope, const SetupOptions& options, const Environment& environment,
                                       const std::filesystem::path& folder);

/// The same for a rotation of one scope.
Result<v1::RotateRequest> rotate_request(const Scope& scope, const TokenOptions& options,
                                         const Environment& environment);

/// The request for the rotation of all tokens, without a scope. Errors: invalid_argument for the ID of one item, into
/// which every token would be written, and as `setup_request`.
Result<v1::RotateRequest> rotate_all_request(const TokenOptions& options, const Environment& environment);

/// Whether a place that the user typed contains no credential. Errors: invalid_argument.
Result<> expect_no_credential_in(const v1::StorePlace& place);

/// Sets the parts of a request that depend on the client's terminal: the cells for claude's screen, and whether the
/// client can open a browser there.
void set_terminal(v1::TokenInput& first, int rows, int columns, bool can_open_browser);

}  // namespace jackin::client

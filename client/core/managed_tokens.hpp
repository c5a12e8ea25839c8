// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/error.hpp"
#include "common/scope.hpp"
#include "jackin/v1/health.pb.h"

namespace jackin::client {

/// A configured token, listed once, with all scopes that use it.
struct ManagedToken {
  Scope scope;                      ///< The scope whose configuration names the token.
  std::vector<Scope> others;        ///< Other scopes with the same token, inherited or configured.
  std::string source;               ///< Display text.
  std::string source_kind;          ///< `ProbeReply.source_kind`
  std::optional<Error> error = {};  ///< Set when the configuration of `scope` cannot be read.

  /// Whether the source cannot be written.
  bool is_read_only() const { return source_kind == "env" || source_kind == "command"; }
};

/// Returns each token of the overview once, in the order of the overview. The broadest scope represents all scopes that
/// share a token. It is never one that only inherits the token.
std::vector<ManagedToken> managed_tokens(const v1::OverviewReply& overview);

}  // namespace jackin::client

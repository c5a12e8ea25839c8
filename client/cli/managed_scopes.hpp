// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "client/rpc/connection.hpp"
#include "common/error.hpp"
#include "common/result.hpp"
#include "common/scope.hpp"
#include "jackin/v1/health.pb.h"

namespace jackin::client {

/// A token that is written down somewhere, once, with everybody who uses it.
struct ManagedToken {
  Scope scope;                      ///< Whose own it is.
  std::vector<Scope> others;        ///< Who has the same, by inheritance or written down.
  std::string source;               ///< For people.
  std::string source_kind;          ///< `ProbeReply.source_kind`
  std::optional<Error> error = {};  ///< Set when the configuration of `scope` cannot be read.

  /// Whether nothing can be stored where it comes from.
  bool is_read_only() const { return source_kind == "env" || source_kind == "command"; }
  /// "my-app (also other, global)"; of many others a few.
  std::string names() const;
};

/// What the daemon knows of every scope. Errors: those of the call.
Result<v1::OverviewReply> overview_of(const Connection& connection);

/// The tokens in it, each once, in the order of the overview. Of those who share one the broadest scope stands for all:
/// it is not one that merely inherits.
std::vector<ManagedToken> managed_tokens(const v1::OverviewReply& overview);

}  // namespace jackin::client

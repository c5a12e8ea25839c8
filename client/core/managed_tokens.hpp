// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/error.hpp"
#include "common/scope.hpp"
#include "common/source_kind.hpp"
#include "jackin/v1/health.pb.h"

namespace jackin::client {

using Scopes = google::protobuf::RepeatedPtrField<v1::Scope>;

/// Returns the scopes that share the source of `probe`, including its own; empty when it shares with none. The result
/// refers to `overview`.
const Scopes& group_of(const v1::ProbeReply& probe, const v1::OverviewReply& overview);

/// A configured token, listed once, with all scopes that use it.
struct ManagedToken {
  Scope scope;                            ///< The scope whose configuration names the token.
  std::vector<Scope> others;              ///< Other scopes with the same token, inherited or configured.
  std::string source;                     ///< Display text.
  std::optional<SourceKind> source_kind;  ///< Nothing for a kind that this version does not know.
  std::optional<Error> error = {};        ///< Set when the configuration of `scope` cannot be read.

  /// Whether the source cannot be written.
  bool is_read_only() const { return source_kind && !can_be_rotated(*source_kind); }
};

/// Returns each token of the overview once, in the order of the overview. The broadest scope represents all scopes that
/// share a token. It is never one that only inherits the token.
std::vector<ManagedToken> managed_tokens(const v1::OverviewReply& overview);

}  // namespace jackin::client

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "common/scope.hpp"
#include "jackin/v1/health.pb.h"

namespace jackin::client {

/// Converts a scope from the protocol. Returns nothing for one that this version would refuse.
std::optional<Scope> scope_from(const v1::Scope& proto);

using Scopes = google::protobuf::RepeatedPtrField<v1::Scope>;

/// Returns the scopes that share the source of `probe`, including its own; empty when it shares with none. The result
/// refers to `overview`.
const Scopes& group_of(const v1::ProbeReply& probe, const v1::OverviewReply& overview);

}  // namespace jackin::client

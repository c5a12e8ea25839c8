// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "common/environment.hpp"
#include "common/error.hpp"
#include "common/remedy.hpp"
#include "common/remedy_command.hpp"
#include "common/scope.hpp"
#include "jackin/v1/common.pb.h"
#include "proto/enum_conversion.hpp"

namespace jackin::client {

/// Converts a scope to its form in the protocol.
v1::Scope to_proto(const Scope& scope);

/// Converts a scope from the protocol. Returns nothing for one that this version would refuse.
std::optional<Scope> scope_from(const v1::Scope& proto);

bool is_same(const v1::Scope& one, const v1::Scope& other);

/// Returns the part of `environment` that the daemon receives: `client_environment` of it.
v1::ClientEnvironment to_proto(const Environment& environment);

// The overloads below would hide those of the enums.
using jackin::from_proto;

/// Converts a remedy from the protocol. For an action that this client does not know, only the note remains.
Remedy from_proto(const v1::Remedy& remedy);

/// Converts an error from the protocol.
Error from_proto(const v1::ErrorDetail& error);

/// The remedy as `command_line` renders it.
std::string remedy_line(const v1::Remedy& remedy, const TypedCommand& typed = {});

/// Converts a scope from the protocol to its text: "my-app", "my-app:role" or "global".
std::string scope_text(const v1::Scope& scope);

}  // namespace jackin::client

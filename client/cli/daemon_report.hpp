// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "client/terminal/json.hpp"
#include "common/dates.hpp"
#include "jackin/v1/daemon.pb.h"

namespace jackin::client {

/// What the daemon says of itself, as `--format json` has it.
Json daemon_json(const v1::StatusReply& status);

/// The same for people.
std::string daemon_text(const v1::StatusReply& status, Moment now);

/// An operation that runs, in one line for people.
std::string operation_text(const v1::Operation& operation, Moment now);

}  // namespace jackin::client

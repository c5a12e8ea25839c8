// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "client/terminal/json.hpp"
#include "common/dates.hpp"
#include "jackin/v1/daemon.pb.h"

namespace jackin::client {

/// The daemon's status for `--format json`.
Json daemon_json(const v1::StatusReply& status);

/// The daemon's status as text.
std::string daemon_text(const v1::StatusReply& status, Moment now);

/// A running operation as one line of text.
std::string operation_text(const v1::Operation& operation, Moment now);

}  // namespace jackin::client

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "client/terminal/json.hpp"
#include "jackin/v1/operations.pb.h"

namespace jackin::client {

/// An operation for `--format json`.
Json operation_json(const v1::Operation& operation);

/// The process that requested the operation: "jackinctl[4711]", or "jackind".
std::string requester_text(const v1::Operation& operation);

}  // namespace jackin::client

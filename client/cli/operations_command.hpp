// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "client/terminal/json.hpp"
#include "client/terminal/style.hpp"
#include "common/dates.hpp"
#include "jackin/v1/operations.pb.h"

namespace jackin::client {

/// An operation for `--format json`.
Json operation_json(const v1::Operation& operation);

/// A table of operations, at most `columns` wide (0: any width).
std::string operations_text(const std::vector<v1::Operation>& operations, const OutputStyle& output, int columns,
                            Moment now);

/// The process that requested the operation: "jackinctl[4711]", or "jackind".
std::string requester_text(const v1::Operation& operation);

}  // namespace jackin::client

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "client/terminal/json.hpp"
#include "client/terminal/style.hpp"
#include "common/dates.hpp"
#include "jackin/v1/health.pb.h"
#include "jackin/v1/operations.pb.h"

namespace jackin::client {

/// All that is known of one scope.
struct ShownScope {
  v1::DetailsReply details;
  std::vector<v1::Operation> operations;  ///< Of this scope.
};

Json show_json(const ShownScope& shown);

/// Keys and values, then sections for what there is: findings, operations, history. Tables are at most `columns` wide
/// (0: any width).
std::string show_text(const ShownScope& shown, const OutputStyle& output, int columns, Moment now);

}  // namespace jackin::client

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>

#include "client/core/managed_tokens.hpp"
#include "client/terminal/style.hpp"
#include "common/dates.hpp"
#include "common/result.hpp"
#include "jackin/v1/health.pb.h"

namespace jackin::client {

/// The other scopes of a group as JSON, for each of its scopes. A group's names are converted to JSON once, however
/// many scopes the group has.
class SharersJson {
 public:
  explicit SharersJson(const Scopes& group);

  /// Returns the array of all names except `scope`, which is a member of the group in the form of `scope_text`.
  std::string without(const std::string& scope) const;

 private:
  struct Piece {
    std::size_t begin;
    std::size_t end;
  };
  std::string names_;  // Each name is followed by a comma.
  std::map<std::string, Piece, std::less<>> pieces_;
};

/// Writes all answers as one JSON object on one line, each with the scopes that share its source. Writes in pieces,
/// because the size grows with the square of the number of scopes that share one token. Errors: the first error of
/// `write`, which is then not called again.
Result<> write_status_json(const v1::OverviewReply& overview, const std::function<Result<>(const std::string&)>& write);

/// Returns a table, at most `columns` wide (0: any width); a sentence when there is nothing to list.
std::string status_text(const v1::OverviewReply& overview, const OutputStyle& output, int columns, Moment now);

}  // namespace jackin::client

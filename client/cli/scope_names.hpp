// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "client/core/managed_tokens.hpp"

namespace jackin::client {

/// "a, b, c and 2996 more": `some` of `count` names.
std::string few_names(const std::vector<std::string>& some, std::size_t count);

/// The scopes of a token: "my-app (also other, global)"; lists only a few of many.
std::string names_of(const ManagedToken& token);

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

}  // namespace jackin::client

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "jackin/v1/health.pb.h"

namespace jackin::client {

using Scopes = google::protobuf::RepeatedPtrField<v1::Scope>;

/// The scopes that share the source of `probe`, itself among them; empty when it shares with none. Refers to
/// `overview`.
const Scopes& group_of(const v1::ProbeReply& probe, const v1::OverviewReply& overview);

/// "a, b, c and 2996 more": `some` of `count` names.
std::string few_names(const std::vector<std::string>& some, std::size_t count);

/// Whom each scope of a group shares with, as JSON. A group's names are put into JSON once, however many scopes there
/// are to list the others for.
class SharersJson {
 public:
  explicit SharersJson(const Scopes& group);

  /// The array of all names but `scope`, which is one of the group as `scope_text` has it.
  std::string without(const std::string& scope) const;

 private:
  struct Piece {
    std::size_t begin;
    std::size_t end;
  };
  std::string names_;  // each with a comma behind it
  std::map<std::string, Piece, std::less<>> pieces_;
};

}  // namespace jackin::client

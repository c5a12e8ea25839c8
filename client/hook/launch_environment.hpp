// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/secret.hpp"

namespace jackin::client {

/// The variable with the token, and the one with a descriptor to read it from.
inline constexpr std::string_view token_variable = "CLAUDE_CODE_OAUTH_TOKEN";
inline constexpr std::string_view token_descriptor_variable = "CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR";

/// The environment block for execve: entries of the caller's, which are not copied and must outlive this, and what is
/// added. A secret is only in memory that is wiped when this ends.
class LaunchEnvironment {
 public:
  /// All of `inherited` (as `environ`) but the variables named in `unset`; both of the token's are never kept.
  LaunchEnvironment(char* const* inherited, const std::vector<std::string>& unset);

  void add(std::string_view name, std::string_view value);
  void add_secret(std::string_view name, const Secret& value);

  /// For execve, ended by a null pointer; valid until something is added.
  char* const* entries();

 private:
  std::vector<char*> kept_;
  std::vector<std::string> added_;
  std::vector<Secret> secrets_;
  std::vector<char*> block_;
};

}  // namespace jackin::client

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/secret.hpp"

namespace jackin::client {

/// The environment block for execve: the caller's entries and the added ones. The caller's entries are not copied and
/// must outlive this object. A secret exists only in memory that is wiped by the destructor.
class LaunchEnvironment {
 public:
  /// Takes all of `inherited` (as `environ`) except the variables named in `unset`. Never keeps the two token
  /// variables, nor those of external slots: they may have the tokens of another scope.
  LaunchEnvironment(char* const* inherited, const std::vector<std::string>& unset);

  void add(std::string_view name, std::string_view value);
  void add_secret(std::string_view name, const Secret& value);

  /// For execve, ended by a null pointer. Valid until the next entry is added.
  char* const* entries();

 private:
  std::vector<char*> kept_;
  std::vector<std::string> added_;
  std::vector<Secret> secrets_;
  std::vector<char*> block_;
};

}  // namespace jackin::client

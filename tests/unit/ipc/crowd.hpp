// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <string_view>
#include <vector>

namespace jackin::test {

/// Other processes of this user that hold connections to a socket, and only write `first` once on each. They end with
/// the Crowd.
class Crowd {
 public:
  /// Returns when all connections are made.
  Crowd(const std::filesystem::path& socket, std::size_t processes, std::size_t connections_each,
        std::string_view first);
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;
  ~Crowd();

 private:
  std::vector<pid_t> processes_;
};

}  // namespace jackin::test

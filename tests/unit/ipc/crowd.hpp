// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <string_view>
#include <vector>

namespace jackin::test {

/// Other processes of this user's that hold connections to a socket and do nothing with them but write `first` once.
/// Ended with the Crowd.
class Crowd {
 public:
  /// All connections are made when this returns.
  Crowd(const std::filesystem::path& socket, std::size_t processes, std::size_t connections_each,
        std::string_view first);
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;
  ~Crowd();

 private:
  std::vector<pid_t> processes_;
};

}  // namespace jackin::test

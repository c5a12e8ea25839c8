// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <filesystem>

#include "tests/support/temp_dir.hpp"

namespace jackin::test {

/// The stand-in for `op` with its Python started only once (warm_op.py): a call takes a few milliseconds. The server
/// runs as long as this object exists. Create it in a process that has no threads yet.
class WarmOpServer {
 public:
  WarmOpServer();
  WarmOpServer(const WarmOpServer&) = delete;
  WarmOpServer& operator=(const WarmOpServer&) = delete;
  ~WarmOpServer();

  /// Puts `op` into `folder`, for callers whose HOME is `home`.
  void install(const std::filesystem::path& home, const std::filesystem::path& folder) const;

 private:
  TempDir folder_;
  pid_t pid_ = -1;
  int input_ = -1;  // closing it ends the server
};

}  // namespace jackin::test

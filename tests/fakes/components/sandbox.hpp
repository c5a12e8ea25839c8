// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/io_context.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "common/paths.hpp"
#include "daemon/async/pool.hpp"
#include "daemon/state/database.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/temp_dir.hpp"

namespace jackin::test {

/// A user's folders, a database, a clock and the threads that the libraries work with. For one test; members are
/// destroyed in the required order.
class Sandbox {
 public:
  Sandbox();

  asio::io_context io;
  TempDir home;
  Paths paths;
  FakeClock clock;
  std::unique_ptr<state::Database> database;
  async::Pool pool{2};  // last, so that it is destroyed first

  /// Writes `workspaces/<name>.toml`.
  void workspace(const std::string& name, std::string_view text);
  std::string workspace_text(const std::string& name) const;
  /// Writes `config.toml`.
  void global(std::string_view text);
  /// The path and the bytes of every file below the configuration folder. Two equal results mean that no file changed.
  std::string configuration_as_it_is() const;
  /// Every byte of the database's files.
  std::string database_bytes() const;
};

}  // namespace jackin::test

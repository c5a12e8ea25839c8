// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/io_context.hpp>
#include <memory>
#include <string>

#include "daemon/async/clock.hpp"
#include "daemon/async/pool.hpp"
#include "daemon/state/database.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/sandbox.hpp"

namespace jackin::test {

/// A sandbox, and the parts of a daemon in the test's process that every component needs. For one test; members are
/// destroyed in the required order.
class DaemonContext : public Sandbox {
 public:
  DaemonContext();

  asio::io_context io;
  FakeClock clock;
  /// For the threads that read the configuration: they work in real time.
  std::unique_ptr<Clock> real_clock = system_clock(io.get_executor());
  std::unique_ptr<state::Database> database;
  async::Pool pool{2};  // last, so that it is destroyed first

  /// Every byte of the database's files.
  std::string database_bytes() const;
};

}  // namespace jackin::test

// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/faults/moved_state.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "daemon/state/database.hpp"
#include "daemon/state/move_database.hpp"
#include "tests/integration/faults/fault_injector.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/sandbox.hpp"

namespace jackin::faults {
namespace {

using test::Sandbox;

bool move_state(const Sandbox& sandbox) {
  const auto moved = state::move_database(sandbox.paths.earlier_database(), sandbox.paths.database());
  return moved.has_value();
}

// The operations that the next start finds.
std::string operations_after_the_next_start(const Sandbox& sandbox) {
  if (!move_state(sandbox)) return "the move fails";
  const auto database = state::Database::open(sandbox.paths.database(), sandbox.paths.config_dir);
  if (!database) return database.error().message;
  const auto operations = (*database)->unfinished_operations();
  return operations ? std::to_string(operations->size()) : operations.error().message;
}

class MovedState : public testing::Test {
 public:
  void TestBody() override {
    const Sandbox before;
    test::in_child([&] {
      const auto database = state::Database::open(before.paths.earlier_database(), before.paths.config_dir);
      state::OperationRecord record;
      record.id = "abcdefghijklmnopqrstuvwxyz";
      record.kind = "setup";
      record.scope = Scope::workspace("my-app").value();
      return std::string(database && (*database)->begin_operation(record) ? "ready" : "not ready");
    });
    const std::string points = test::in_child([&] {
      const Sandbox sandbox(before);
      FaultInjector::current().begin(sandbox.home.path(), nowhere, {}, {});
      const bool moved = move_state(sandbox);
      FaultInjector::current().end();
      return std::to_string(moved ? FaultInjector::current().points().size() : 0);
    });
    const std::size_t count = std::stoul(points);
    ASSERT_GT(count, 5U);
    for (std::size_t at = 0; at < count; ++at) {
      const Sandbox sandbox(before);
      EXPECT_TRUE(is_killed_at(sandbox, at)) << at;
      EXPECT_EQ(test::in_child([&] { return operations_after_the_next_start(sandbox); }), "1") << at;
    }
  }

 private:
  static bool is_killed_at(const Sandbox& sandbox, std::size_t at) {
    const pid_t child = fork();
    if (child == 0) {
      FaultInjector::current().begin(sandbox.home.path(), at, {Fault::Kind::kill}, {});
      static_cast<void>(move_state(sandbox));
      _exit(0);
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFSIGNALED(status);
  }
};

}  // namespace

void add_moved_state() {
  testing::RegisterTest("MovedState", "KilledAnywhere", nullptr, nullptr, __FILE__, __LINE__,
                        []() -> testing::Test* { return new MovedState; });
}

}  // namespace jackin::faults

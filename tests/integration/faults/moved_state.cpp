// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/faults/moved_state.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <string>
#include <utility>

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

// The database of an earlier version at the start of a new one.
enum class Earlier {
  is_seen,          // No other database exists.
  was_unavailable,  // The old database was unavailable at an earlier start, which created a new one.
};

void add_operation(const Sandbox& sandbox, const std::filesystem::path& file, char letter) {
  const auto database = state::Database::open(file, sandbox.paths.config_dir);
  state::OperationRecord record;
  record.id = std::string(26, letter);
  record.kind = OperationKind::setup;
  record.scope = Scope::workspace("my-app").value();
  if (!database || !(*database)->begin_operation(record)) throw std::runtime_error("the database cannot be made");
}

class MovedState : public testing::Test {
 public:
  MovedState(Earlier earlier, Fault::Kind fault) : earlier_(earlier), fault_(fault) {}

  void TestBody() override {
    const Sandbox before;
    test::in_child([&] {
      add_operation(before, before.paths.earlier_database(), 'a');
      if (earlier_ == Earlier::was_unavailable) {
        const auto marked = state::mark_unavailable(before.paths.database(), {Reason::io_failed, "away", {}});
        if (!marked) throw std::runtime_error(marked.error().message);
        add_operation(before, before.paths.database(), 'b');
      }
      return std::string();
    });
    const std::string wanted = earlier_ == Earlier::was_unavailable ? "2" : "1";
    const std::string points = test::in_child([&] {
      const Sandbox sandbox(before);
      FaultInjector::current().begin(sandbox.home.path(), nowhere, {}, {});
      const bool moved = move_state(sandbox);
      FaultInjector::current().end();
      if (!moved) return std::string();
      std::string takes_space;
      for (const Point& point : FaultInjector::current().points()) takes_space += point.takes_space ? '1' : '0';
      return takes_space;
    });
    ASSERT_GT(points.size(), 5U);
    for (std::size_t at = 0; at < points.size(); ++at) {
      const bool kills = fault_ == Fault::Kind::kill;
      if (!kills && points[at] == '0') continue;
      const Sandbox sandbox(before);
      EXPECT_EQ(is_killed_at(sandbox, at), kills) << at;
      EXPECT_EQ(test::in_child([&] { return operations_after_the_next_start(sandbox); }), wanted) << at;
    }
  }

 private:
  bool is_killed_at(const Sandbox& sandbox, std::size_t at) const {
    const pid_t child = fork();
    if (child == 0) {
      FaultInjector::current().begin(sandbox.home.path(), at, {fault_}, {});
      static_cast<void>(move_state(sandbox));
      _exit(0);
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFSIGNALED(status);
  }

  Earlier earlier_;
  Fault::Kind fault_;
};

}  // namespace

void add_moved_state() {
  for (const auto& [earlier, suite] :
       {std::pair(Earlier::is_seen, "MovedState"), std::pair(Earlier::was_unavailable, "MergedState")}) {
    for (const auto& [fault, name] :
         {std::pair(Fault::Kind::kill, "KilledAnywhere"), std::pair(Fault::Kind::disk_full, "DiskFullAnywhere"),
          std::pair(Fault::Kind::disk_full_once, "DiskFullOnceAnywhere")}) {
      testing::RegisterTest(
          suite, name, nullptr, nullptr, __FILE__, __LINE__,
          [earlier = earlier, fault = fault]() -> testing::Test* { return new MovedState(earlier, fault); });
    }
  }
}

}  // namespace jackin::faults

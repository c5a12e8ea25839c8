// SPDX-License-Identifier: Apache-2.0
#include "daemon/lifecycle/journal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/remedy_command.hpp"
#include "daemon/lifecycle/leftover.hpp"
#include "tests/fakes/components/daemon_context.hpp"
#include "tests/support/await.hpp"

namespace jackin::lifecycle {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

TEST(OperationJournal, Steps_RecordedUntilEnd) {
  test::DaemonContext sandbox;
  Journal journal(*sandbox.database, sandbox.pool, sandbox.clock, sandbox.paths.config_dir);
  const Scope scope = Scope::workspace("my-app").value();
  ASSERT_TRUE(test::await(sandbox.io, journal.begin("one", OperationKind::setup, scope)));
  state::JournalDetail detail;
  detail.reference = "file:~/x";
  detail.config_folder = sandbox.paths.config_dir.string();
  sandbox.clock.advance(std::chrono::seconds(5));
  ASSERT_TRUE(test::await(sandbox.io, journal.enter("one", Step::store, detail)));
  const auto open = test::await(sandbox.io, journal.unfinished()).value();
  ASSERT_THAT(open, SizeIs(1));
  EXPECT_EQ(open[0].step, Step::store);
  EXPECT_EQ(open[0].scope, scope);
  EXPECT_EQ(open[0].changed_at - open[0].begun_at, std::chrono::seconds(5));
  EXPECT_EQ(state::journal_detail_from(open[0].detail), detail);
  EXPECT_THAT(sandbox.database->steps_of("one").value(),
              ElementsAre(Pair(Step::begun, HasSubstr("config_folder")), Pair(Step::store, state::to_json(detail))));
  ASSERT_TRUE(test::await(sandbox.io, journal.end("one", Outcome::done)));
  EXPECT_THAT(test::await(sandbox.io, journal.unfinished()).value(), IsEmpty());
}

TEST(Leftover, RemovalCommand_CanBePasted) {
  EXPECT_EQ(command_line(deletion_of(secrets::FileSource{"~/.jackin/secrets/my app"})),
            "rm ~/'.jackin/secrets/my app'");
  EXPECT_EQ(command_line(deletion_of(secrets::FileSource{"/var/x"})), "rm /var/x");
  EXPECT_EQ(command_line(deletion_of(secrets::OpSource{"op://v1/i1/f1", {}, "me"})),
            "op item delete i1 --vault v1 --account me");
  EXPECT_EQ(command_line(deletion_of(secrets::OpSource{"op://v1/i1/s1/f1", {}, {}})), "op item delete i1 --vault v1");
#ifdef __APPLE__
  EXPECT_EQ(command_line(deletion_of(secrets::OsStoreSource{"jackin", "a b"})),
            "security delete-generic-password -s jackin -a 'a b'");
#else
  EXPECT_EQ(command_line(deletion_of(secrets::OsStoreSource{"jackin", "a b"})),
            "secret-tool clear service jackin account 'a b'");
#endif
}

}  // namespace
}  // namespace jackin::lifecycle

// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/workdirs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <asio/executor_work_guard.hpp>
#include <string>

#include "tests/support/await.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/sandbox.hpp"
#include "tests/unit/config/hanging_calls.hpp"

namespace jackin::config {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class WorkdirsTest : public testing::Test {
 protected:
  WorkdirsTest() {
    for (const char* name : {"one", "two", "elsewhere"}) fs::create_directory(folder(name));
  }

  fs::path folder(const std::string& name) const { return sandbox_.home / name; }

  void workspace(const std::string& name, const fs::path& workdir) const {
    sandbox_.workspace(name, "workdir = \"" + workdir.string() + "\"\n");
  }

  asio::awaitable<Result<std::optional<Scope>>> find(const fs::path& folder) { return workdirs_.workspace_in(folder); }

  // The name of the workspace; empty without one.
  std::string found(const fs::path& folder) {
    const auto workspace = test::await(io_, find(folder));
    if (!workspace) return "error: " + workspace.error().message;
    return *workspace ? (*workspace)->str() : std::string();
  }

  asio::io_context io_;
  asio::executor_work_guard<asio::io_context::executor_type> busy_{io_.get_executor()};
  test::FakeClock clock_;
  test::Sandbox sandbox_;
  test::HangingCalls calls_;
  Configuration configuration_{sandbox_.paths, clock_};
  Workdirs workdirs_{configuration_, clock_,
                     [gate = calls_.gate()](const fs::path& folder) {
                       gate(folder.string());
                       return Workdirs::identity_of(folder);
                     },
                     [mount = folder("mount").string()](const std::string& path) {
                       return path.starts_with(mount + "/") ? mount : std::string();
                     }};
};

TEST_F(WorkdirsTest, ExactFolder_Found) {
  workspace("first", folder("one"));
  workspace("second", folder("two"));
  sandbox_.workspace("without", "# nothing\n");
  sandbox_.workspace("broken", "workdir = \n");
  sandbox_.workspace("number", "workdir = 7\n");
  sandbox_.workspace("relative", "workdir = \"one\"\n");
  EXPECT_EQ(found(folder("one")), "first");
  EXPECT_EQ(found(folder("two")), "second");
  EXPECT_EQ(found(folder("elsewhere")), "");
}

TEST_F(WorkdirsTest, FolderBelowOrAbove_NotFound) {
  fs::create_directories(folder("one/below"));
  workspace("first", folder("one"));
  EXPECT_EQ(found(folder("one/below")), "");
  EXPECT_EQ(found(sandbox_.home.path()), "");
}

TEST_F(WorkdirsTest, OtherSpelling_FoundWithoutSystemCall) {
  sandbox_.workspace("tilde", "workdir = \"~//one/.\"\n");
  EXPECT_EQ(found(folder("one")), "tilde");
  EXPECT_EQ(calls_.calls(), 0);
}

TEST_F(WorkdirsTest, Link_Followed) {
  fs::create_directory_symlink(folder("one"), folder("link"));
  workspace("first", folder("link"));
  EXPECT_EQ(found(folder("one")), "first");
}

TEST_F(WorkdirsTest, SeveralWorkspaces_ErrorNamesThem) {
  workspace("first", folder("one"));
  workspace("second", folder("one"));
  const auto workspace = test::await(io_, find(folder("one")));
  ASSERT_FALSE(workspace);
  EXPECT_EQ(workspace.error().reason, Reason::invalid_argument);
  EXPECT_THAT(workspace.error().message, AllOf(HasSubstr("'first'"), HasSubstr("'second'")));
}

TEST_F(WorkdirsTest, SpelledLikeTheFolder_TakesPrecedenceOverLink) {
  fs::create_directory_symlink(folder("one"), folder("link"));
  workspace("first", folder("link"));
  workspace("second", folder("one"));
  EXPECT_EQ(found(folder("one")), "second");
}

TEST_F(WorkdirsTest, RelativeFolder_InvalidArgument) {
  const auto workspace = test::await(io_, find("one"));
  ASSERT_FALSE(workspace);
  EXPECT_EQ(workspace.error().reason, Reason::invalid_argument);
}

TEST_F(WorkdirsTest, HangingWorkdirBesideMatch_ErrorNamesIt) {
  fs::create_directory_symlink(folder("one"), folder("link"));
  workspace("a-hanging", folder("elsewhere"));
  workspace("first", folder("link"));
  calls_.hang_at(folder("elsewhere").string());
  test::Started<Result<std::optional<Scope>>> search(io_, find(folder("one")));
  calls_.run_until_hanging(io_);
  clock_.advance(Configuration::quick);
  const auto workspace = search.result();
  ASSERT_FALSE(workspace);
  EXPECT_EQ(workspace.error().reason, Reason::timed_out);
  EXPECT_THAT(workspace.error().message,
              AllOf(HasSubstr("'first'"), HasSubstr("'a-hanging'"), HasSubstr(folder("elsewhere").string())));
  // The thread still hangs: the next search does not wait for it.
  EXPECT_EQ(found(folder("one")), "error: " + workspace.error().message);
  EXPECT_EQ(calls_.hanging(), 1);
}

TEST_F(WorkdirsTest, HangingWorkdirWithoutMatch_ErrorNamesIt) {
  workspace("a-hanging", folder("elsewhere"));
  workspace("second", folder("two"));
  calls_.hang_at(folder("elsewhere").string());
  test::Started<Result<std::optional<Scope>>> search(io_, find(folder("one")));
  calls_.run_until_hanging(io_);
  clock_.advance(Configuration::quick);
  const auto workspace = search.result();
  ASSERT_FALSE(workspace);
  EXPECT_EQ(workspace.error().reason, Reason::timed_out);
  EXPECT_THAT(workspace.error().message,
              AllOf(HasSubstr("'a-hanging'"), HasSubstr(folder("elsewhere").string()), Not(HasSubstr("'second'"))));
}

TEST_F(WorkdirsTest, HangingFolderOfTheClient_ErrorNamesIt) {
  workspace("first", folder("two"));
  calls_.hang_at(folder("one").string());
  test::Started<Result<std::optional<Scope>>> search(io_, find(folder("one")));
  calls_.run_until_hanging(io_);
  clock_.advance(Configuration::quick);
  const auto workspace = search.result();
  ASSERT_FALSE(workspace);
  EXPECT_EQ(workspace.error().reason, Reason::timed_out);
  EXPECT_THAT(workspace.error().message, HasSubstr(folder("one").string()));
}

TEST_F(WorkdirsTest, HangingMount_TakesFewThreadsAndHidesNoMatch) {
  fs::create_directory_symlink(folder("one"), folder("link"));
  for (const std::string number : {"1", "2", "3", "4", "5", "6"}) {
    workspace("a" + number, folder("mount") / number);
    calls_.hang_at((folder("mount") / number).string());
  }
  workspace("z-last", folder("link"));
  test::Started<Result<std::optional<Scope>>> search(io_, find(folder("one")));
  for (int count = 1; count <= int(async::TimedCalls::most_of_group); ++count) {
    calls_.run_until_hanging(io_, count);
    clock_.advance(Configuration::quick);
  }
  const auto workspace = search.result();
  ASSERT_FALSE(workspace);
  EXPECT_EQ(workspace.error().reason, Reason::timed_out);
  EXPECT_THAT(workspace.error().message, HasSubstr("'z-last'"));
  EXPECT_EQ(calls_.hanging(), int(async::TimedCalls::most_of_group));
}

}  // namespace
}  // namespace jackin::config

// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/workdirs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <asio/executor_work_guard.hpp>
#include <atomic>
#include <future>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "tests/support/await.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/sandbox.hpp"

namespace jackin::config {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

class WorkdirsTest : public testing::Test {
 protected:
  // The folders that were asked for, and those that hang; a thread may outlive the test.
  struct Calls {
    std::mutex mutex;
    std::set<std::string> asked;
    std::set<std::string> hang;  // not changed during a search
    std::atomic<int> hanging = 0;
    std::promise<void> may_return;
  };

  WorkdirsTest() {
    for (const char* name : {"one", "two", "elsewhere"}) fs::create_directory(folder(name));
  }
  ~WorkdirsTest() override { calls_->may_return.set_value(); }

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

  // Until so many calls hang.
  void wait_for_hanging(int count) {
    while (calls_->hanging < count) {
      io_.restart();
      io_.poll();
      std::this_thread::yield();
    }
  }

  asio::io_context io_;
  asio::executor_work_guard<asio::io_context::executor_type> busy_{io_.get_executor()};
  test::FakeClock clock_;
  test::Sandbox sandbox_;
  std::shared_ptr<Calls> calls_ = std::make_shared<Calls>();
  Configuration configuration_{sandbox_.paths, clock_};
  Workdirs workdirs_{configuration_, clock_,
                     [calls = calls_, wait = calls_->may_return.get_future().share()](const fs::path& folder) {
                       {
                         const std::lock_guard lock(calls->mutex);
                         calls->asked.insert(folder.string());
                       }
                       if (calls->hang.contains(folder.string())) {
                         ++calls->hanging;
                         wait.wait();
                       }
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
  EXPECT_TRUE(calls_->asked.empty());
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
  calls_->hang = {folder("elsewhere").string()};
  test::Started<Result<std::optional<Scope>>> search(io_, find(folder("one")));
  wait_for_hanging(1);
  clock_.advance(Configuration::quick);
  const auto workspace = search.result();
  ASSERT_FALSE(workspace);
  EXPECT_EQ(workspace.error().reason, Reason::timed_out);
  EXPECT_THAT(workspace.error().message,
              AllOf(HasSubstr("'first'"), HasSubstr("'a-hanging'"), HasSubstr(folder("elsewhere").string())));
  // The thread still hangs: the next search does not wait for it.
  EXPECT_EQ(found(folder("one")), "error: " + workspace.error().message);
  EXPECT_EQ(calls_->hanging.load(), 1);
}

TEST_F(WorkdirsTest, HangingWorkdirWithoutMatch_NotFound) {
  workspace("a-hanging", folder("elsewhere"));
  workspace("second", folder("two"));
  calls_->hang = {folder("elsewhere").string()};
  test::Started<Result<std::optional<Scope>>> search(io_, find(folder("one")));
  wait_for_hanging(1);
  clock_.advance(Configuration::quick);
  const auto workspace = search.result();
  ASSERT_TRUE(workspace) << workspace.error().message;
  EXPECT_FALSE(*workspace);
}

TEST_F(WorkdirsTest, HangingMount_TakesFewThreadsAndHidesNoMatch) {
  fs::create_directory_symlink(folder("one"), folder("link"));
  for (const std::string number : {"1", "2", "3", "4", "5", "6"}) {
    workspace("a" + number, folder("mount") / number);
    calls_->hang.insert((folder("mount") / number).string());
  }
  workspace("z-last", folder("link"));
  test::Started<Result<std::optional<Scope>>> search(io_, find(folder("one")));
  for (int count = 1; count <= int(async::TimedCalls::most_of_group); ++count) {
    wait_for_hanging(count);
    clock_.advance(Configuration::quick);
  }
  const auto workspace = search.result();
  ASSERT_FALSE(workspace);
  EXPECT_EQ(workspace.error().reason, Reason::timed_out);
  EXPECT_THAT(workspace.error().message, HasSubstr("'z-last'"));
  EXPECT_EQ(calls_->hanging.load(), int(async::TimedCalls::most_of_group));
}

}  // namespace
}  // namespace jackin::config

// SPDX-License-Identifier: Apache-2.0
// The configuration as the event loop sees it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <asio/executor_work_guard.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/words.hpp"
#include "daemon/config/configuration.hpp"
#include "tests/support/await.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/sandbox.hpp"
#include "tests/unit/config/hanging_calls.hpp"

namespace jackin::config {
namespace {

using test::await;
using test::Started;
using test::write_file;
using testing::ElementsAre;
using testing::HasSubstr;

class LiveConfiguration : public testing::Test {
 protected:
  static std::string with_mode(const std::string& mode) { return "[claude]\nauth_forward = \"" + mode + "\"\n"; }

  Result<EffectiveAuth> effective(const std::string& scope) {
    return await(io_, configuration_.effective(*Scope::parse(scope)));
  }

  FileCalls calls() {
    FileCalls calls = FileCalls::of_system(sandbox_.paths);
    calls.read = [gate = reads_.gate(), read = calls.read](const std::string& path, const Paths& paths,
                                                           std::shared_ptr<const ParsedFile> known) {
      auto result = read(path, paths, std::move(known));
      gate(path);
      return result;
    };
    return calls;
  }
  void hang_at(const std::string& workspace, int most = 1) {
    reads_.hang_at(sandbox_.workspace_file(workspace).string(), most);
  }

  asio::io_context io_;
  asio::executor_work_guard<asio::io_context::executor_type> busy_{io_.get_executor()};
  test::FakeClock clock_;
  test::Sandbox sandbox_;
  test::HangingCalls reads_;
  Configuration configuration_{sandbox_.paths, clock_, calls()};
};

TEST_F(LiveConfiguration, Query_SeesEveryEditBefore) {
  for (const std::string mode : {"ignore", "sync", "api_key", "ignore", "sync"}) {
    write_file(sandbox_.workspace_file("demo"), with_mode(mode));
    EXPECT_EQ(word_of(effective("demo")->mode), mode);
  }
  write_file(sandbox_.paths.config_file(), with_mode("ignore"));
  write_file(sandbox_.workspace_file("demo"), "");
  EXPECT_EQ(effective("demo")->mode, AuthMode::ignore);
  write_file(sandbox_.paths.config_file(), with_mode("sync"));
  EXPECT_EQ(effective("demo")->mode, AuthMode::sync);
  std::filesystem::remove(sandbox_.workspace_file("demo"));
  EXPECT_EQ(effective("demo").error().reason, Reason::unknown_workspace);
  write_file(sandbox_.workspace_file("demo"), with_mode("ignore"));
  EXPECT_EQ(effective("demo")->mode, AuthMode::ignore);
}

TEST_F(LiveConfiguration, UnknownWorkspace_NamesSimilarOnes) {
  write_file(sandbox_.workspace_file("demo"), "");
  const auto auth = effective("demi");
  ASSERT_FALSE(auth);
  EXPECT_EQ(auth.error().reason, Reason::unknown_workspace);
  EXPECT_THAT(auth.error().message, HasSubstr("did you mean demo?"));
}

TEST_F(LiveConfiguration, EarlierReadReturnsLater_ReplacesNothing) {
  write_file(sandbox_.workspace_file("demo"), with_mode("ignore"));
  hang_at("demo");
  Started<Result<EffectiveAuth>> older(io_, configuration_.effective(*Scope::workspace("demo")));
  reads_.run_until_hanging(io_);
  write_file(sandbox_.workspace_file("demo"), with_mode("sync"));
  EXPECT_EQ(effective("demo")->mode, AuthMode::sync);
  reads_.let_return();
  EXPECT_EQ(older.result()->mode, AuthMode::sync);
  EXPECT_EQ(configuration_.last_read().effective(*Scope::workspace("demo"))->mode, AuthMode::sync);
}

TEST_F(LiveConfiguration, LaterReadTimesOut_EarlierContentCounts) {
  write_file(sandbox_.workspace_file("demo"), with_mode("ignore"));
  hang_at("demo", 2);
  Started<Result<EffectiveAuth>> patient(io_,
                                         configuration_.effective(*Scope::workspace("demo"), Configuration::patient));
  reads_.run_until_hanging(io_);
  Started<Result<EffectiveAuth>> quick(io_, configuration_.effective(*Scope::workspace("demo")));
  reads_.run_until_hanging(io_, 2);
  clock_.advance(Configuration::quick);
  EXPECT_EQ(quick.result().error().reason, Reason::timed_out);
  reads_.let_return();
  const auto auth = patient.result();
  ASSERT_TRUE(auth) << auth.error().message;
  EXPECT_EQ(auth->mode, AuthMode::ignore);
}

TEST_F(LiveConfiguration, Walk_HangingFile_VisitedWithItsError) {
  for (const std::string name : {"a", "b", "c"}) write_file(sandbox_.workspace_file(name), with_mode("ignore"));
  hang_at("b");
  std::vector<std::string> seen;
  const auto visit = [&](const std::string& name) {
    for (const auto& [scope, auth] : configuration_.last_read().auths_of(name)) {
      seen.push_back(scope.str() + " " + std::string(auth ? word_of(auth->mode) : to_code(auth.error().reason)));
    }
  };
  const std::function<void(const std::string&)> each = visit;
  Started<Result<>> walk(io_, each_workspace(configuration_, each));
  reads_.run_until_hanging(io_);
  clock_.advance(Configuration::quick);
  EXPECT_TRUE(walk.result());
  EXPECT_THAT(seen, ElementsAre("global sync", "a ignore", "b timed_out", "c ignore"));
  int answers = 0;
  configuration_.on_answering_again([&] { ++answers; });
  reads_.let_return();
  while (answers == 0) {
    io_.restart();
    io_.run_one();
  }
  EXPECT_EQ(effective("b")->mode, AuthMode::ignore);
}

TEST_F(LiveConfiguration, GlobalChanges_CountsChangesOfConfigToml) {
  const auto look = [&] {
    await(io_, [](Configuration& configuration) -> asio::awaitable<bool> {
      std::vector<std::string> none;
      co_await configuration.read(std::move(none));
      co_return true;
    }(configuration_));
    return configuration_.global_changes();
  };
  const auto before = look();
  EXPECT_EQ(look(), before);
  write_file(sandbox_.paths.config_file(), with_mode("ignore"));
  EXPECT_EQ(look(), before + 1);
}

}  // namespace
}  // namespace jackin::config

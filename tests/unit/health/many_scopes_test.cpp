// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/health/health_fixture.hpp"

namespace jackin::health {
namespace {

using test::token_like;
using testing::HasSubstr;

class ManyScopes : public HealthTest {
 protected:
  // `count` workspaces that share `sources` sources in rotation.
  void configure(int count, int sources) {
    for (int i = 0; i < count; ++i) {
      const std::string source = std::to_string(i % sources);
      sandbox_.workspace("w" + std::to_string(i), "[claude]\noauth_token = { file = \"~/t" + source + "\" }\n");
      resolver_->give("file:~/t" + source, token_like('a'));
    }
  }

  Task<> all() {
    return health_->examine_all(
        client_, true, false, [this](const ScopeReport& report) { reports_.push_back(report); },
        [this](std::size_t done, std::size_t total, const std::string&) { progress_.emplace_back(done, total); });
  }

  const Environment client_;
  std::vector<ScopeReport> reports_;
  std::vector<std::pair<std::size_t, std::size_t>> progress_;
};

TEST_F(ManyScopes, ExamineAll_EachSourceOnce_EveryScopeReported) {
  configure(200, 20);
  ASSERT_TRUE(test::await(sandbox_.io, all()));
  // my-app is the 21st source.
  EXPECT_EQ(resolver_->asked.size(), 21U);
  EXPECT_EQ(upstream_.asked.size(), 21U);
  // The global scope as well.
  EXPECT_EQ(reports_.size(), 202U);
  EXPECT_EQ(progress_.back().second, 21U);
  for (const auto& answer : overview().answers) {
    if (answer.mode != AuthMode::oauth_token) continue;
    EXPECT_EQ(answer.verdict, Verdict::ok) << answer.scope.str();
  }
}

// The number of scopes that a pass answers between two turns of other work, and the number of such turns.
struct TurnsOfOthers {
  std::size_t most = 0;
  std::size_t turns = 0;
  std::size_t answered_since = 0;
  std::size_t probes = 0;
  bool is_over = false;
  bool is_probed = true;
};

asio::awaitable<void> take_every_turn(TurnsOfOthers& seen) {
  const auto executor = co_await asio::this_coro::executor;
  while (!seen.is_over) {
    ++seen.turns;
    seen.answered_since = 0;
    co_await asio::post(executor, asio::use_awaitable);
  }
}

asio::awaitable<void> probe_all_the_time(Health& health, Scope scope, TurnsOfOthers& seen) {
  while (!seen.is_over) {
    const auto answer = co_await health.probe(scope);
    EXPECT_TRUE(answer);
    if (!seen.is_over) ++seen.probes;
  }
  seen.is_probed = false;
}

TEST_F(ManyScopes, Passes_ProbeAnsweredBetweenSlices) {
  configure(200, 20);
  TurnsOfOthers seen;
  const auto count = [&] { seen.most = std::max(seen.most, ++seen.answered_since); };
  const auto walk = [&](auto task) {
    seen = {};
    asio::co_spawn(sandbox_.io, take_every_turn(seen), asio::detached);
    asio::co_spawn(sandbox_.io, probe_all_the_time(*health_, app_, seen), asio::detached);
    const auto result = test::await(sandbox_.io, std::move(task));
    seen.is_over = true;
    sandbox_.io.restart();
    while (seen.is_probed) sandbox_.io.run_one();
    sandbox_.io.poll();
    EXPECT_TRUE(result);
    EXPECT_GE(seen.turns, 202 / async::Slices::most_steps);
    EXPECT_GE(seen.probes, 1U);
  };
  const Health::EachAnswer each = [&](const ProbeAnswer&) { count(); };
  walk(health_->each_answer(each));
  EXPECT_GT(seen.most, 0U);
  EXPECT_LE(seen.most, async::Slices::most_steps);
  walk(health_->overview());
  walk(all());
}

TEST_F(ManyScopes, Overview_OneVersionOfGlobalFile) {
  for (int i = 0; i < 200; ++i) sandbox_.workspace("heir-" + std::to_string(i), "workdir = \"/w\"\n");
  const auto write_global = [&](const std::string& file) {
    test::write_file(sandbox_.paths.config_file(), "[claude]\noauth_token = { file = \"~/" + file + "\" }\n");
  };
  write_global("before");
  test::Started<Result<Overview>> walk(sandbox_.io, health_->overview());
  // The pass is in its first turns: it has at least 13.
  int events = 0;
  walk.run_until([&] { return ++events > 6; });
  ASSERT_FALSE(walk.has_ended());
  write_global("after-it");
  const auto all = walk.result().value();
  for (const auto& answer : all.answers) {
    const bool inherits = answer.scope.is_global() || answer.scope.workspace_name().starts_with("heir-");
    if (inherits) {
      EXPECT_THAT(answer.source, HasSubstr("after-it")) << answer.scope.str();
    }
  }
}

TEST_F(ManyScopes, ExamineAll_Command_RunOnceForTrustedFilesOnly) {
  for (const std::string name : {"aaa", "my-app", "zzz"}) {
    sandbox_.workspace(name, "[claude]\noauth_token = { command = [\"print-token\"] }\n");
  }
  chmod((sandbox_.paths.workspaces_dir() / "aaa.toml").c_str(), 0666);
  resolver_->give("command:print-token", token_like('a'));
  ASSERT_TRUE(test::await(sandbox_.io, all()));
  EXPECT_EQ(resolver_->asked.size(), 1U);
  EXPECT_EQ(probed(Scope::workspace("aaa").value())->verdict, Verdict::unreachable);
  EXPECT_EQ(probed(app_)->verdict, Verdict::ok);
  EXPECT_EQ(probed(Scope::workspace("zzz").value())->verdict, Verdict::ok);
}

TEST_F(ManyScopes, ExamineAll_EightAtATime) {
  configure(20, 20);
  std::size_t at_once = 0;
  std::size_t most = 0;
  resolver_->before_answer = [&]() -> asio::awaitable<void> {
    most = std::max(most, ++at_once);
    static_cast<void>(co_await sandbox_.clock.wait(std::chrono::seconds(1)));
    --at_once;
  };
  test::Started<Result<>> started(sandbox_.io, all());
  int seconds = 0;
  while (!started.has_ended()) {
    started.run_until(
        [&] { return started.has_ended() || sandbox_.clock.waiting() == std::min<std::size_t>(8, 21 - 8 * seconds); });
    if (started.has_ended()) break;
    sandbox_.clock.advance(std::chrono::seconds(1));
    ++seconds;
  }
  EXPECT_TRUE(started.result());
  EXPECT_EQ(most, 8U);
  EXPECT_EQ(seconds, 3);
}

TEST_F(ManyScopes, ExamineAll_BrokenFile_OthersReported) {
  sandbox_.workspace("broken", "[claude");
  ASSERT_TRUE(test::await(sandbox_.io, all()));
  EXPECT_EQ(reports_.size(), 3U);
  EXPECT_EQ(std::count_if(reports_.begin(), reports_.end(),
                          [](const ScopeReport& report) { return report.answer.verdict == Verdict::malformed; }),
            1);
}

TEST_F(ManyScopes, ExamineAll_ClientGone_Stops) {
  configure(20, 20);
  resolver_->before_answer = [&]() -> asio::awaitable<void> {
    static_cast<void>(co_await sandbox_.clock.wait(std::chrono::seconds(1)));
  };
  test::Started<Result<>> started(sandbox_.io, all());
  started.run_until([&] { return sandbox_.clock.waiting() == 8; });
  started.cancel();
  EXPECT_EQ(started.result().error().reason, Reason::cancelled);
  EXPECT_EQ(resolver_->asked.size(), 8U);
}

}  // namespace
}  // namespace jackin::health

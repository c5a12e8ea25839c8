// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>

#include "daemon/health/scheduler.hpp"
#include "tests/fakes/components/daemon_context.hpp"
#include "tests/fakes/components/fake_notifier.hpp"
#include "tests/fakes/components/fake_store.hpp"
#include "tests/fakes/components/fake_upstream.hpp"
#include "tests/support/await.hpp"

namespace jackin::health {
namespace {

using namespace std::chrono_literals;
using test::token_like;
using testing::IsEmpty;
using testing::SizeIs;

// Background refresh is off, so only a probe can cause a check.
class ProbesTest : public testing::Test {
 protected:
  ProbesTest() {
    sandbox_.workspace("my-app", "[claude]\noauth_token = { file = \"~/token\" }\n");
    resolver_.give("file:~/token", token_like('a'));
    EXPECT_TRUE(test::await(sandbox_.io, health_.load()));
    asio::co_spawn(sandbox_.io, scheduler_.run(),
                   asio::bind_cancellation_slot(stop_.slot(), [this](std::exception_ptr) { has_ended_ = true; }));
    settle();
  }
  ~ProbesTest() override {
    stop_.emit(asio::cancellation_type::terminal);
    sandbox_.io.restart();
    while (!has_ended_ && sandbox_.io.run_one() != 0) {
    }
  }

  void settle() {
    for (;;) {
      sandbox_.io.restart();
      if (sandbox_.io.poll() != 0) continue;
      if (scheduler_.is_asleep()) return;
      sandbox_.io.restart();
      sandbox_.io.run_one();
    }
  }

  Result<ProbeAnswer> probe(const Scope& scope) { return test::await(sandbox_.io, probes_.probe(scope)); }

  static std::vector<std::unique_ptr<secrets::SourceResolver>> only(std::unique_ptr<secrets::SourceResolver> resolver) {
    std::vector<std::unique_ptr<secrets::SourceResolver>> resolvers;
    resolvers.push_back(std::move(resolver));
    return resolvers;
  }

  const Scope app_ = Scope::workspace("my-app").value();
  const Environment own_;
  const std::optional<std::chrono::seconds> no_interval_;
  test::DaemonContext sandbox_;
  test::FakeUpstream upstream_;
  test::FakeNotifier notifier_{sandbox_.clock};
  std::unique_ptr<test::FakeResolver> made_ = std::make_unique<test::FakeResolver>();
  test::FakeResolver& resolver_ = *made_;
  secrets::Sources sources_{only(std::move(made_))};
  config::Configuration configuration_{sandbox_.paths, *sandbox_.real_clock};
  Health health_{{sandbox_.clock, sandbox_.pool, configuration_, sources_, upstream_, *sandbox_.database, 24h}};
  Scheduler scheduler_{{sandbox_.io.get_executor(), sandbox_.clock, sandbox_.pool, configuration_, sources_,
                        *sandbox_.database, health_, notifier_, own_, no_interval_}};
  Probes probes_{health_, scheduler_};
  asio::cancellation_signal stop_;
  bool has_ended_ = false;
};

TEST_F(ProbesTest, Probe_StaleAnswer_SourceIsCheckedSoon) {
  ASSERT_TRUE(probe(app_));
  settle();
  EXPECT_THAT(resolver_.asked, SizeIs(1));
  EXPECT_TRUE(probe(app_)->fresh);
  settle();
  EXPECT_THAT(resolver_.asked, SizeIs(1));
}

TEST_F(ProbesTest, ProbeWithQuickCheck_StaleAnswer_SourceIsCheckedSoon) {
  ASSERT_TRUE(test::await(sandbox_.io, probes_.probe_with_quick_check(app_)));
  settle();
  EXPECT_THAT(resolver_.asked, SizeIs(1));
}

TEST_F(ProbesTest, Probe_BlockingAnswer_CheckEndsTheBlock) {
  resolver_.fail("file:~/token", {Reason::source_gone, "no such file", {}});
  ASSERT_TRUE(probe(app_));
  settle();
  sandbox_.clock.advance(10min);
  settle();
  resolver_.give("file:~/token", token_like('a'));
  const auto blocked = probe(app_);
  ASSERT_TRUE(blocked);
  EXPECT_TRUE(blocked->fresh);
  EXPECT_EQ(blocked->decision, Decision::block);
  settle();
  EXPECT_EQ(probe(app_)->verdict, Verdict::ok);
}

TEST_F(ProbesTest, Probe_UnknownWorkspace_NothingIsChecked) {
  EXPECT_FALSE(probe(Scope::workspace("other").value()));
  settle();
  EXPECT_THAT(resolver_.asked, IsEmpty());
}

}  // namespace
}  // namespace jackin::health

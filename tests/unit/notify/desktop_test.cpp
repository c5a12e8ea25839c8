// SPDX-License-Identifier: Apache-2.0
#include "daemon/notify/notifiers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <asio/post.hpp>
#include <optional>

#include "common/remedy_command.hpp"
#include "tests/fakes/components/fake_programs.hpp"
#include "tests/support/await.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/message_bus.hpp"
#include "tests/unit/notify/fake_desktop.hpp"

namespace jackin::notify {
namespace {

using namespace std::chrono_literals;
using test::FakeDesktop;
using testing::HasSubstr;
using testing::IsEmpty;

Notice expiring(std::string_view workspace = "my-app") {
  Notice notice;
  notice.kind = NoticeKind::expiring;
  notice.scope = Scope::workspace(workspace).value();
  notice.summary = "the token of my-app expires in 7 days";
  notice.remedy = Remedy::rotate(*Scope::workspace("my-app"));
  return notice;
}

class DesktopTest : public testing::Test {
 protected:
  void use(Environment environment) {
    notifier_ = desktop_notifier(io_.get_executor(), clock_, std::move(environment), programs_);
  }
  Result<> deliver(Notice notice) { return test::await(io_, notifier_->deliver(std::move(notice))); }

  static Environment with_bus(const std::string& address, const std::string& display = {}) {
    Environment environment;
    environment.set("DBUS_SESSION_BUS_ADDRESS", address);
    if (!display.empty()) environment.set("WAYLAND_DISPLAY", display);
    return environment;
  }

  asio::io_context io_;
  test::FakeClock clock_;
  test::FakePrograms programs_;
  std::unique_ptr<Notifier> notifier_;
};

class OnABus : public DesktopTest {
 protected:
  OnABus() { use(with_bus(bus_.address())); }
  test::MessageBus bus_;
};

TEST_F(OnABus, Deliver_TextAndUrgency_Shown) {
  const FakeDesktop desktop(bus_.address());
  Notice notice = expiring();
  notice.urgency = Urgency::critical;
  ASSERT_TRUE(deliver(notice));
  ASSERT_EQ(desktop.shown().size(), 1U);
  const auto shown = desktop.shown().front();
  EXPECT_EQ(shown.app_name, "jackind");
  EXPECT_EQ(shown.replaces, 0U);
  EXPECT_EQ(shown.icon, "dialog-warning");
  EXPECT_EQ(shown.summary, "the token of my-app expires in 7 days");
  EXPECT_EQ(shown.body, "jackinctl rotate my-app");
  EXPECT_THAT(shown.actions, IsEmpty());
  EXPECT_EQ(shown.urgency, 2);
  EXPECT_EQ(shown.category, "x-jackin.token.expiring");
  EXPECT_EQ(shown.hints, 2U);
  EXPECT_EQ(shown.timeout, -1);
}

TEST_F(OnABus, Deliver_SameScope_ReplacesEarlierNotice) {
  const FakeDesktop desktop(bus_.address());
  ASSERT_TRUE(deliver(expiring("one")));
  ASSERT_TRUE(deliver(expiring("two")));
  ASSERT_TRUE(deliver(expiring("one")));
  ASSERT_TRUE(deliver(expiring("two")));
  ASSERT_EQ(desktop.shown().size(), 4U);
  EXPECT_EQ(desktop.shown()[0].replaces, 0U);
  EXPECT_EQ(desktop.shown()[1].replaces, 0U);
  EXPECT_EQ(desktop.shown()[2].replaces, 7U);
  EXPECT_EQ(desktop.shown()[3].replaces, 8U);
}

TEST_F(OnABus, Deliver_ServiceRestarted_ReplacesNothing) {
  std::optional<FakeDesktop> desktop(std::in_place, bus_.address());
  ASSERT_TRUE(deliver(expiring()));
  desktop.reset();
  desktop.emplace(bus_.address());
  ASSERT_TRUE(deliver(expiring()));
  EXPECT_EQ(desktop->shown().at(0).replaces, 0U);
}

TEST_F(OnABus, Deliver_BodyMarkup_Escaped) {
  Notice notice = expiring();
  notice.remedy = Remedy::rotate(*Scope::workspace("a&b")).noting("<i>\"now\"</i>");
  {
    const FakeDesktop desktop(bus_.address(), {"body", "body-markup"});
    ASSERT_TRUE(deliver(notice));
    EXPECT_EQ(desktop.shown().at(0).body, "jackinctl rotate 'a&amp;b'  # \u2039i\u203a\"now\"\u2039/i\u203a");
  }
  const FakeDesktop desktop(bus_.address(), {"body"});
  ASSERT_TRUE(deliver(notice));
  EXPECT_EQ(desktop.shown().at(0).body, command_line(notice.remedy));
}

TEST_F(OnABus, Deliver_NoServiceAndNoDisplay_UnsupportedAndStartsNone) {
  const test::TempDir folder;
  bus_.start_on_demand("org.freedesktop.Notifications", "touch " + (folder / "started").string());
  use(with_bus(bus_.address()));
  const auto sent = deliver(expiring());
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().reason, Reason::unsupported);
  EXPECT_THAT(sent.error().message, HasSubstr("no desktop notification service"));
  EXPECT_FALSE(std::filesystem::exists(folder / "started"));
}

TEST_F(OnABus, Deliver_Display_BusStartsService) {
  const test::TempDir folder;
  bus_.start_on_demand("org.freedesktop.Notifications", "touch " + (folder / "started").string() + "; exit 1");
  use(with_bus(bus_.address(), "wayland-1"));
  // The bus reports that the started program ended without taking the name.
  const auto sent = deliver(expiring());
  ASSERT_FALSE(sent);
  EXPECT_TRUE(std::filesystem::exists(folder / "started")) << sent.error().message;
}

TEST_F(OnABus, Deliver_ServiceHangs_TimesOutAfterFiveSeconds) {
  FakeDesktop desktop(bus_.address());
  bool asked = false;
  desktop.hang([&] { asio::post(io_, [&] { asked = true; }); });
  test::Started<Result<>> delivering(io_, notifier_->deliver(expiring()));
  delivering.run_until([&] { return asked; });
  clock_.advance(4s);
  io_.poll();
  EXPECT_FALSE(delivering.has_ended());
  clock_.advance(1s);
  const auto sent = delivering.result();
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().reason, Reason::timed_out);
}

TEST_F(OnABus, Deliver_BusHangs_BlocksNothing) {
  bus_.freeze();
  test::Started<Result<>> delivering(io_, notifier_->deliver(expiring()));
  io_.poll();
  EXPECT_FALSE(delivering.has_ended());
  clock_.advance(5s);
  EXPECT_EQ(delivering.result().error().reason, Reason::timed_out);
}

TEST_F(OnABus, Deliver_BusEnds_Fails) {
  bus_.freeze();
  test::Started<Result<>> delivering(io_, notifier_->deliver(expiring()));
  io_.poll();
  bus_.stop();
  EXPECT_EQ(delivering.result().error().reason, Reason::io_failed);
}

TEST_F(OnABus, Deliver_Cancelled_Stops) {
  FakeDesktop desktop(bus_.address());
  bool asked = false;
  desktop.hang([&] { asio::post(io_, [&] { asked = true; }); });
  test::Started<Result<>> delivering(io_, notifier_->deliver(expiring()));
  delivering.run_until([&] { return asked; });
  delivering.cancel();
  const auto sent = delivering.result();
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().reason, Reason::cancelled);
}

TEST_F(DesktopTest, Deliver_NoBus_Unsupported) {
  use({});
  EXPECT_EQ(deliver(expiring()).error().reason, Reason::unsupported);
  const test::TempDir folder;
  use(with_bus("unix:path=" + (folder / "bus").string()));
  EXPECT_EQ(deliver(expiring()).error().reason, Reason::unsupported);
  Environment runtime;
  runtime.set("XDG_RUNTIME_DIR", (folder / "a b,c").string());
  use(runtime);
  EXPECT_EQ(deliver(expiring()).error().reason, Reason::unsupported);
  EXPECT_THAT(deliver(expiring()).error().message, HasSubstr("a%20b%2cc/bus"));
}

TEST_F(DesktopTest, Deliver_MalformedAddress_Rejected) {
  use(with_bus("nonsense"));
  EXPECT_FALSE(deliver(expiring()));
}

}  // namespace
}  // namespace jackin::notify

// SPDX-License-Identifier: Apache-2.0
#include "client/tui/app/inbox.hpp"

#include <gtest/gtest.h>
#include <poll.h>

#include <thread>

namespace jackin::tui {
namespace {

bool is_readable(const Inbox& inbox) {
  pollfd ready{inbox.fd(), POLLIN, 0};
  return poll(&ready, 1, 0) == 1;
}

ScreenChanged screen_of(OperationNumber number, std::string_view text) {
  Cells cells({1, 20});
  cells.write(0, 0, text);
  return {number, std::move(cells)};
}

TEST(Inbox, SeveralMessages_TakenInOrder) {
  const auto inbox = *Inbox::open();
  EXPECT_FALSE(is_readable(*inbox));
  inbox->post(Said{"a"});
  inbox->post(Said{"b"});
  EXPECT_TRUE(is_readable(*inbox));
  const auto messages = inbox->take();
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(std::get<Said>(messages[0]).text, "a");
  EXPECT_EQ(std::get<Said>(messages[1]).text, "b");
  EXPECT_FALSE(is_readable(*inbox));
  EXPECT_TRUE(inbox->take().empty());
}

TEST(Inbox, MessageAfterTake_ReadableAgain) {
  const auto inbox = *Inbox::open();
  inbox->post(Said{"a"});
  inbox->take();
  inbox->post(Said{"b"});
  EXPECT_TRUE(is_readable(*inbox));
}

TEST(Inbox, ScreensOfOneOperation_OnlyLastKept) {
  const auto inbox = *Inbox::open();
  inbox->post(screen_of(1, "old"));
  inbox->post(screen_of(1, "new"));
  inbox->post(screen_of(2, "other"));
  const auto messages = inbox->take();
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(std::get<ScreenChanged>(messages[0]).screen.text_of(0), "new");
  EXPECT_EQ(std::get<ScreenChanged>(messages[1]).number, 2U);
}

TEST(Inbox, TwoThreads_AllMessagesTaken) {
  const auto inbox = *Inbox::open();
  constexpr std::size_t each = 1000;
  const auto work = [&] {
    for (std::size_t i = 0; i < each; ++i) inbox->post(Said{"x"});
  };
  std::thread one(work);
  std::thread two(work);
  std::size_t taken = 0;
  while (taken < 2 * each) {
    pollfd ready{inbox->fd(), POLLIN, 0};
    ASSERT_EQ(poll(&ready, 1, -1), 1);
    taken += inbox->take().size();
  }
  one.join();
  two.join();
  EXPECT_FALSE(is_readable(*inbox));
}

}  // namespace
}  // namespace jackin::tui

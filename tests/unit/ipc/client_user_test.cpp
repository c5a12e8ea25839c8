// SPDX-License-Identifier: Apache-2.0
#include "daemon/ipc/client_user.hpp"

#include <gtest/gtest.h>

#include <asio/io_context.hpp>
#include <vector>

#include "tests/support/await.hpp"

namespace jackin::ipc {
namespace {

class ClientUserTest : public testing::Test {
 protected:
  asio::io_context io;
  std::vector<v1::TokenEvent> said;
  ClientUser user{io.get_executor(), TerminalSize{24, 80}, true,
                  [this](v1::TokenEvent event) { said.push_back(std::move(event)); }};

  static constexpr lifecycle::ChoiceKey file{ChoiceKind::try_again, SourceKind::file};
  static constexpr lifecycle::ChoiceKey op{ChoiceKind::use_store, SourceKind::op};
  const lifecycle::Question question{QuestionKind::store_failed, "Where?", {{file, "file"}, {op, "op"}}};

  static ClientInput keys(const char* text) { return mint::UserInput(mint::Keys{Secret::copy_of(text)}); }
  static bool is_cancel(const Result<mint::UserInput>& input) {
    return input && std::holds_alternative<mint::Cancel>(*input);
  }
};

TEST_F(ClientUserTest, NextInput_InOrder) {
  user.receive(keys("a"));
  user.receive(keys("b"));
  EXPECT_EQ(std::get<mint::Keys>(*test::await(io, user.next_input())).bytes.view(), "a");
  EXPECT_EQ(std::get<mint::Keys>(*test::await(io, user.next_input())).bytes.view(), "b");
}

TEST_F(ClientUserTest, NextInput_NoneYet_Waits) {
  test::Started<Result<mint::UserInput>> next(io, user.next_input());
  io.poll();
  EXPECT_FALSE(next.has_ended());
  user.receive(keys("a"));
  EXPECT_EQ(std::get<mint::Keys>(*next.result()).bytes.view(), "a");
}

TEST_F(ClientUserTest, CancelElsewhere_UntilATokenIsShown) {
  user.step(Step::captured, {});
  EXPECT_FALSE(user.cancel_elsewhere());
  user.receive(keys("a"));
  EXPECT_FALSE(is_cancel(test::await(io, user.next_input())));
  ClientUser other(io.get_executor(), std::nullopt, true, [](const v1::TokenEvent&) {});
  EXPECT_TRUE(other.cancel_elsewhere());
  EXPECT_TRUE(is_cancel(test::await(io, other.next_input())));
}

TEST_F(ClientUserTest, NextInput_ClientGone_AlwaysCancel) {
  user.receive(keys("a"));
  user.leave();
  EXPECT_TRUE(is_cancel(test::await(io, user.next_input())));
  EXPECT_TRUE(is_cancel(test::await(io, user.next_input())));
}

TEST_F(ClientUserTest, Cancel_NoWaiter_Reported) {
  int unheard = 0;
  user.on_unread_cancel([&] { ++unheard; });
  user.receive(keys("a"));
  EXPECT_EQ(unheard, 0);
  user.receive(mint::UserInput(mint::Cancel{}));
  EXPECT_EQ(unheard, 1);
  user.announce_shutdown();
  EXPECT_EQ(unheard, 2);
  user.leave();
  EXPECT_EQ(unheard, 3);
}

TEST_F(ClientUserTest, Cancel_MintWaits_NotReported) {
  int unheard = 0;
  user.on_unread_cancel([&] { ++unheard; });
  test::Started<Result<mint::UserInput>> next(io, user.next_input());
  io.poll();
  user.receive(mint::UserInput(mint::Cancel{}));
  EXPECT_TRUE(is_cancel(next.result()));
  user.leave();
  EXPECT_EQ(unheard, 0);
}

TEST_F(ClientUserTest, NextInput_ClientGone_Woken) {
  test::Started<Result<mint::UserInput>> next(io, user.next_input());
  io.poll();
  user.leave();
  EXPECT_TRUE(is_cancel(next.result()));
}

TEST_F(ClientUserTest, NextInput_OperationCancelled_Ends) {
  test::Started<Result<mint::UserInput>> next(io, user.next_input());
  io.poll();
  next.cancel();
  const auto input = next.result();
  ASSERT_FALSE(input);
  EXPECT_EQ(input.error().reason, Reason::cancelled);
}

TEST_F(ClientUserTest, Step_ClientGone_NotSent) {
  user.leave();
  user.step(Step::mint, "");
  EXPECT_TRUE(said.empty());
}

TEST_F(ClientUserTest, Step_DaemonEnds_StillSent) {
  user.cancel();
  user.step(Step::write_config, "");
  EXPECT_EQ(said.size(), 1u);
}

TEST_F(ClientUserTest, AnnounceShutdown_Mint_Cancelled) {
  EXPECT_FALSE(user.is_shutdown_announced());
  test::Started<Result<mint::UserInput>> next(io, user.next_input());
  io.poll();
  EXPECT_FALSE(next.has_ended());
  user.announce_shutdown();
  EXPECT_TRUE(user.is_shutdown_announced());
  EXPECT_TRUE(is_cancel(next.result()));
  user.receive(keys("a"));
  EXPECT_TRUE(is_cancel(test::await(io, user.next_input()))) << "what is typed after that counts no more";
}

TEST_F(ClientUserTest, AnnounceShutdown_OpenQuestion_AnswerStillTaken) {
  test::Started<Result<lifecycle::ChoiceKey>> answer(io, user.ask(question));
  io.poll();
  user.announce_shutdown();
  io.poll();
  EXPECT_FALSE(answer.has_ended());
  user.receive(Answer{op});
  EXPECT_EQ(answer.result().value(), op);
}

TEST_F(ClientUserTest, AnnounceShutdown_Step_StillSent) {
  user.announce_shutdown();
  user.step(Step::write_config, "");
  EXPECT_EQ(said.size(), 1u);
}

TEST_F(ClientUserTest, Ask_OnlyOfferedAnswers) {
  test::Started<Result<lifecycle::ChoiceKey>> answer(io, user.ask(question));
  io.poll();
  ASSERT_EQ(said.size(), 1u);
  const auto& sent = said.front().question();
  EXPECT_EQ(sent.kind(), v1::QUESTION_KIND_STORE_FAILED);
  EXPECT_EQ(sent.text(), "Where?");
  ASSERT_EQ(sent.choices_size(), 2);
  EXPECT_EQ(sent.choices(1).key().kind(), v1::CHOICE_KIND_USE_STORE);
  EXPECT_EQ(sent.choices(1).key().store(), v1::SOURCE_KIND_OP);
  user.receive(Answer{{ChoiceKind::give_up}});
  io.restart();
  io.poll();
  EXPECT_FALSE(answer.has_ended());
  user.receive(Answer{file});
  EXPECT_EQ(*answer.result(), file);
}

TEST_F(ClientUserTest, Ask_Cancel_NoAnswer) {
  test::Started<Result<lifecycle::ChoiceKey>> answer(io, user.ask(question));
  io.poll();
  user.receive(mint::UserInput(mint::Cancel{}));
  const auto given = answer.result();
  ASSERT_FALSE(given);
  EXPECT_EQ(given.error().reason, Reason::cancelled);
}

TEST_F(ClientUserTest, Receive_OverLimit_Refused) {
  int taken = 0;
  while (user.receive(keys("k"))) ASSERT_LT(++taken, 1000);
  EXPECT_FALSE(user.accepts_input());
  bool notified = false;
  user.on_space([&] { notified = true; });
  (void)test::await(io, user.next_input());
  EXPECT_TRUE(notified);
  EXPECT_TRUE(user.accepts_input());
}

TEST_F(ClientUserTest, Terminal_FollowsResize) {
  user.receive(mint::UserInput(mint::Resize{{40, 120}}));
  EXPECT_EQ(user.terminal(), (TerminalSize{40, 120}));
}

TEST_F(ClientUserTest, Frame_NoTerminal_NotSent) {
  int sent = 0;
  ClientUser blind(io.get_executor(), std::nullopt, false, [&](const v1::TokenEvent&) { ++sent; });
  blind.frame({});
  EXPECT_EQ(sent, 0);
}

}  // namespace
}  // namespace jackin::ipc

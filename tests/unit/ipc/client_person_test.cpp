#include "daemon/ipc/client_person.hpp"

#include <gtest/gtest.h>

#include <asio/io_context.hpp>
#include <vector>

#include "tests/support/await.hpp"

namespace jackin::ipc {
namespace {

class ClientPersonTest : public testing::Test {
 protected:
  asio::io_context io;
  std::vector<v1::TokenEvent> said;
  ClientPerson person{io.get_executor(), TerminalSize{24, 80}, true,
                      [this](v1::TokenEvent event) { said.push_back(std::move(event)); }};

  const std::string question = "Where?";
  const std::vector<lifecycle::Choice> choices{{"f", "file"}, {"o", "op"}};

  static ClientInput keys(const char* text) { return mint::PersonInput(mint::Keys{Secret::copy_of(text)}); }
  static bool is_cancel(const Result<mint::PersonInput>& input) {
    return input && std::holds_alternative<mint::Cancel>(*input);
  }
};

TEST_F(ClientPersonTest, GivesInputsInTheirOrder) {
  person.receive(keys("a"));
  person.receive(keys("b"));
  EXPECT_EQ(std::get<mint::Keys>(*test::await(io, person.next_input())).bytes.view(), "a");
  EXPECT_EQ(std::get<mint::Keys>(*test::await(io, person.next_input())).bytes.view(), "b");
}

TEST_F(ClientPersonTest, WaitsForAnInputThatHasNotComeYet) {
  test::Started<Result<mint::PersonInput>> next(io, person.next_input());
  io.poll();
  EXPECT_FALSE(next.has_ended());
  person.receive(keys("a"));
  EXPECT_EQ(std::get<mint::Keys>(*next.result()).bytes.view(), "a");
}

TEST_F(ClientPersonTest, SaysCancelAgainAndAgainOnceTheClientHasGone) {
  person.receive(keys("a"));
  person.leave();
  EXPECT_TRUE(is_cancel(test::await(io, person.next_input())));
  EXPECT_TRUE(is_cancel(test::await(io, person.next_input())));
}

TEST_F(ClientPersonTest, TellsOfACancelThatNobodyHears) {
  int unheard = 0;
  person.on_unheard_cancel([&] { ++unheard; });
  person.receive(keys("a"));
  EXPECT_EQ(unheard, 0);
  person.receive(mint::PersonInput(mint::Cancel{}));
  EXPECT_EQ(unheard, 1);
  person.send_away();
  EXPECT_EQ(unheard, 2);
  person.leave();
  EXPECT_EQ(unheard, 3);
}

TEST_F(ClientPersonTest, LeavesACancelToTheMintOnceThatAsks) {
  int unheard = 0;
  person.on_unheard_cancel([&] { ++unheard; });
  test::Started<Result<mint::PersonInput>> next(io, person.next_input());
  io.poll();
  person.receive(mint::PersonInput(mint::Cancel{}));
  EXPECT_TRUE(is_cancel(next.result()));
  person.leave();
  EXPECT_EQ(unheard, 0);
}

TEST_F(ClientPersonTest, WakesWhoeverWaitsWhenTheClientGoes) {
  test::Started<Result<mint::PersonInput>> next(io, person.next_input());
  io.poll();
  person.leave();
  EXPECT_TRUE(is_cancel(next.result()));
}

TEST_F(ClientPersonTest, EndsTheWaitWhenTheOperationIsCancelled) {
  test::Started<Result<mint::PersonInput>> next(io, person.next_input());
  io.poll();
  next.cancel();
  const auto input = next.result();
  ASSERT_FALSE(input);
  EXPECT_EQ(input.error().reason, Reason::cancelled);
}

TEST_F(ClientPersonTest, TellsNothingToAClientThatHasGone) {
  person.leave();
  person.step("mint", "");
  EXPECT_TRUE(said.empty());
}

TEST_F(ClientPersonTest, StillTellsAClientWhenTheDaemonEnds) {
  person.cancel();
  person.step("wire", "");
  EXPECT_EQ(said.size(), 1u);
}

TEST_F(ClientPersonTest, CancelsTheMintOfAPersonWhoIsSentAway) {
  EXPECT_FALSE(person.sent_away());
  test::Started<Result<mint::PersonInput>> next(io, person.next_input());
  io.poll();
  EXPECT_FALSE(next.has_ended());
  person.send_away();
  EXPECT_TRUE(person.sent_away());
  EXPECT_TRUE(is_cancel(next.result()));
  person.receive(keys("a"));
  EXPECT_TRUE(is_cancel(test::await(io, person.next_input()))) << "what is typed after that counts no more";
}

TEST_F(ClientPersonTest, StillTakesTheAnswerOfAPersonWhoIsSentAway) {
  test::Started<Result<std::string>> answer(io, person.ask(question, choices));
  io.poll();
  person.send_away();
  io.poll();
  EXPECT_FALSE(answer.has_ended());
  person.receive(Answer{"o"});
  EXPECT_EQ(answer.result().value(), "o");
}

TEST_F(ClientPersonTest, StillTellsAPersonWhoIsSentAway) {
  person.send_away();
  person.step("wire", "");
  EXPECT_EQ(said.size(), 1u);
}

TEST_F(ClientPersonTest, TakesOnlyAnAnswerThatWasOffered) {
  test::Started<Result<std::string>> answer(io, person.ask(question, choices));
  io.poll();
  ASSERT_EQ(said.size(), 1u);
  EXPECT_EQ(said.front().question().choices_size(), 2);
  person.receive(Answer{"x"});
  io.restart();
  io.poll();
  EXPECT_FALSE(answer.has_ended());
  person.receive(Answer{"f"});
  EXPECT_EQ(*answer.result(), "f");
}

TEST_F(ClientPersonTest, TakesACancelForNoAnswer) {
  test::Started<Result<std::string>> answer(io, person.ask(question, choices));
  io.poll();
  person.receive(mint::PersonInput(mint::Cancel{}));
  const auto given = answer.result();
  ASSERT_FALSE(given);
  EXPECT_EQ(given.error().reason, Reason::cancelled);
}

TEST_F(ClientPersonTest, KeepsNoMoreInputsThanItsBound) {
  int taken = 0;
  while (person.receive(keys("k"))) ASSERT_LT(++taken, 1000);
  EXPECT_FALSE(person.has_room());
  bool told = false;
  person.on_room([&] { told = true; });
  (void)test::await(io, person.next_input());
  EXPECT_TRUE(told);
  EXPECT_TRUE(person.has_room());
}

TEST_F(ClientPersonTest, FollowsTheTerminalsSize) {
  person.receive(mint::PersonInput(mint::Resize{{40, 120}}));
  EXPECT_EQ(person.terminal(), (TerminalSize{40, 120}));
}

TEST_F(ClientPersonTest, SendsNoFrameWithoutATerminal) {
  int sent = 0;
  ClientPerson blind(io.get_executor(), std::nullopt, false, [&](const v1::TokenEvent&) { ++sent; });
  blind.frame({});
  EXPECT_EQ(sent, 0);
}

}  // namespace
}  // namespace jackin::ipc

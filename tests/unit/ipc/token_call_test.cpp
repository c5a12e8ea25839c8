// SPDX-License-Identifier: Apache-2.0
#include "daemon/ipc/token_call.hpp"

#include <grpcpp/client_context.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <future>
#include <string>
#include <vector>

#include "client/rpc/status.hpp"
#include "common/remedy_command.hpp"
#include "jackin/v1/tokens.grpc.pb.h"
#include "proto/enum_conversion.hpp"
#include "tests/unit/ipc/acceptor_fixture.hpp"

namespace jackin::ipc {
namespace {

using Stream = grpc::ClientReaderWriter<v1::TokenInput, v1::TokenEvent>;

class TokenCallTest : public testing::Test {
 protected:
  test::AcceptorFixture acceptor;
  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<v1::TokensService::Stub> stub;
  std::unique_ptr<grpc::ClientContext> context = std::make_unique<grpc::ClientContext>();
  std::unique_ptr<Stream> stream;

  using Method = std::unique_ptr<Stream> (v1::TokensService::Stub::*)(grpc::ClientContext*);
  void call(Method method = &v1::TokensService::Stub::Setup) {
    acceptor.open();
    channel = acceptor.channel();
    stub = v1::TokensService::NewStub(channel);
    context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    stream = (stub.get()->*method)(context.get());
  }

  void ask_for(const std::string& workspace) {
    v1::TokenInput input;
    auto& order = *input.mutable_setup()->mutable_token();
    order.mutable_scope()->set_workspace(workspace);
    order.mutable_terminal()->set_rows(24);
    order.mutable_terminal()->set_columns(80);
    stream->Write(input);
  }

  void type(const std::string& keys) {
    v1::TokenInput input;
    input.mutable_user()->set_keys(keys);
    stream->Write(input);
  }

  static lifecycle::TokenReport report() {
    lifecycle::TokenReport done;
    done.scope = *Scope::workspace("demo");
    done.store = SourceKind::file;
    return done;
  }

  static mint::FrameUpdate frame(const std::string& text) {
    mint::FrameUpdate update;
    update.rows.push_back({0, {{text, {}}}});
    return update;
  }

  std::vector<std::string> read_all() {
    std::vector<std::string> events;
    v1::TokenEvent event;
    while (stream->Read(&event)) {
      switch (event.event_case()) {
        case v1::TokenEvent::kStep:
          events.push_back("step " + word_of_proto(event.step().step()));
          break;
        case v1::TokenEvent::kReport:
          events.push_back("report " + word_of_proto(event.report().store()));
          break;
        case v1::TokenEvent::kFrame:
          events.push_back("frame");
          break;
        default:
          events.push_back("other");
      }
    }
    return events;
  }
};

TEST_F(TokenCallTest, Setup_StepsThenReport) {
  acceptor.services.on_setup = [](lifecycle::SetupRequest,
                                  lifecycle::UserInteraction& user) -> Task<lifecycle::TokenReport> {
    user.step(Step::program, "");
    user.step(Step::mint, "");
    co_return report();
  };
  call();
  ask_for("demo");
  EXPECT_EQ(read_all(), (std::vector<std::string>{"step program", "step mint", "report file"}));
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(TokenCallTest, Setup_NoRequest_TimesOut) {
  // The call must begin within this time, on a loaded machine too.
  acceptor.limits.first_call = std::chrono::milliseconds(300);
  call();
  EXPECT_EQ(read_all(), std::vector<std::string>());
  EXPECT_EQ(client::error_from_status(stream->Finish()).reason, Reason::timed_out);
}

TEST_F(TokenCallTest, Setup_SagaFails_ItsError) {
  acceptor.services.on_setup = [](lifecycle::SetupRequest,
                                  lifecycle::UserInteraction& user) -> Task<lifecycle::TokenReport> {
    user.step(Step::mint, "");
    co_return failure(Reason::mint_refused, "claude said no", Remedy::of(RemedyAction::setup));
  };
  call();
  ask_for("demo");
  EXPECT_EQ(read_all(), (std::vector<std::string>{"step mint"}));
  const Error error = client::error_from_status(stream->Finish());
  EXPECT_EQ(error.reason, Reason::mint_refused);
  EXPECT_EQ(command_line(error.remedy), "jackinctl setup demo");
}

TEST_F(TokenCallTest, Setup_Input_ReachesSaga) {
  acceptor.services.on_setup = [](lifecycle::SetupRequest,
                                  lifecycle::UserInteraction& user) -> Task<lifecycle::TokenReport> {
    std::string typed;
    while (typed.size() < 200) {
      const auto input = co_await user.next_input();
      if (!input || !std::holds_alternative<mint::Keys>(*input)) break;
      typed += std::get<mint::Keys>(*input).bytes.view();
    }
    auto done = report();
    done.stored_in = typed;
    co_return done;
  };
  call();
  ask_for("demo");
  std::string expected;
  for (int i = 0; i < 200; ++i) {
    const std::string key(1, static_cast<char>('a' + i % 26));
    expected += key;
    type(key);
  }
  v1::TokenEvent event;
  ASSERT_TRUE(stream->Read(&event));
  EXPECT_EQ(event.report().stored_in(), expected);
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(TokenCallTest, ClientGone_SagaGetsCancel) {
  std::promise<bool> cancelled;
  std::promise<void> begun;
  acceptor.services.on_setup = [&](lifecycle::SetupRequest,
                                   lifecycle::UserInteraction& user) -> Task<lifecycle::TokenReport> {
    begun.set_value();
    const auto input = co_await user.next_input();
    cancelled.set_value(input && std::holds_alternative<mint::Cancel>(*input));
    co_return failure(Reason::cancelled, "cancelled");
  };
  call();
  ask_for("demo");
  begun.get_future().wait();
  context->TryCancel();
  EXPECT_TRUE(cancelled.get_future().get());
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(TokenCallTest, ClientGone_SagaRunsToEnd) {
  std::promise<void> begun;
  std::promise<void> ended;
  acceptor.services.on_setup = [&](lifecycle::SetupRequest,
                                   lifecycle::UserInteraction& user) -> Task<lifecycle::TokenReport> {
    user.step(Step::captured, "");
    begun.set_value();
    // From here on the saga's client is gone.
    (void)co_await user.next_input();
    for (int i = 0; i < 1000; ++i) user.step(Step::store, "");
    ended.set_value();
    co_return report();
  };
  call();
  ask_for("demo");
  begun.get_future().wait();
  context->TryCancel();
  (void)stream->Finish();
  // Releases the connection: each of these objects keeps it open.
  stream.reset();
  context.reset();
  stub.reset();
  channel.reset();
  ended.get_future().wait();
  EXPECT_TRUE(acceptor.comes_true([&] { return !acceptor.serving(); }));
  EXPECT_TRUE(acceptor.close());
}

TEST_F(TokenCallTest, ClientEndsItsSide_Cancelled) {
  acceptor.services.on_setup = [&](lifecycle::SetupRequest,
                                   lifecycle::UserInteraction& user) -> Task<lifecycle::TokenReport> {
    const auto input = co_await user.next_input();
    if (input && std::holds_alternative<mint::Cancel>(*input)) co_return failure(Reason::cancelled, "as you wish");
    co_return report();
  };
  call();
  ask_for("demo");
  stream->WritesDone();
  EXPECT_TRUE(read_all().empty());
  EXPECT_EQ(client::error_from_status(stream->Finish()).message, "as you wish");
}

TEST_F(TokenCallTest, FirstMessageNotARequest_Rejected) {
  acceptor.services.on_setup = [](lifecycle::SetupRequest,
                                  lifecycle::UserInteraction&) -> Task<lifecycle::TokenReport> { co_return report(); };
  call();
  type("x");
  EXPECT_TRUE(read_all().empty());
  EXPECT_EQ(client::error_from_status(stream->Finish()).reason, Reason::invalid_argument);
}

TEST_F(TokenCallTest, Rotate_SameStream) {
  std::promise<lifecycle::RotateRequest> asked;
  acceptor.services.on_rotate = [&](lifecycle::RotateRequest request,
                                    lifecycle::UserInteraction& user) -> Task<lifecycle::TokenReport> {
    asked.set_value(std::move(request));
    user.step(Step::mint, "");
    co_return report();
  };
  call(&v1::TokensService::Stub::Rotate);
  v1::TokenInput input;
  input.mutable_rotate()->mutable_token()->mutable_scope()->set_workspace("demo");
  input.mutable_rotate()->set_with_sharing(true);
  stream->Write(input);
  EXPECT_EQ(read_all(), (std::vector<std::string>{"step mint", "report file"}));
  EXPECT_TRUE(stream->Finish().ok());
  const auto request = asked.get_future().get();
  EXPECT_EQ(request.scope.str(), "demo");
  EXPECT_TRUE(request.with_sharing);
  EXPECT_EQ(request.asked_by.pid, getpid());
}

TEST_F(TokenCallTest, Rotate_SetupRequest_Rejected) {
  bool called = false;
  acceptor.services.on_rotate = [&](lifecycle::RotateRequest,
                                    lifecycle::UserInteraction&) -> Task<lifecycle::TokenReport> {
    called = true;
    co_return report();
  };
  call(&v1::TokensService::Stub::Rotate);
  ask_for("demo");
  EXPECT_TRUE(read_all().empty());
  EXPECT_EQ(client::error_from_status(stream->Finish()).reason, Reason::invalid_argument);
  EXPECT_FALSE(called);
}

TEST_F(TokenCallTest, Setup_MalformedScope_Rejected) {
  bool called = false;
  acceptor.services.on_setup = [&](lifecycle::SetupRequest,
                                   lifecycle::UserInteraction&) -> Task<lifecycle::TokenReport> {
    called = true;
    co_return report();
  };
  call();
  ask_for("../../etc");
  EXPECT_TRUE(read_all().empty());
  EXPECT_EQ(client::error_from_status(stream->Finish()).reason, Reason::invalid_argument);
  EXPECT_FALSE(called);
}

TEST_F(TokenCallTest, SlowClient_FewerFramesAllSteps) {
  constexpr int frames = 20'000;
  acceptor.services.on_setup = [](lifecycle::SetupRequest,
                                  lifecycle::UserInteraction& user) -> Task<lifecycle::TokenReport> {
    user.step(Step::mint, "");
    for (int i = 0; i < frames; ++i) user.frame(frame("frame"));
    user.step(Step::captured, "");
    co_return report();
  };
  call();
  ask_for("demo");
  const auto events = read_all();
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_LT(events.size(), static_cast<std::size_t>(frames));
  EXPECT_EQ(events.front(), "step mint");
  EXPECT_EQ(events[events.size() - 2], "step captured");
  EXPECT_EQ(events.back(), "report file");
}

TEST_F(TokenCallTest, DaemonEnds_MintCancelledAndClientNotified) {
  std::promise<void> begun;
  acceptor.services.on_setup = [&](lifecycle::SetupRequest,
                                   lifecycle::UserInteraction& user) -> Task<lifecycle::TokenReport> {
    begun.set_value();
    (void)co_await user.next_input();
    co_return failure(Reason::cancelled, "cancelled");
  };
  call();
  ask_for("demo");
  begun.get_future().wait();
  EXPECT_TRUE(acceptor.close());
  EXPECT_TRUE(read_all().empty());
  const Error error = client::error_from_status(stream->Finish());
  EXPECT_EQ(error.message, "jackind ends: cancelled");
  EXPECT_EQ(error.remedy, Remedy::try_again());
}

TEST_F(TokenCallTest, Drain_BeforeCapture_CancelledAndClientNotified) {
  std::promise<void> begun;
  acceptor.services.on_setup = [&](lifecycle::SetupRequest,
                                   lifecycle::UserInteraction& user) -> Task<lifecycle::TokenReport> {
    begun.set_value();
    const auto input = co_await user.next_input();
    if (!input || !std::holds_alternative<mint::Cancel>(*input)) co_return report();
    co_return failure(Reason::cancelled, "cancelled");
  };
  call();
  ask_for("demo");
  begun.get_future().wait();
  auto drained = acceptor.drain();
  EXPECT_TRUE(read_all().empty());
  const Error error = client::error_from_status(stream->Finish());
  EXPECT_EQ(error.reason, Reason::cancelled);
  EXPECT_EQ(error.message, "jackind ends: cancelled");
  EXPECT_EQ(error.remedy, Remedy::try_again());
  EXPECT_TRUE(drained.get());
}

// A saga that asks has a token already. Without an answer the token is lost.
TEST_F(TokenCallTest, Drain_AfterCapture_QuestionCanBeAnswered) {
  std::promise<void> begun;
  acceptor.services.on_setup = [&](lifecycle::SetupRequest,
                                   lifecycle::UserInteraction& user) -> Task<lifecycle::TokenReport> {
    begun.set_value();
    const lifecycle::Question where{
        QuestionKind::store_failed, "where?", {{{ChoiceKind::use_store, SourceKind::file}, "a file"}}};
    CO_TRY(const auto chosen, co_await user.ask(where));
    auto done = report();
    done.store = chosen.store.value();
    co_return done;
  };
  call();
  ask_for("demo");
  begun.get_future().wait();
  auto drained = acceptor.drain();
  v1::TokenEvent question;
  ASSERT_TRUE(stream->Read(&question));
  EXPECT_TRUE(question.has_question());
  EXPECT_NE(drained.wait_for(std::chrono::seconds(0)), std::future_status::ready);
  v1::TokenInput input;
  auto& choice = *input.mutable_user()->mutable_answer()->mutable_choice();
  choice.set_kind(v1::CHOICE_KIND_USE_STORE);
  choice.set_store(v1::SOURCE_KIND_FILE);
  stream->Write(input);
  EXPECT_EQ(read_all(), (std::vector<std::string>{"report file"}));
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_TRUE(drained.get());
}

}  // namespace
}  // namespace jackin::ipc

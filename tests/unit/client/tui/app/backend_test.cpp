// SPDX-License-Identifier: Apache-2.0
#include "client/tui/app/backend.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <map>
#include <mutex>

#include "tests/unit/client/tui/app/daemon_fixture.hpp"

namespace jackin::tui {
namespace {

using TokenStream = client::FakeDaemon::TokenStream;

v1::TokenEvent begun(const std::string& id) {
  v1::TokenEvent event;
  event.mutable_begun()->set_id(id);
  return event;
}

v1::TokenEvent step(v1::Step reached) {
  v1::TokenEvent event;
  event.mutable_step()->set_step(reached);
  return event;
}

class BackendTest : public DaemonFixture {
 protected:
  // A connected backend.
  Backend& backend() {
    if (!backend_) {
      backend_ = std::make_unique<Backend>(environment_, paths_, *inbox_);
      next<PictureComplete>();
    }
    return *backend_;
  }

  std::unique_ptr<Backend> backend_;
};

TEST_F(BackendTest, Setup_CodeSent_EventsAndReportPosted) {
  std::string code;
  daemon_.setup = [&](const v1::SetupRequest& request, TokenStream& stream) {
    EXPECT_EQ(request.token().scope().workspace(), "my-app");
    EXPECT_EQ(request.token().terminal().columns(), 76U);
    EXPECT_EQ(request.token().place().store(), v1::SOURCE_KIND_FILE);
    stream.Write(begun("op-7"));
    stream.Write(step(v1::STEP_MINT));
    v1::TokenEvent frame;
    frame.mutable_frame()->mutable_size()->set_rows(120);
    frame.mutable_frame()->mutable_size()->set_columns(76);
    frame.mutable_frame()->add_rows()->add_runs()->set_text("Paste code here");
    stream.Write(frame);
    v1::TokenEvent link;
    link.set_authorize_url("https://claude.com/cai/oauth/authorize?code=true");
    stream.Write(link);
    v1::TokenInput input;
    while (code.empty() && stream.Read(&input)) code = input.user().code();
    stream.Write(step(v1::STEP_CAPTURED));
    v1::TokenEvent report;
    report.mutable_report()->set_fingerprint("a3f9c2b81e74");
    stream.Write(report);
    return grpc::Status::OK;
  };
  backend().start(StartSetup{.number = 1, .scope = scope_of("my-app")}, {24, 76});
  EXPECT_EQ(next<StepReached>().step, Step::mint);
  EXPECT_EQ(next<ScreenChanged>().screen.text_of(0), "Paste code here");
  EXPECT_EQ(next<LinkArrived>().url, "https://claude.com/cai/oauth/authorize?code=true");
  backend().send(SendCode{1, Secret::copy_of("abc#def")});
  const auto end = next<OperationEnded>();
  EXPECT_EQ(end.number, 1U);
  EXPECT_EQ(std::get<TokenReport>(end.outcome).fingerprint, "a3f9c2b81e74");
  EXPECT_EQ(code, "abc#def");
}

TEST_F(BackendTest, Setup_Begun_IdPosted) {
  daemon_.setup = [](const v1::SetupRequest&, TokenStream& stream) {
    stream.Write(begun("op-7"));
    v1::TokenInput input;
    while (stream.Read(&input) && !input.user().has_cancel()) {
    }
    return client::status_of({Reason::cancelled, "cancelled; nothing was changed", {}});
  };
  backend().start(StartSetup{.number = 1, .scope = scope_of("my-app")}, {24, 76});
  EXPECT_EQ(next<OperationNamed>().id, "op-7");
  backend().cancel(Cancel{1, "op-7"});
  EXPECT_EQ(std::get<Error>(next<OperationEnded>().outcome).reason, Reason::cancelled);
}

TEST_F(BackendTest, Question_ChoiceTaken_KeySent) {
  v1::ChoiceKey answer;
  daemon_.rotate = [&](const v1::RotateRequest&, TokenStream& stream) {
    stream.Write(step(v1::STEP_CAPTURED));
    v1::TokenEvent event;
    v1::Choice& choice = *event.mutable_question()->add_choices();
    choice.mutable_key()->set_kind(v1::CHOICE_KIND_USE_STORE);
    choice.mutable_key()->set_store(v1::SOURCE_KIND_FILE);
    stream.Write(event);
    v1::TokenInput input;
    while (!answer.kind() && stream.Read(&input)) answer = input.user().answer().choice();
    return client::status_of({Reason::store_failed, "x", {}});
  };
  backend().start(StartRotate{.number = 1, .scope = scope_of("my-app")}, {24, 76});
  const Question question = next<QuestionAsked>().question;
  backend().send(Answer{1, question.choices.at(0).key});
  next<OperationEnded>();
  EXPECT_EQ(answer.kind(), v1::CHOICE_KIND_USE_STORE);
  EXPECT_EQ(answer.store(), v1::SOURCE_KIND_FILE);
}

TEST_F(BackendTest, Leave_TwoOperations_CapturedOneDetachedOtherCancelled) {
  std::mutex mutex;
  std::map<std::string, bool> cancelled;
  daemon_.setup = [&](const v1::SetupRequest& request, TokenStream& stream) {
    const std::string workspace = request.token().scope().workspace();
    const bool is_captured = workspace == "captured";
    stream.Write(begun("op-" + workspace));
    stream.Write(step(is_captured ? v1::STEP_CAPTURED : v1::STEP_MINT));
    bool saw_cancel = false;
    v1::TokenInput input;
    while (stream.Read(&input)) saw_cancel = saw_cancel || input.user().has_cancel();
    const std::lock_guard lock(mutex);
    cancelled[workspace] = saw_cancel;
    return grpc::Status::CANCELLED;
  };
  v1::Operation& running = *daemon_.status.add_operations();
  running.set_id("op-captured");
  running.set_runs_to_its_end(true);
  backend().start(StartSetup{.number = 1, .scope = scope_of("captured")}, {24, 76});
  EXPECT_EQ(next<StepReached>().step, Step::captured);
  backend().start(StartSetup{.number = 2, .scope = scope_of("waiting")}, {24, 76});
  EXPECT_EQ(next<StepReached>().step, Step::mint);
  const TokenSessions::Ends ends = backend().leave();
  EXPECT_EQ(ends.at(1).departure, client::Departure::detached);
  EXPECT_TRUE(ends.at(1).is_captured);
  EXPECT_EQ(ends.at(2).departure, client::Departure::unconfirmed);
  EXPECT_FALSE(ends.at(2).is_captured);
  const auto both = [&] {
    const std::lock_guard lock(mutex);
    return cancelled.size() == 2;
  };
  while (!both()) std::this_thread::yield();
  EXPECT_FALSE(cancelled.at("captured"));
  EXPECT_TRUE(cancelled.at("waiting"));
}

TEST_F(BackendTest, ConnectionLost_AfterCapture_OperationLost) {
  daemon_.setup = [](const v1::SetupRequest&, TokenStream& stream) {
    stream.Write(begun("op-7"));
    stream.Write(step(v1::STEP_CAPTURED));
    return client::status_of({Reason::daemon_unreachable, "jackind ends", {}});
  };
  backend().start(StartSetup{.number = 1, .scope = scope_of("my-app")}, {24, 76});
  EXPECT_EQ(next<OperationLost>().number, 1U);
}

TEST_F(BackendTest, StreamCancelled_AfterCapture_OperationLost) {
  daemon_.setup = [](const v1::SetupRequest&, TokenStream& stream) {
    stream.Write(begun("op-7"));
    stream.Write(step(v1::STEP_CAPTURED));
    return client::status_of({Reason::cancelled, "jackind ends", {}});
  };
  backend().start(StartSetup{.number = 1, .scope = scope_of("my-app")}, {24, 76});
  EXPECT_EQ(next<OperationLost>().number, 1U);
}

TEST_F(BackendTest, Cancel_AfterCapture_OperationFails) {
  daemon_.setup = [](const v1::SetupRequest&, TokenStream& stream) {
    stream.Write(begun("op-7"));
    stream.Write(step(v1::STEP_CAPTURED));
    v1::TokenInput input;
    while (stream.Read(&input) && !input.user().has_cancel()) {
    }
    return client::status_of({Reason::cancelled, "cancelled", {}});
  };
  backend().start(StartSetup{.number = 1, .scope = scope_of("my-app")}, {24, 76});
  EXPECT_EQ(next<StepReached>().step, Step::captured);
  backend().cancel(Cancel{1, "op-7"});
  EXPECT_EQ(std::get<Error>(next<OperationEnded>().outcome).reason, Reason::cancelled);
}

TEST_F(BackendTest, Setup_NoDescriptorLeft_OperationFails) {
  backend();
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit none = before;
  none.rlim_cur = 3;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  backend().start(StartSetup{.number = 1, .scope = scope_of("my-app")}, {24, 76});
  setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_NE(std::get<Error>(next<OperationEnded>().outcome).message.find("pipe"), std::string::npos);
  EXPECT_TRUE(backend().leave().contains(1));
}

TEST_F(BackendTest, Browser_ExitsWithFailure_FailurePosted) {
  environment_.set("BROWSER", "/bin/false");
  Backend& opened = backend();
  opened.open_browser(OpenBrowser{1, "https://claude.com/cai/oauth/authorize"});
  EXPECT_EQ(next<BrowserOpened>().error, "");
  // The program does this after SIGCHLD.
  const auto is_told = [&] {
    for (Message& message : inbox_->take()) messages_.push_back(std::move(message));
    return std::any_of(messages_.begin(), messages_.end(),
                       [](const Message& message) { return std::holds_alternative<BrowserOpened>(message); });
  };
  while (!is_told()) {
    opened.reap_browsers();
    std::this_thread::yield();
  }
  EXPECT_EQ(next<BrowserOpened>().error, "the program that opens it failed");
}

TEST_F(BackendTest, ConnectionLost_BeforeCapture_OperationFails) {
  daemon_.setup = [](const v1::SetupRequest&, TokenStream& stream) {
    stream.Write(begun("op-7"));
    return client::status_of({Reason::daemon_unreachable, "jackind ends", {}});
  };
  backend().start(StartSetup{.number = 1, .scope = scope_of("my-app")}, {24, 76});
  const auto ended = next<OperationEnded>();
  EXPECT_EQ(std::get<Error>(ended.outcome).reason, Reason::daemon_unreachable);
  EXPECT_TRUE(ended.daemon_ends);
}

TEST_F(BackendTest, CancelledByTheDaemonBeforeTheCapture_FailedAndWhyIsAsked) {
  daemon_.setup = [](const v1::SetupRequest&, TokenStream& stream) {
    stream.Write(begun("op-7"));
    return client::status_of({Reason::cancelled, "cancelled; nothing was changed", {}});
  };
  // Another client cancelled the first one.
  for (const bool is_ending : {false, true}) {
    daemon_.status.set_ending(is_ending);
    backend().start(StartSetup{.number = 1, .scope = scope_of("my-app")}, {24, 76});
    EXPECT_EQ(next<OperationEnded>().daemon_ends, is_ending);
    backend().leave();
  }
}

TEST_F(BackendTest, RevokeLost_OperationOfTheDaemonAlone) {
  for (const bool is_named : {true, false}) {
    daemon_.revoke = [is_named](grpc::ServerContext&, grpc::ServerWriter<v1::RevokeEvent>& writer) {
      v1::RevokeEvent event;
      event.mutable_begun()->set_id("op-7");
      if (is_named) writer.Write(event);
      return client::status_of({Reason::daemon_unreachable, "jackind ends", {}});
    };
    backend().start(StartRevoke{.number = 1, .scope = scope_of("my-app")});
    if (is_named) {
      EXPECT_EQ(next<OperationLost>().number, 1U);
    } else {
      EXPECT_TRUE(std::holds_alternative<Error>(next<OperationEnded>().outcome));
    }
  }
}

TEST_F(BackendTest, Revoke_Done_IdAndReportPosted) {
  daemon_.revoke = [](grpc::ServerContext&, grpc::ServerWriter<v1::RevokeEvent>& writer) {
    v1::RevokeEvent event;
    event.mutable_begun()->set_id("op-7");
    writer.Write(event);
    event.mutable_outcome()->set_cleared(true);
    writer.Write(event);
    return grpc::Status::OK;
  };
  backend().start(StartRevoke{.number = 1, .scope = scope_of("my-app"), .delete_item = true});
  EXPECT_EQ(next<OperationNamed>().id, "op-7");
  EXPECT_TRUE(std::get<RevokeReport>(next<OperationEnded>().outcome).cleared);
  EXPECT_TRUE(daemon_.revoke_request.delete_item());
  EXPECT_FALSE(daemon_.revoke_request.all());
}

TEST_F(BackendTest, Cancel_OperationOfAnotherClient_IdSent) {
  // The daemon's threads may outlive this function.
  struct State {
    std::promise<std::string> asked{};
    std::atomic<bool> is_cancelled{false};
  };
  const auto state = std::make_shared<State>();
  daemon_.watch_operations = [state](grpc::ServerContext& context, grpc::ServerWriter<v1::OperationEvent>& writer) {
    writer.Write(operation_event("op-7", "infra"));
    writer.Write(current_sent());
    while (!state->is_cancelled && !context.IsCancelled()) std::this_thread::yield();
    v1::OperationEvent ended = operation_event("op-7", "infra");
    ended.mutable_operation()->mutable_result()->set_outcome(v1::OPERATION_OUTCOME_FAILED);
    writer.Write(ended);
    return until_cancelled(context);
  };
  daemon_.cancel_operation = [state](const std::string& id) {
    state->asked.set_value(id);
    state->is_cancelled = true;
    return grpc::Status::OK;
  };
  backend().cancel(Cancel{5, "op-7"});
  EXPECT_EQ(state->asked.get_future().get(), "op-7");
}

TEST_F(BackendTest, Details_Requested_RowWithDetailsPosted) {
  daemon_.details.mutable_probe()->mutable_scope()->set_workspace("my-app");
  daemon_.details.add_holders()->set_pid(812);
  backend().ask_details(WantDetails{scope_of("my-app"), 7});
  const auto [row, ticket] = next<DetailsArrived>();
  EXPECT_EQ(ticket, 7U);
  EXPECT_EQ(daemon_.details_request.scope().workspace(), "my-app");
  EXPECT_TRUE(row.has_details);
  EXPECT_EQ(row.holders.at(0).pid, 812);
}

TEST_F(BackendTest, Lock_CachedTokens_NumberPosted) {
  daemon_.dropped = 2;
  backend().lock();
  EXPECT_EQ(next<Said>().text, "2 cached tokens were dropped from memory");
}

TEST_F(BackendTest, Listing_Answered_TicketKept) {
  daemon_.op_vaults.add_vaults()->set_id("work");
  backend().list(ListVaults{3, "A"});
  const auto answer = next<VaultsArrived>();
  EXPECT_EQ(answer.ticket, 3U);
  EXPECT_EQ(answer.vaults.at(0).id, "work");
}

TEST_F(BackendTest, Listing_Stopped_NothingPosted) {
  std::promise<void> reached;
  daemon_.op_vaults_answer = [&](grpc::ServerContext& context) {
    reached.set_value();
    return until_cancelled(context);
  };
  backend().list(ListVaults{3, "A"});
  reached.get_future().wait();
  backend().stop(StopListing{3});
  daemon_.dropped = 0;
  backend().lock();
  EXPECT_EQ(next<Said>().text, "no token was cached");
  for (const Message& message : messages_) EXPECT_FALSE(std::holds_alternative<ListingFailed>(message));
}

TEST_F(BackendTest, Listing_CancelledByTheDaemon_Fails) {
  daemon_.op_vaults_answer = [](grpc::ServerContext&) {
    return client::status_of({Reason::cancelled, "jackind ends: cancelled", {}});
  };
  backend().list(ListVaults{3, "A"});
  EXPECT_EQ(next<ListingFailed>().ticket, 3U);
}

TEST_F(BackendTest, StoresWithoutConnection_Fail) {
  environment_.set("JACKIN_RUNTIME_DIR", (temp_ / "none").string());
  paths_ = *find_paths(environment_);
  Backend away(environment_, paths_, *inbox_);
  next<LinkChanged>();
  away.list(ListStores());
  EXPECT_EQ(next<StoresFailed>().failure.reason, Reason::daemon_unreachable);
}

TEST_F(BackendTest, Stores_Requested_ListPosted) {
  daemon_.stores.add_stores()->set_kind(v1::SOURCE_KIND_FILE);
  backend().list(ListStores());
  EXPECT_EQ(next<StoresArrived>().stores.size(), 2U);
}

TEST_F(BackendTest, Doctor_TwoScopes_FindingsOfEachPosted) {
  v1::DoctorEvent event;
  event.mutable_scope()->add_findings()->set_message("the token works");
  daemon_.doctor.push_back(event);
  backend().examine(StartDoctor{{scope_of("a"), scope_of("b")}, 5});
  const auto first = next<FindingsArrived>();
  EXPECT_EQ(first.scope.str(), "a");
  EXPECT_EQ(first.ticket, 5U);
  const auto found = next<FindingsArrived>();
  EXPECT_EQ(found.scope.str(), "b");
  EXPECT_EQ(found.findings.at(0).message, "the token works");
}

TEST_F(BackendTest, Setup_NoConnection_OperationFails) {
  environment_.set("JACKIN_RUNTIME_DIR", (temp_ / "none").string());
  paths_ = *find_paths(environment_);
  Backend away(environment_, paths_, *inbox_);
  next<LinkChanged>();
  away.start(StartSetup{.number = 1, .scope = scope_of("my-app")}, {24, 76});
  EXPECT_EQ(std::get<Error>(next<OperationEnded>().outcome).reason, Reason::daemon_unreachable);
}

}  // namespace
}  // namespace jackin::tui

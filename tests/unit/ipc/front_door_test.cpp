#include "daemon/ipc/front_door.hpp"

#include <dirent.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <memory>
#include <vector>

#include "client/link/status.hpp"
#include "common/version.hpp"
#include "daemon/ipc/wake_up.hpp"
#include "jackin/v1/daemon.grpc.pb.h"
#include "jackin/v1/health.grpc.pb.h"
#include "jackin/v1/launch.grpc.pb.h"
#include "jackin/v1/stores.grpc.pb.h"
#include "tests/unit/ipc/open_door.hpp"
#include "tests/unit/ipc/raw_client.hpp"

namespace jackin::ipc {
namespace {

class FrontDoorTest : public testing::Test {
 protected:
  test::OpenDoor door;

  static void limit(grpc::ClientContext& context) {
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  }

  static v1::HelloRequest greeting() {
    v1::HelloRequest request;
    request.set_protocol_major(protocol_major);
    request.set_version("0.0.1");
    return request;
  }

  static grpc::Status say_hello(const std::shared_ptr<grpc::Channel>& channel,
                                const v1::HelloRequest& request = greeting()) {
    grpc::ClientContext context;
    limit(context);
    v1::HelloReply reply;
    return v1::Daemon::NewStub(channel)->Hello(&context, request, &reply);
  }

  /// Calls of Stores.List that go on until the test ends them, in the order of their beginning, and that nothing else
  /// ends.
  class HeldCalls {
   public:
    explicit HeldCalls(test::OpenDoor& door) : door_(door) {
      door_.domain.stores = [this](Environment) -> Task<std::vector<StoreInfo>> {
        co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
        const auto gate = std::make_shared<Gate>(co_await asio::this_coro::executor);
        gates_.push_back(gate);
        while (!gate->is_open) co_await gate->wake_up.wait();
        co_return std::vector<StoreInfo>(1);
      };
    }
    ~HeldCalls() {
      for (std::size_t i = 0; i < callers_.size(); ++i) release(i);
      for (auto& caller : callers_) caller.wait();
    }

    /// Has begun at the daemon when this returns.
    void begin() {
      const std::size_t before = count();
      callers_.push_back(std::async(std::launch::async, [channel = door_.channel()] {
        grpc::ClientContext context;
        limit(context);
        v1::ListStoresReply reply;
        return v1::Stores::NewStub(channel)->List(&context, v1::ListStoresRequest(), &reply);
      }));
      EXPECT_TRUE(door_.comes_true([&] { return count() > before; }));
    }
    void release(std::size_t index) {
      door_.on_daemons_thread([&] {
        if (index >= gates_.size()) return false;
        gates_[index]->is_open = true;
        gates_[index]->wake_up.notify();
        return true;
      });
    }
    grpc::Status answer(std::size_t index) { return callers_.at(index).get(); }

   private:
    struct Gate {
      explicit Gate(asio::any_io_executor executor) : wake_up(std::move(executor)) {}
      WakeUp wake_up;
      bool is_open = false;
    };
    std::size_t count() {
      return door_.on_daemons_thread([this] { return gates_.size(); });
    }
    test::OpenDoor& door_;
    std::vector<std::shared_ptr<Gate>> gates_;  // the daemon's thread's
    std::vector<std::shared_future<grpc::Status>> callers_;
  };

  static void write_to(int fd, const std::string& text) {
    EXPECT_EQ(write(fd, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  static bool is_hung_up(int fd) {
    pollfd hung_up{fd, POLLRDHUP, 0};
    return poll(&hung_up, 1, 30'000) > 0;
  }

  static bool is_over(const std::future<bool>& future) {
    return future.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  }

  static Error refusal_of(const grpc::Status& status) {
    EXPECT_FALSE(status.ok());
    return client::error_from_status(status);
  }
};

TEST_F(FrontDoorTest, LetsThisUserIn) {
  door.open();
  EXPECT_TRUE(say_hello(door.channel()).ok());
}

TEST_F(FrontDoorTest, ClosesAnotherUsersConnectionWithoutAWord) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root to be somebody else";
  door.open();
  // Made reachable, so that nothing but the look at the peer's uid can refuse.
  namespace fs = std::filesystem;
  for (auto folder = door.domain.paths.runtime_dir; folder != fs::temp_directory_path();
       folder = folder.parent_path()) {
    fs::permissions(folder, fs::perms::owner_all | fs::perms::others_exec);
  }
  fs::permissions(door.domain.paths.socket(), fs::perms::all);
  const pid_t stranger = fork();
  if (stranger == 0) {
    if (setresgid(65534, 65534, 65534) != 0 || setresuid(65534, 65534, 65534) != 0) _exit(2);
    const int fd = door.connect();
    (void)!write(fd, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 24);
    _exit(test::is_closed_without_a_word(fd) ? 0 : 1);
  }
  int status = 0;
  waitpid(stranger, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_FALSE(door.serving());
  EXPECT_EQ(door.connections(), 0u);
}

TEST_F(FrontDoorTest, HasNoServerUntilSomebodySpeaks) {
  door.open();
  const int silent = door.connect();
  ASSERT_TRUE(door.comes_true([&] { return door.connections() == 1; }));
  EXPECT_FALSE(door.serving());
  close(silent);
  EXPECT_TRUE(door.comes_true([&] { return door.connections() == 0; }));
}

TEST_F(FrontDoorTest, EndsTheServerWithTheLastConnection) {
  door.limits.keeping.linger = std::chrono::milliseconds(0);
  door.open();
  auto first = door.channel();
  auto second = door.channel();
  ASSERT_TRUE(say_hello(first).ok());
  ASSERT_TRUE(say_hello(second).ok());
  first.reset();
  ASSERT_TRUE(door.comes_true([&] { return door.connections() == 1; }));
  EXPECT_TRUE(door.serving());
  second.reset();
  EXPECT_TRUE(door.comes_true([&] { return !door.serving(); }));
  EXPECT_TRUE(say_hello(door.channel()).ok());
}

TEST_F(FrontDoorTest, KeepsTheServerForTheNextClient) {
  door.limits.keeping.linger = std::chrono::hours(1);
  door.open();
  ASSERT_TRUE(say_hello(door.channel()).ok());
  ASSERT_TRUE(door.comes_true([&] { return door.connections() == 0; }));
  EXPECT_TRUE(door.serving());
}

TEST_F(FrontDoorTest, ReleasesTheLibraryAfterTheServer) {
  door.limits.keeping.linger = std::chrono::milliseconds(0);
  door.limits.keeping.library = std::chrono::milliseconds(20);
  door.open();
  EXPECT_FALSE(door.holds_library());
  auto channel = door.channel();
  ASSERT_TRUE(say_hello(channel).ok());
  EXPECT_TRUE(door.holds_library());
  channel.reset();
  EXPECT_TRUE(door.comes_true([&] { return !door.holds_library(); }));
  EXPECT_FALSE(door.serving());
  EXPECT_TRUE(say_hello(door.channel()).ok());
}

TEST_F(FrontDoorTest, HoldsTheLibraryAfterTheServer) {
  door.limits.keeping.linger = std::chrono::milliseconds(0);
  door.limits.keeping.library = std::chrono::hours(1);
  door.open();
  ASSERT_TRUE(say_hello(door.channel()).ok());
  ASSERT_TRUE(door.comes_true([&] { return !door.serving(); }));
  EXPECT_TRUE(door.holds_library());
}

TEST_F(FrontDoorTest, ServesWhoeverComesWhileTheServerEnds) {
  door.limits.keeping.linger = std::chrono::milliseconds(0);
  door.limits.keeping.library = std::chrono::milliseconds(0);
  door.open();
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(say_hello(door.channel()).ok()) << i;
}

TEST_F(FrontDoorTest, ClosesAConnectionThatSaysNothing) {
  door.limits.greeting = std::chrono::milliseconds(20);
  door.open();
  const int silent = door.connect();
  EXPECT_TRUE(test::is_closed_without_a_word(silent));
  EXPECT_EQ(door.connections(), 0u);
  close(silent);
}

TEST_F(FrontDoorTest, ClosesAConnectionThatOnlyBeginsToSpeak) {
  door.limits.greeting = std::chrono::milliseconds(50);
  door.open();
  for (const std::size_t size : {std::size_t{3}, std::size_t{24}, std::size_t{32}}) {
    const int slow = door.connect();
    write_to(slow, test::http2_greeting().substr(0, size));
    EXPECT_TRUE(test::is_closed_without_a_word(slow)) << size;
    close(slow);
  }
  EXPECT_FALSE(door.serving());
}

TEST_F(FrontDoorTest, ServesAClientThatGreetsInPieces) {
  door.open();
  const int slow = door.connect();
  for (const char byte : test::http2_greeting()) write_to(slow, std::string(1, byte));
  char answer = 0;
  EXPECT_EQ(read(slow, &answer, 1), 1);
  EXPECT_TRUE(door.serving());
  close(slow);
}

TEST_F(FrontDoorTest, ClosesWhoSpeaksAnotherLanguage) {
  door.limits.greeting = std::chrono::hours(1);
  door.open();
  const int stranger = door.connect();
  write_to(stranger, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_TRUE(test::is_closed_without_a_word(stranger));
  EXPECT_FALSE(door.serving());
  EXPECT_TRUE(say_hello(door.channel()).ok());
  close(stranger);
}

TEST_F(FrontDoorTest, ClosesAConnectionWithoutACall) {
  door.limits.first_call = std::chrono::milliseconds(50);
  door.open();
  const int idle = door.connect();
  write_to(idle, test::http2_greeting());
  EXPECT_TRUE(is_hung_up(idle));
  close(idle);
}

TEST_F(FrontDoorTest, ClosesAConnectionSomeTimeAfterItsLastCall) {
  door.limits.next_call = std::chrono::milliseconds(50);
  door.open();
  const auto channel = door.channel();
  ASSERT_TRUE(say_hello(channel).ok());
  EXPECT_TRUE(door.comes_true([&] { return door.connections() == 0; }));
}

TEST_F(FrontDoorTest, ClosesNoConnectionWithACall) {
  door.limits.first_call = std::chrono::milliseconds(50);
  door.limits.next_call = std::chrono::milliseconds(50);
  HeldCalls held(door);
  door.open();
  held.begin();
  // One that comes later is closed for having none.
  const int idle = door.connect();
  write_to(idle, test::http2_greeting());
  EXPECT_TRUE(is_hung_up(idle));
  close(idle);
  held.release(0);
  EXPECT_TRUE(held.answer(0).ok());
}

TEST_F(FrontDoorTest, BoundsSilentConnectionsAndStillLetsInWhoSpeaks) {
  door.limits.connections = {.in_all = 4, .per_process = 100};
  door.open();
  std::vector<int> silent;
  for (int i = 0; i < 20; ++i) silent.push_back(door.connect());
  EXPECT_TRUE(test::is_closed_without_a_word(silent.front()));
  EXPECT_LE(door.connections(), 4u);
  EXPECT_TRUE(say_hello(door.channel()).ok());
  for (const int fd : silent) close(fd);
}

TEST_F(FrontDoorTest, RefusesMoreSpeakingConnectionsThanItsBound) {
  door.limits.connections = {.in_all = 2, .per_process = 100};
  door.open();
  const auto first = door.channel();
  const auto second = door.channel();
  ASSERT_TRUE(say_hello(first).ok());
  ASSERT_TRUE(say_hello(second).ok());
  const auto status = say_hello(door.channel());
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(refusal_of(status).reason, Reason::limit_reached);
  EXPECT_TRUE(say_hello(first).ok());
}

TEST_F(FrontDoorTest, TellsAProcessThatItHasTooManyConnections) {
  door.limits.connections = {.in_all = 100, .per_process = 1};
  door.open();
  const auto first = door.channel();
  ASSERT_TRUE(say_hello(first).ok());
  const auto second = door.channel();
  const Error refused = refusal_of(say_hello(second));
  EXPECT_EQ(refused.reason, Reason::limit_reached);
  EXPECT_NE(refused.message.find("[" + std::to_string(getpid()) + "] has 1 connections"), std::string::npos)
      << refused.message;

  grpc::ClientContext context;
  limit(context);
  v1::StatusReply status;
  EXPECT_TRUE(v1::Daemon::NewStub(second)->Status(&context, v1::StatusRequest(), &status).ok())
      << "what asks how it is, and what ends it, comes through";
}

TEST_F(FrontDoorTest, ClosesARefusedConnectionSoon) {
  door.limits.connections = {.in_all = 100, .per_process = 1};
  door.limits.refusal = std::chrono::milliseconds(20);
  door.open();
  const auto first = door.channel();
  ASSERT_TRUE(say_hello(first).ok());
  const auto second = door.channel();
  EXPECT_FALSE(say_hello(second).ok());
  EXPECT_TRUE(door.comes_true([&] { return door.connections() == 1; }));
}

TEST_F(FrontDoorTest, ClosesWithoutAWordWhatIsOverEvenThat) {
  door.limits.connections = {.in_all = 1, .per_process = 1};
  door.limits.refusals = {.in_all = 1, .per_process = 1};
  door.open();
  const auto first = door.channel();
  ASSERT_TRUE(say_hello(first).ok());
  const int refused = door.connect();
  const int closed = door.connect();
  EXPECT_TRUE(test::is_closed_without_a_word(closed));
  EXPECT_EQ(door.connections(), 2u);
  close(refused);
  close(closed);
}

TEST_F(FrontDoorTest, RefusesAMessageThatIsTooLarge) {
  door.open();
  const auto channel = door.channel();
  auto request = greeting();
  request.set_config_dir(std::string(300 * 1024, 'x'));
  EXPECT_EQ(say_hello(channel, request).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_TRUE(say_hello(channel).ok());
}

TEST_F(FrontDoorTest, TellsAClientOfAnotherProtocolWhatToDo) {
  door.open();
  auto request = greeting();
  request.set_protocol_major(protocol_major + 1);
  const Error refused = refusal_of(say_hello(door.channel(), request));
  EXPECT_EQ(refused.reason, Reason::daemon_mismatch);
  EXPECT_EQ(refused.remedy, "jackinctl daemon restart");
}

TEST_F(FrontDoorTest, TellsAClientWithOtherFoldersWhatToDo) {
  door.open();
  auto request = greeting();
  request.set_config_dir("/somewhere/else");
  const Error refused = refusal_of(say_hello(door.channel(), request));
  EXPECT_EQ(refused.reason, Reason::daemon_mismatch);
  EXPECT_NE(refused.message.find("/somewhere/else"), std::string::npos);
  EXPECT_EQ(refused.remedy, "jackinctl daemon restart");
}

TEST_F(FrontDoorTest, AcceptsAnotherMinorVersionOfTheProtocol) {
  door.open();
  auto request = greeting();
  request.set_protocol_minor(99);
  EXPECT_TRUE(say_hello(door.channel(), request).ok());
}

TEST_F(FrontDoorTest, NotesWhoCallsByTheKernelsWord) {
  std::atomic<pid_t> noted = 0;
  door.domain.launch = [&](launch::LaunchRequest request) -> Task<launch::LaunchPlan> {
    noted = request.process.pid;
    co_return launch::LaunchPlan();
  };
  door.open();
  v1::PrepareRequest request;
  request.mutable_scope()->set_workspace("demo");
  grpc::ClientContext context;
  limit(context);
  v1::PrepareReply reply;
  ASSERT_TRUE(v1::Launch::NewStub(door.channel())->Prepare(&context, request, &reply).ok());
  EXPECT_EQ(noted, getpid());
}

TEST_F(FrontDoorTest, DoesTheWorkOnTheDaemonsThread) {
  std::thread::id worked_on;
  door.domain.probe_with_glance = [&](Scope scope, std::optional<std::chrono::seconds>) -> Task<health::ProbeAnswer> {
    worked_on = std::this_thread::get_id();
    health::ProbeAnswer answer;
    answer.scope = scope;
    co_return answer;
  };
  door.open();
  grpc::ClientContext context;
  limit(context);
  v1::ProbeReply reply;
  ASSERT_TRUE(v1::Health::NewStub(door.channel())->Probe(&context, v1::ProbeRequest(), &reply).ok());
  EXPECT_EQ(worked_on, door.on_daemons_thread([] { return std::this_thread::get_id(); }));
}

TEST_F(FrontDoorTest, TellsABugWithoutRepeatingWhatItSays) {
  door.domain.stores = [](Environment) -> Task<std::vector<StoreInfo>> {
    throw std::runtime_error("parse error near 'sk-ant-oat01-secret'");
    co_return std::vector<StoreInfo>();
  };
  door.open();
  grpc::ClientContext context;
  limit(context);
  v1::ListStoresReply reply;
  const auto status = v1::Stores::NewStub(door.channel())->List(&context, v1::ListStoresRequest(), &reply);
  EXPECT_EQ(refusal_of(status).reason, Reason::internal);
  EXPECT_EQ(status.error_message().find("secret"), std::string::npos);
}

TEST_F(FrontDoorTest, CancelsTheWorkOfAClientThatHasGone) {
  std::promise<void> begun;
  std::promise<void> cancelled;
  door.domain.stores = [&](Environment) -> Task<std::vector<StoreInfo>> {
    WakeUp never(co_await asio::this_coro::executor);
    begun.set_value();
    co_await never.wait();
    cancelled.set_value();
    co_return failure(Reason::cancelled, "cancelled");
  };
  door.open();
  auto channel = door.channel();
  grpc::ClientContext context;
  v1::ListStoresReply reply;
  std::thread caller([&] { (void)v1::Stores::NewStub(channel)->List(&context, v1::ListStoresRequest(), &reply); });
  begun.get_future().wait();
  context.TryCancel();
  caller.join();
  EXPECT_EQ(cancelled.get_future().wait_for(std::chrono::seconds(30)), std::future_status::ready);
}

TEST_F(FrontDoorTest, AnswersEveryoneBeforeItCloses) {
  std::promise<void> begun;
  std::atomic<WakeUp*> go = nullptr;
  door.domain.stores = [&](Environment) -> Task<std::vector<StoreInfo>> {
    WakeUp gate(co_await asio::this_coro::executor);
    go = &gate;
    begun.set_value();
    co_await gate.wait();
    co_return std::vector<StoreInfo>(1);
  };
  door.open();
  const auto channel = door.channel();
  v1::ListStoresReply reply;
  grpc::Status status;
  std::thread caller([&] {
    grpc::ClientContext context;
    limit(context);
    status = v1::Stores::NewStub(channel)->List(&context, v1::ListStoresRequest(), &reply);
  });
  begun.get_future().wait();
  auto closed = std::async(std::launch::async, [&] { return door.close(); });
  door.on_daemons_thread([&] {
    go.load()->notify();
    return true;
  });
  EXPECT_TRUE(closed.get());
  caller.join();
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(reply.stores_size(), 1);
  EXPECT_FALSE(std::filesystem::exists(door.domain.paths.socket()));
}

TEST_F(FrontDoorTest, SaysWhenSomethingDoesNotEnd) {
  std::promise<void> begun;
  std::atomic<WakeUp*> go = nullptr;
  door.domain.stores = [&](Environment) -> Task<std::vector<StoreInfo>> {
    WakeUp gate(co_await asio::this_coro::executor);
    go = &gate;
    begun.set_value();
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    co_await gate.wait();
    co_return std::vector<StoreInfo>();
  };
  door.open();
  const auto channel = door.channel();
  std::thread caller([&] {
    grpc::ClientContext context;
    v1::ListStoresReply reply;
    (void)v1::Stores::NewStub(channel)->List(&context, v1::ListStoresRequest(), &reply);
  });
  begun.get_future().wait();
  EXPECT_FALSE(door.close(std::chrono::milliseconds(20)));
  door.on_daemons_thread([&] {
    go.load()->notify();
    return true;
  });
  caller.join();
}

TEST_F(FrontDoorTest, AnswersWhoeverComesWhileItDrainsAndAfter) {
  HeldCalls held(door);
  door.open();
  const auto before = door.channel();
  ASSERT_TRUE(say_hello(before).ok());
  held.begin();
  auto drained = door.drain();
  EXPECT_TRUE(say_hello(before).ok());
  EXPECT_TRUE(say_hello(door.channel()).ok());
  EXPECT_FALSE(is_over(drained)) << "what was begun before still runs";
  held.release(0);
  EXPECT_TRUE(drained.get());
  EXPECT_TRUE(held.answer(0).ok());
  EXPECT_TRUE(say_hello(door.channel()).ok());
}

TEST_F(FrontDoorTest, DrainsOnlyOfWhatHasBegunBefore) {
  HeldCalls held(door);
  door.open();
  held.begin();
  auto drained = door.drain();
  held.begin();
  held.release(0);
  EXPECT_TRUE(drained.get()) << "a call that came after holds it up";
  held.release(1);
  EXPECT_TRUE(held.answer(1).ok());
}

TEST_F(FrontDoorTest, CancelsACallThatDoesNotEndWhileItDrains) {
  door.limits.patience = std::chrono::milliseconds(20);
  std::promise<void> begun;
  door.domain.stores = [&](Environment) -> Task<std::vector<StoreInfo>> {
    WakeUp never(co_await asio::this_coro::executor);
    begun.set_value();
    co_await never.wait();
    co_return failure(Reason::cancelled, "cancelled");
  };
  door.open();
  auto answer = std::async(std::launch::async, [channel = door.channel()] {
    grpc::ClientContext context;
    limit(context);
    v1::ListStoresReply reply;
    return v1::Stores::NewStub(channel)->List(&context, v1::ListStoresRequest(), &reply);
  });
  begun.get_future().wait();
  EXPECT_TRUE(door.drain(std::chrono::hours(1)).get());
  const Error told = refusal_of(answer.get());
  EXPECT_EQ(told.reason, Reason::cancelled);
  EXPECT_EQ(told.message, "jackind ends: cancelled");
}

TEST_F(FrontDoorTest, DoesNotWaitForACallThatHeedsNoCancellation) {
  door.limits.patience = std::chrono::milliseconds(20);
  HeldCalls held(door);
  door.open();
  held.begin();
  EXPECT_FALSE(door.drain(std::chrono::hours(1)).get());
  held.release(0);
  EXPECT_TRUE(held.answer(0).ok());
}

TEST_F(FrontDoorTest, SaysWhatItWaitsForWhileItDrains) {
  door.domain.ending = [] { return true; };
  HeldCalls held(door);
  door.open();
  const auto channel = door.channel();
  held.begin();
  auto drained = door.drain(std::chrono::hours(1));
  grpc::ClientContext context;
  limit(context);
  v1::StatusReply status;
  ASSERT_TRUE(v1::Daemon::NewStub(channel)->Status(&context, v1::StatusRequest(), &status).ok());
  ASSERT_EQ(status.waits_for_size(), 1);
  EXPECT_EQ(status.waits_for(0).method(), "Stores.List");
  EXPECT_EQ(status.waits_for(0).client().pid(), getpid());
  held.release(0);
  EXPECT_TRUE(drained.get());
}

TEST_F(FrontDoorTest, DoesNotWaitForConnectionsWithoutACallWhenItCloses) {
  door.limits.keeping.server.answers = std::chrono::hours(1);
  door.open();
  const auto channel = door.channel();
  ASSERT_TRUE(say_hello(channel).ok());
  EXPECT_TRUE(door.close());
}

TEST_F(FrontDoorTest, DrainsAtOnceOfNothing) {
  door.open();
  EXPECT_TRUE(door.drain().get());
}

TEST_F(FrontDoorTest, SaysWhenItCannotBeDrainedInTime) {
  HeldCalls held(door);
  door.open();
  held.begin();
  EXPECT_FALSE(door.drain(std::chrono::milliseconds(20)).get());
  held.release(0);
  EXPECT_TRUE(held.answer(0).ok()) << "it is given up, not ended";
}

TEST_F(FrontDoorTest, WaitsForNothingOnceItIsToHurry) {
  HeldCalls held(door);
  door.open();
  held.begin();
  auto drained = door.drain(std::chrono::hours(1));
  EXPECT_FALSE(is_over(drained));
  door.hurry();
  EXPECT_FALSE(drained.get());
  EXPECT_FALSE(door.close(std::chrono::hours(1))) << "also what comes after hurries";
}

TEST_F(FrontDoorTest, AlsoHurriesWhenItAlreadyCloses) {
  HeldCalls held(door);
  door.open();
  held.begin();
  auto closed = std::async(std::launch::async, [&] { return door.close(std::chrono::hours(1)); });
  // Nobody is let in: it closes.
  ASSERT_TRUE(door.comes_true([&] { return !std::filesystem::exists(door.domain.paths.socket()); }));
  door.hurry();
  EXPECT_FALSE(closed.get());
}

}  // namespace
}  // namespace jackin::ipc

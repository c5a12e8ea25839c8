// SPDX-License-Identifier: Apache-2.0
#include "daemon/ipc/connection_acceptor.hpp"

#include "common/remedy_command.hpp"
#include "tests/unit/ipc/connection_acceptor_fixture.hpp"

namespace jackin::ipc {
namespace {

TEST_F(ConnectionAcceptorTest, SameUser_Accepted) {
  acceptor.open();
  EXPECT_TRUE(say_hello(acceptor.channel()).ok());
}

TEST_F(ConnectionAcceptorTest, OtherUser_ClosedWithoutReply) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  acceptor.open();
  // Reachable for everyone, so that only the check of the peer's uid can refuse.
  namespace fs = std::filesystem;
  for (auto folder = acceptor.services.folders.runtime_dir; folder != fs::temp_directory_path();
       folder = folder.parent_path()) {
    fs::permissions(folder, fs::perms::owner_all | fs::perms::others_exec);
  }
  fs::permissions(acceptor.services.folders.socket(), fs::perms::all);
  const pid_t stranger = fork();
  if (stranger == 0) {
    if (setresgid(65534, 65534, 65534) != 0 || setresuid(65534, 65534, 65534) != 0) _exit(2);
    const int fd = acceptor.connect();
    (void)!write(fd, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 24);
    _exit(test::is_closed_without_a_word(fd) ? 0 : 1);
  }
  int status = 0;
  waitpid(stranger, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_FALSE(acceptor.serving());
  EXPECT_EQ(acceptor.connections(), 0u);
}

TEST_F(ConnectionAcceptorTest, SilentConnection_NoServer) {
  acceptor.open();
  const int silent = acceptor.connect();
  ASSERT_TRUE(acceptor.comes_true([&] { return acceptor.connections() == 1; }));
  EXPECT_FALSE(acceptor.serving());
  close(silent);
  EXPECT_TRUE(acceptor.comes_true([&] { return acceptor.connections() == 0; }));
}

TEST_F(ConnectionAcceptorTest, LastConnectionEnds_ServerEnds) {
  acceptor.limits.host.linger = std::chrono::milliseconds(0);
  acceptor.open();
  auto first = acceptor.channel();
  auto second = acceptor.channel();
  ASSERT_TRUE(say_hello(first).ok());
  ASSERT_TRUE(say_hello(second).ok());
  first.reset();
  ASSERT_TRUE(acceptor.comes_true([&] { return acceptor.connections() == 1; }));
  EXPECT_TRUE(acceptor.serving());
  second.reset();
  EXPECT_TRUE(acceptor.comes_true([&] { return !acceptor.serving(); }));
  EXPECT_TRUE(say_hello(acceptor.channel()).ok());
}

TEST_F(ConnectionAcceptorTest, Linger_ServerKeptForNextClient) {
  acceptor.limits.host.linger = std::chrono::hours(1);
  acceptor.open();
  ASSERT_TRUE(say_hello(acceptor.channel()).ok());
  ASSERT_TRUE(acceptor.comes_true([&] { return acceptor.connections() == 0; }));
  EXPECT_TRUE(acceptor.serving());
}

TEST_F(ConnectionAcceptorTest, ServerEnds_LibraryReleased) {
  acceptor.limits.host.linger = std::chrono::milliseconds(0);
  acceptor.limits.host.library = std::chrono::milliseconds(20);
  acceptor.open();
  EXPECT_FALSE(acceptor.holds_library());
  auto channel = acceptor.channel();
  ASSERT_TRUE(say_hello(channel).ok());
  EXPECT_TRUE(acceptor.holds_library());
  channel.reset();
  EXPECT_TRUE(acceptor.comes_true([&] { return !acceptor.holds_library(); }));
  EXPECT_FALSE(acceptor.serving());
  EXPECT_TRUE(say_hello(acceptor.channel()).ok());
}

TEST_F(ConnectionAcceptorTest, ServerEnds_LibraryHeldForDelay) {
  acceptor.limits.host.linger = std::chrono::milliseconds(0);
  acceptor.limits.host.library = std::chrono::hours(1);
  acceptor.open();
  ASSERT_TRUE(say_hello(acceptor.channel()).ok());
  ASSERT_TRUE(acceptor.comes_true([&] { return !acceptor.serving(); }));
  EXPECT_TRUE(acceptor.holds_library());
}

TEST_F(ConnectionAcceptorTest, ServerEnds_NewClientServed) {
  acceptor.limits.host.linger = std::chrono::milliseconds(0);
  acceptor.limits.host.library = std::chrono::milliseconds(0);
  acceptor.open();
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(say_hello(acceptor.channel()).ok()) << i;
}

TEST_F(ConnectionAcceptorTest, SilentConnection_Closed) {
  acceptor.limits.greeting = std::chrono::milliseconds(20);
  acceptor.open();
  const int silent = acceptor.connect();
  EXPECT_TRUE(test::is_closed_without_a_word(silent));
  EXPECT_EQ(acceptor.connections(), 0u);
  close(silent);
}

TEST_F(ConnectionAcceptorTest, IncompleteGreeting_Closed) {
  acceptor.limits.greeting = std::chrono::milliseconds(50);
  acceptor.open();
  for (const std::size_t size : {std::size_t{3}, std::size_t{24}, std::size_t{32}}) {
    const int slow = acceptor.connect();
    write_to(slow, test::http2_greeting().substr(0, size));
    EXPECT_TRUE(test::is_closed_without_a_word(slow)) << size;
    close(slow);
  }
  EXPECT_FALSE(acceptor.serving());
}

TEST_F(ConnectionAcceptorTest, GreetingInPieces_Served) {
  acceptor.open();
  const int slow = acceptor.connect();
  for (const char byte : test::http2_greeting()) write_to(slow, std::string(1, byte));
  char answer = 0;
  EXPECT_EQ(read(slow, &answer, 1), 1);
  EXPECT_TRUE(acceptor.serving());
  close(slow);
}

TEST_F(ConnectionAcceptorTest, ForeignProtocol_Closed) {
  acceptor.limits.greeting = std::chrono::hours(1);
  acceptor.open();
  const int stranger = acceptor.connect();
  write_to(stranger, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_TRUE(test::is_closed_without_a_word(stranger));
  EXPECT_FALSE(acceptor.serving());
  EXPECT_TRUE(say_hello(acceptor.channel()).ok());
  close(stranger);
}

TEST_F(ConnectionAcceptorTest, NoCall_Closed) {
  acceptor.limits.first_call = std::chrono::milliseconds(50);
  acceptor.open();
  const int idle = acceptor.connect();
  write_to(idle, test::http2_greeting());
  EXPECT_TRUE(is_hung_up(idle));
  close(idle);
}

TEST_F(ConnectionAcceptorTest, NoFurtherCall_Closed) {
  acceptor.limits.next_call = std::chrono::milliseconds(50);
  acceptor.open();
  const auto channel = acceptor.channel();
  ASSERT_TRUE(say_hello(channel).ok());
  EXPECT_TRUE(acceptor.comes_true([&] { return acceptor.connections() == 0; }));
}

TEST_F(ConnectionAcceptorTest, RunningCall_NotClosed) {
  acceptor.limits.first_call = std::chrono::milliseconds(50);
  acceptor.limits.next_call = std::chrono::milliseconds(50);
  HeldCalls held(acceptor);
  acceptor.open();
  held.begin();
  // A later connection is closed because it has no call.
  const int idle = acceptor.connect();
  write_to(idle, test::http2_greeting());
  EXPECT_TRUE(is_hung_up(idle));
  close(idle);
  held.release(0);
  EXPECT_TRUE(held.answer(0).ok());
}

TEST_F(ConnectionAcceptorTest, SilentConnections_Limited_ClientsStillServed) {
  acceptor.limits.connections = {.in_all = 4, .per_process = 100};
  acceptor.open();
  std::vector<int> silent;
  for (int i = 0; i < 20; ++i) silent.push_back(acceptor.connect());
  EXPECT_TRUE(test::is_closed_without_a_word(silent.front()));
  EXPECT_LE(acceptor.connections(), 4u);
  EXPECT_TRUE(say_hello(acceptor.channel()).ok());
  for (const int fd : silent) close(fd);
}

TEST_F(ConnectionAcceptorTest, Connections_OverLimit_Refused) {
  acceptor.limits.connections = {.in_all = 2, .per_process = 100};
  acceptor.open();
  const auto first = acceptor.channel();
  const auto second = acceptor.channel();
  ASSERT_TRUE(say_hello(first).ok());
  ASSERT_TRUE(say_hello(second).ok());
  const auto status = say_hello(acceptor.channel());
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(refusal_of(status).reason, Reason::limit_reached);
  EXPECT_TRUE(say_hello(first).ok());
}

TEST_F(ConnectionAcceptorTest, ConnectionsOfProcess_OverLimit_RefusedExceptStatusAndShutdown) {
  acceptor.limits.connections = {.in_all = 100, .per_process = 1};
  acceptor.open();
  const auto first = acceptor.channel();
  ASSERT_TRUE(say_hello(first).ok());
  const auto second = acceptor.channel();
  const Error refused = refusal_of(say_hello(second));
  EXPECT_EQ(refused.reason, Reason::limit_reached);
  EXPECT_NE(refused.message.find("[" + std::to_string(getpid()) + "] has 1 connections"), std::string::npos)
      << refused.message;

  grpc::ClientContext context;
  limit(context);
  v1::StatusReply status;
  EXPECT_TRUE(v1::DaemonService::NewStub(second)->Status(&context, v1::StatusRequest(), &status).ok())
      << "what asks how it is, and what ends it, comes through";
}

TEST_F(ConnectionAcceptorTest, RefusedConnection_ClosedSoon) {
  acceptor.limits.connections = {.in_all = 100, .per_process = 1};
  acceptor.limits.refusal = std::chrono::milliseconds(20);
  acceptor.open();
  const auto first = acceptor.channel();
  ASSERT_TRUE(say_hello(first).ok());
  const auto second = acceptor.channel();
  EXPECT_FALSE(say_hello(second).ok());
  EXPECT_TRUE(acceptor.comes_true([&] { return acceptor.connections() == 1; }));
}

TEST_F(ConnectionAcceptorTest, RefusalsOverLimit_ClosedWithoutReply) {
  acceptor.limits.connections = {.in_all = 1, .per_process = 1};
  acceptor.limits.refusals = {.in_all = 1, .per_process = 1};
  acceptor.open();
  const auto first = acceptor.channel();
  ASSERT_TRUE(say_hello(first).ok());
  const int refused = acceptor.connect();
  const int closed = acceptor.connect();
  EXPECT_TRUE(test::is_closed_without_a_word(closed));
  EXPECT_EQ(acceptor.connections(), 2u);
  close(refused);
  close(closed);
}

TEST_F(ConnectionAcceptorTest, MessageTooLarge_Refused) {
  acceptor.open();
  const auto channel = acceptor.channel();
  auto request = greeting();
  request.set_config_dir(std::string(300 * 1024, 'x'));
  EXPECT_EQ(say_hello(channel, request).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_TRUE(say_hello(channel).ok());
}

TEST_F(ConnectionAcceptorTest, OtherProtocol_RefusedWithRemedy) {
  acceptor.open();
  auto request = greeting();
  request.set_protocol_major(protocol_major + 1);
  const Error refused = refusal_of(say_hello(acceptor.channel(), request));
  EXPECT_EQ(refused.reason, Reason::daemon_mismatch);
  EXPECT_EQ(command_line(refused.remedy), "jackinctl daemon restart");
}

TEST_F(ConnectionAcceptorTest, OtherFolders_RefusedWithRemedy) {
  acceptor.open();
  auto request = greeting();
  request.set_config_dir("/somewhere/else");
  const Error refused = refusal_of(say_hello(acceptor.channel(), request));
  EXPECT_EQ(refused.reason, Reason::daemon_mismatch);
  EXPECT_NE(refused.message.find("/somewhere/else"), std::string::npos);
  EXPECT_EQ(command_line(refused.remedy), "jackinctl daemon restart");
}

TEST_F(ConnectionAcceptorTest, OtherMinorVersion_Accepted) {
  acceptor.open();
  auto request = greeting();
  request.set_protocol_minor(99);
  EXPECT_TRUE(say_hello(acceptor.channel(), request).ok());
}

TEST_F(ConnectionAcceptorTest, Caller_PidFromKernel) {
  std::atomic<pid_t> noted = 0;
  acceptor.services.on_prepare = [&](launch::LaunchRequest request) -> Task<launch::LaunchPlan> {
    noted = request.process.pid;
    co_return launch::LaunchPlan();
  };
  acceptor.open();
  v1::PrepareRequest request;
  request.mutable_scope()->set_workspace("demo");
  grpc::ClientContext context;
  limit(context);
  v1::PrepareReply reply;
  ASSERT_TRUE(v1::LaunchService::NewStub(acceptor.channel())->Prepare(&context, request, &reply).ok());
  EXPECT_EQ(noted, getpid());
}

TEST_F(ConnectionAcceptorTest, Call_RunsOnDaemonsThread) {
  std::thread::id worked_on;
  acceptor.services.on_probe_with_quick_check = [&](Scope scope,
                                                    std::optional<std::chrono::seconds>) -> Task<health::ProbeAnswer> {
    worked_on = std::this_thread::get_id();
    health::ProbeAnswer answer;
    answer.scope = scope;
    co_return answer;
  };
  acceptor.open();
  grpc::ClientContext context;
  limit(context);
  v1::ProbeReply reply;
  ASSERT_TRUE(v1::HealthService::NewStub(acceptor.channel())->Probe(&context, v1::ProbeRequest(), &reply).ok());
  EXPECT_EQ(worked_on, acceptor.on_daemons_thread([] { return std::this_thread::get_id(); }));
}

TEST_F(ConnectionAcceptorTest, CallThrows_InternalWithoutText) {
  acceptor.services.on_list = [](Environment) -> Task<std::vector<lifecycle::StoreInfo>> {
    throw std::runtime_error("parse error near 'sk-ant-oat01-secret'");
    co_return std::vector<lifecycle::StoreInfo>();
  };
  acceptor.open();
  grpc::ClientContext context;
  limit(context);
  v1::ListStoresReply reply;
  const auto status =
      v1::StoresService::NewStub(acceptor.channel())->ListStores(&context, v1::ListStoresRequest(), &reply);
  EXPECT_EQ(refusal_of(status).reason, Reason::internal);
  EXPECT_EQ(status.error_message().find("secret"), std::string::npos);
}

TEST_F(ConnectionAcceptorTest, ClientGone_WorkCancelled) {
  std::promise<void> begun;
  std::promise<void> cancelled;
  acceptor.services.on_list = [&](Environment) -> Task<std::vector<lifecycle::StoreInfo>> {
    async::WakeUp never(co_await asio::this_coro::executor);
    begun.set_value();
    co_await never.wait();
    cancelled.set_value();
    co_return failure(Reason::cancelled, "cancelled");
  };
  acceptor.open();
  auto channel = acceptor.channel();
  grpc::ClientContext context;
  v1::ListStoresReply reply;
  std::thread caller(
      [&] { (void)v1::StoresService::NewStub(channel)->ListStores(&context, v1::ListStoresRequest(), &reply); });
  begun.get_future().wait();
  context.TryCancel();
  caller.join();
  EXPECT_EQ(cancelled.get_future().wait_for(std::chrono::seconds(30)), std::future_status::ready);
}

std::string with_header(std::string header) {
  return "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + header;
}

TEST(Greeting, UntilSettingsHeader_Incomplete) {
  const std::string whole = test::http2_greeting().substr(0, greeting_size);
  for (std::size_t size = 0; size < greeting_size; ++size) {
    EXPECT_EQ(judge_greeting(whole.substr(0, size)), Greeting::incomplete) << size;
  }
  EXPECT_EQ(judge_greeting(whole), Greeting::http2);
}

TEST(Greeting, EmptySettings_Http2) {
  EXPECT_EQ(judge_greeting(with_header(std::string("\0\0\0\x04\0\0\0\0\0", 9))), Greeting::http2);
}

TEST(Greeting, OtherBytes_Foreign) {
  EXPECT_EQ(judge_greeting("G"), Greeting::foreign);
  EXPECT_EQ(judge_greeting("GET / HTTP/1.1\r\nHost: localhost\r\n"), Greeting::foreign);
  EXPECT_EQ(judge_greeting("PRI * HTTP/1"), Greeting::foreign);
  EXPECT_EQ(judge_greeting(std::string(33, '\0')), Greeting::foreign);
}

TEST(Greeting, NoSettings_Foreign) {
  EXPECT_EQ(judge_greeting(with_header(std::string("\0\0\x08\x06\0\0\0\0\0", 9))), Greeting::foreign)
      << "another frame";
  EXPECT_EQ(judge_greeting(with_header(std::string("\0\0\0\x04\x01\0\0\0\0", 9))), Greeting::foreign)
      << "an acknowledgement";
  EXPECT_EQ(judge_greeting(with_header(std::string("\0\0\0\x04\0\0\0\0\x01", 9))), Greeting::foreign) << "of a stream";
  EXPECT_EQ(judge_greeting(with_header(std::string("\0\0\x05\x04\0\0\0\0\0", 9))), Greeting::foreign)
      << "not whole settings";
  EXPECT_EQ(judge_greeting(with_header(std::string("\xff\0\0\x04\0\0\0\0\0", 9))), Greeting::foreign) << "too long";
}

}  // namespace
}  // namespace jackin::ipc

// SPDX-License-Identifier: Apache-2.0
#include "daemon/ipc/connection_acceptor.hpp"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/redirect_error.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <cerrno>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "common/os/peer.hpp"

namespace jackin::ipc {
namespace {

constexpr auto accept_again_after = std::chrono::seconds(1);
constexpr auto server_end_limit = std::chrono::seconds(20);

std::string name_of(const ProcessIdentity& process) {
  return process.command + "[" + std::to_string(process.pid) + "]";
}

constexpr std::string_view preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
static_assert(preface.size() == 24);

constexpr unsigned settings_type = 4;
constexpr unsigned ack_flag = 1;
constexpr unsigned setting_size = 6;
constexpr unsigned largest_frame = 16'384;  // until the peer allows more (RFC 9113, 4.2)

}  // namespace

Greeting judge_greeting(std::string_view first) {
  const auto begun = first.substr(0, preface.size());
  if (!preface.starts_with(begun)) return Greeting::foreign;
  if (first.size() < greeting_size) return Greeting::incomplete;
  std::array<unsigned, 9> header{};
  std::transform(first.begin() + preface.size(), first.begin() + greeting_size, header.begin(),
                 [](char byte) { return static_cast<unsigned char>(byte); });
  const unsigned length = header[0] << 16U | header[1] << 8U | header[2];
  const unsigned stream = (header[5] & 0x7fU) | header[6] | header[7] | header[8];
  const bool is_settings = length <= largest_frame && length % setting_size == 0 && header[3] == settings_type &&
                           (header[4] & ack_flag) == 0 && stream == 0;
  return is_settings ? Greeting::http2 : Greeting::foreign;
}

/// An accepted client. `accepted` is watched. Once there is a server, gRPC owns a duplicate of it, `served`.
struct ConnectionAcceptor::Connection {
  enum class Stage { greets, waits_for_server, is_served };

  Stage stage = Stage::greets;
  os::Descriptor accepted;
  int served = -1;
  std::shared_ptr<Peer> peer = std::make_shared<Peer>();
  std::optional<Quota::Share> place;
  std::optional<Clock::Duration> deadline;  ///< Until then it must have greeted, or begun a call; in uptime.
};

ConnectionAcceptor::ConnectionAcceptor(asio::any_io_executor executor, Clock& clock, const ServiceInterfaces& services,
                                       const Limits& limits)
    : executor_(executor),
      clock_(clock),
      limits_(limits),
      activity_(executor),
      places_(limits.connections),
      refusals_(limits.refusals),
      deps_{executor, services, clock, peers_, activity_, Quota(limits.watches), limits.first_call},
      all_dropped_(executor),
      host_(executor, clock, deps_, limits.host, [this] { serve_all(); }) {}

ConnectionAcceptor::~ConnectionAcceptor() {
  for (const auto& [key, connection] : connections_) connection->peer->on_quiet = nullptr;
  stop_accepting();
}

Result<> ConnectionAcceptor::open(ListeningSocket socket) {
  TRY(HangupWatch hangups, HangupWatch::make(executor_));
  hangups_.emplace(std::move(hangups));
  host_.start();
  listen_on(std::move(socket));
  asio::co_spawn(executor_, watch_connections(), asio::detached);
  return {};
}

void ConnectionAcceptor::listen_on(ListeningSocket socket) {
  stop_accepting();
  socket_.emplace(std::move(socket));
  acceptable_.emplace(executor_, socket_->descriptor());
  asio::co_spawn(executor_, accept_all(), asio::detached);
}

void ConnectionAcceptor::stop_accepting() {
  if (acceptable_) acceptable_->release();
  acceptable_.reset();
  socket_.reset();
}

asio::awaitable<bool> ConnectionAcceptor::drain(Clock::Duration limit) {
  activity_.announce_shutdown();
  const async::Timeout cancelling(executor_, clock_, limits_.cancel_after,
                                  [this] { activity_.cancel_earlier_calls(); });
  // Cancelled calls get the same time again to end.
  const async::Timeout leaving(executor_, clock_, 2 * limits_.cancel_after,
                               [this] { activity_.leave_earlier_calls(); });
  co_return co_await activity_.earlier_ended(clock_, limit);
}

void ConnectionAcceptor::hurry() {
  activity_.give_up();
}

asio::awaitable<bool> ConnectionAcceptor::close(Clock::Duration limit) {
  stop_accepting();
  activity_.cancel_users();
  is_closing_ = true;
  std::vector<std::uint64_t> keys;
  for (const auto& [key, connection] : connections_) keys.push_back(key);
  for (const auto key : keys) drop_if_quiet(key);
  bool all_ended = false;
  {
    const async::Timeout cancelling(executor_, clock_, limits_.cancel_last_after, [this] { activity_.cancel_calls(); });
    all_ended = co_await activity_.ended(clock_, limit);
  }
  co_await wait_for_answers();
  while (!connections_.empty()) drop(connections_.begin()->first);
  const bool server_ended = co_await host_.end(server_end_limit);
  if (hangups_) hangups_->stop();
  co_return all_ended&& server_ended;
}

// Waits for answers that are being sent to a client, which may not read them.
asio::awaitable<void> ConnectionAcceptor::wait_for_answers() {
  bool is_late = false;
  const async::Timeout timeout(executor_, clock_, limits_.host.server.answers, [&] {
    is_late = true;
    all_dropped_.notify();
  });
  while (!is_late && !connections_.empty()) co_await all_dropped_.wait();
}

void ConnectionAcceptor::drop_if_quiet(std::uint64_t key) {
  const auto found = connections_.find(key);
  if (found != connections_.end() && found->second->peer->open_calls == 0) drop(key);
}

asio::awaitable<void> ConnectionAcceptor::accept_all() {
  for (;;) {
    asio::error_code error;
    co_await acceptable_->async_wait(asio::posix::stream_descriptor::wait_read,
                                     asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
    for (;;) {
      auto descriptor = socket_->accept();
      if (!descriptor) {
        spdlog::error("{}", descriptor.error().message);
        co_await clock_.wait(accept_again_after);
        break;
      }
      if (!*descriptor) break;
      admit(std::move(**descriptor));
    }
    if (!acceptable_) co_return;
  }
}

void ConnectionAcceptor::admit(os::Descriptor descriptor) {
  const auto credentials = os::peer_credentials(descriptor.get());
  if (!credentials) {
    spdlog::warn("a connection without credentials is refused: {}", credentials.error().message);
    return;
  }
  ProcessIdentity process = identify_process(credentials->pid).value_or(ProcessIdentity{credentials->pid, 0, {}});
  if (credentials->uid != geteuid()) {
    spdlog::info("a connection of uid {} is refused: {}", credentials->uid, name_of(process));
    return;
  }
  auto connection = std::make_unique<Connection>();
  if (!take_place(*connection, process)) return;
  const std::uint64_t key = next_key_++;
  if (!hangups_->add(descriptor.get(), key)) {
    spdlog::error("a connection of {} cannot be watched and is closed", name_of(process));
    return;
  }
  connection->peer->identity = std::move(process);
  connection->accepted = std::move(descriptor);
  expect_within(*connection, limits_.greeting);
  connections_.emplace(key, std::move(connection));
  check_greeting(key);
}

bool ConnectionAcceptor::take_place(Connection& connection, const ProcessIdentity& process) {
  auto taken = places_.take(process);
  if (auto* share = std::get_if<Quota::Share>(&taken)) {
    connection.place.emplace(std::move(*share));
    return true;
  }
  const auto full = std::get<Quota::Full>(taken);
  if (full == Quota::Full::in_all && drop_silent()) return take_place(connection, process);
  connection.peer->refusal = refusal_of(process, full);
  spdlog::warn("a connection is refused: {}", connection.peer->refusal->message);
  auto taken_to_say_so = refusals_.take(process);
  auto* share = std::get_if<Quota::Share>(&taken_to_say_so);
  if (share == nullptr) return false;
  connection.place.emplace(std::move(*share));
  return true;
}

// Drops the connection that has waited longest without a greeting. False when there is none.
bool ConnectionAcceptor::drop_silent() {
  const auto silent = std::find_if(connections_.begin(), connections_.end(), [](const auto& entry) {
    return entry.second->stage == Connection::Stage::greets && !entry.second->peer->refusal;
  });
  if (silent == connections_.end()) return false;
  drop(silent->first);
  return true;
}

Error ConnectionAcceptor::refusal_of(const ProcessIdentity& process, Quota::Full full) const {
  if (full == Quota::Full::per_process) {
    return {Reason::limit_reached,
            name_of(process) + " has " + std::to_string(limits_.connections.per_process) +
                " connections to jackind already, which is the limit for a process",
            Remedy::try_again("when it has closed some of them")};
  }
  return {Reason::limit_reached,
          "jackind has " + std::to_string(connections_.size()) + " connections, of at most " +
              std::to_string(limits_.connections.in_all) + "; the last " +
              std::to_string(limits_.connections.reserved) + " are for processes with fewer than " +
              std::to_string(Quota::few),
          Remedy::restart_daemon()};
}

// gRPC 1.51 has no time limit for the first bytes of a connection that it is given, and costs threads. It gets
// only connections that have begun an HTTP/2 greeting, and reads the same bytes again.
void ConnectionAcceptor::check_greeting(std::uint64_t key) {
  const auto found = connections_.find(key);
  if (found == connections_.end()) return;
  Connection& connection = *found->second;
  std::array<char, greeting_size> first{};
  const ssize_t count = recv(connection.accepted.get(), first.data(), first.size(), MSG_PEEK | MSG_DONTWAIT);
  if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return;
  if (count <= 0 || !socket_) return drop(key);
  const Greeting greeting = judge_greeting({first.data(), static_cast<std::size_t>(count)});
  if (greeting == Greeting::incomplete) return;
  if (greeting == Greeting::foreign) {
    spdlog::info("a connection of {} does not speak HTTP/2 and is closed", name_of(connection.peer->identity));
    return drop(key);
  }
  connection.stage = Connection::Stage::waits_for_server;
  connection.deadline.reset();
  want_server();
  if (host_.server() != nullptr) hand_over(connection, key);
}

void ConnectionAcceptor::want_server() {
  host_.want(std::any_of(connections_.begin(), connections_.end(),
                         [](const auto& entry) { return entry.second->stage != Connection::Stage::greets; }));
}

void ConnectionAcceptor::serve_all() {
  std::vector<std::uint64_t> waiting;
  for (const auto& [key, connection] : connections_) {
    if (connection->stage == Connection::Stage::waits_for_server) waiting.push_back(key);
  }
  for (const auto key : waiting) hand_over(*connections_.at(key), key);
}

void ConnectionAcceptor::hand_over(Connection& connection, std::uint64_t key) {
  os::Descriptor served(fcntl(connection.accepted.get(), F_DUPFD_CLOEXEC, 0));
  if (!served || !hangups_->ignore_bytes(connection.accepted.get(), key)) {
    spdlog::error("a connection of {} cannot be watched and is closed", name_of(connection.peer->identity));
    return drop(key);
  }
  connection.stage = Connection::Stage::is_served;
  connection.served = served.get();
  const bool is_refused = connection.peer->refusal.has_value();
  connection.peer->on_quiet = [this, key, &connection, time = is_refused ? limits_.refusal : limits_.next_call] {
    if (!is_closing_) return expect_within(connection, time);
    asio::post(executor_, [this, key] { drop_if_quiet(key); });
  };
  expect_within(connection, is_refused ? limits_.refusal : limits_.first_call);
  peers_.note(connection.served, connection.peer);
  host_.server()->serve(std::move(served));
}

void ConnectionAcceptor::expect_within(Connection& connection, Clock::Duration time) {
  connection.deadline = clock_.uptime() + time;
  wake_for(*connection.deadline);
}

// One timer for all connections. It may fire early, since a call does not reset it.
void ConnectionAcceptor::wake_for(Clock::Duration deadline) {
  if (next_deadline_ && *next_deadline_ <= deadline) return;
  next_deadline_ = deadline;
  overdue_ = async::Timeout(executor_, clock_, deadline - clock_.uptime(), [this] {
    // If the thread was busy for long, input that clients sent in time is still unread. It is handled first.
    overdue_ = async::Timeout(executor_, clock_, Clock::Duration::zero(), [this] {
      next_deadline_.reset();
      drop_overdue();
    });
  });
}

void ConnectionAcceptor::drop_overdue() {
  std::vector<std::uint64_t> greeting;
  for (const auto& [key, connection] : connections_) {
    if (connection->stage == Connection::Stage::greets) greeting.push_back(key);
  }
  for (const auto key : greeting) check_greeting(key);
  const Clock::Duration now = clock_.uptime();
  std::vector<std::uint64_t> overdue;
  for (const auto& [key, connection] : connections_) {
    if (!connection->deadline || connection->peer->open_calls > 0) continue;
    if (*connection->deadline > now) {
      wake_for(*connection->deadline);
      continue;
    }
    overdue.push_back(key);
    spdlog::info("a connection of {} is closed: it {}", name_of(connection->peer->identity),
                 connection->stage == Connection::Stage::greets ? "does not greet" : "makes no call");
  }
  for (const auto key : overdue) drop(key);
}

asio::awaitable<void> ConnectionAcceptor::watch_connections() {
  for (;;) {
    const auto events = co_await hangups_->next();
    if (events.empty()) co_return;
    for (const auto& event : events) {
      const auto found = connections_.find(event.key);
      if (found == connections_.end()) continue;
      if (found->second->stage == Connection::Stage::greets) {
        check_greeting(event.key);
      } else if (event.is_hung_up) {
        drop(event.key);
      }
    }
  }
}

void ConnectionAcceptor::drop(std::uint64_t key) {
  const auto found = connections_.find(key);
  if (found == connections_.end()) return;
  const std::unique_ptr<Connection> connection = std::move(found->second);
  connections_.erase(found);
  connection->peer->on_quiet = nullptr;
  hangups_->remove(connection->accepted.get());
  if (connection->served >= 0) {
    // gRPC may still own its duplicate, which then ends as if the client had disconnected.
    shutdown(connection->accepted.get(), SHUT_RDWR);
    peers_.forget(connection->served, *connection->peer);
  }
  if (connections_.empty()) {
    overdue_.cancel();
    next_deadline_.reset();
    all_dropped_.notify();
  }
  want_server();
}

}  // namespace jackin::ipc

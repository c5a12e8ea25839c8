#include "daemon/ipc/front_door.hpp"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/redirect_error.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <cerrno>
#include <utility>

#include "daemon/platform/peer.hpp"
#include "daemon/platform/timeout.hpp"

namespace jackin::ipc {
namespace {

constexpr auto accept_again_after = std::chrono::seconds(1);
constexpr auto server_end_limit = std::chrono::seconds(20);

asio::awaitable<void> end_in_pool(platform::Pool& pool, std::unique_ptr<Server> server, Activity::Share) {
  // Named, not written into the co_await: g++ 12 destroys what such a temporary owns twice.
  auto end = [server = std::move(server)]() mutable {
    server.reset();
    return true;
  };
  co_await pool.run(std::move(end));
}

}  // namespace

/// A client that was let in. First it is silent, and the descriptor is in `silent`; once it speaks, gRPC owns the
/// descriptor `served` and `watched` is a duplicate of it.
struct FrontDoor::Connection {
  ProcessIdentity identity;
  std::optional<asio::posix::stream_descriptor> silent;
  platform::Timeout greeting;
  int served = -1;
  platform::Descriptor watched;
};

FrontDoor::FrontDoor(asio::any_io_executor executor, Clock& clock, platform::Pool& pool, const Domain& domain,
                     const Limits& limits)
    : executor_(executor),
      clock_(clock),
      pool_(pool),
      limits_(limits),
      activity_(executor),
      endings_(executor),
      parts_{executor, domain, peers_, activity_} {}

FrontDoor::~FrontDoor() {
  stop_accepting();
}

Result<> FrontDoor::open(ListeningSocket socket) {
  TRY(HangupWatch hangups, HangupWatch::make(executor_));
  hangups_.emplace(std::move(hangups));
  listen_on(std::move(socket));
  asio::co_spawn(executor_, watch_hangups(), asio::detached);
  return {};
}

void FrontDoor::listen_on(ListeningSocket socket) {
  stop_accepting();
  socket_.emplace(std::move(socket));
  acceptable_.emplace(executor_, socket_->descriptor());
  asio::co_spawn(executor_, accept_all(), asio::detached);
}

void FrontDoor::stop_accepting() {
  if (acceptable_) acceptable_->release();
  acceptable_.reset();
  socket_.reset();
}

asio::awaitable<bool> FrontDoor::drain(Clock::Duration limit) {
  activity_.send_away();
  co_return co_await activity_.earlier_ended(clock_, limit);
}

void FrontDoor::hurry() {
  activity_.give_up();
}

asio::awaitable<bool> FrontDoor::close(Clock::Duration limit) {
  stop_accepting();
  activity_.cancel_all();
  const bool all_ended = co_await activity_.ended(clock_, limit);
  // The server goes before its connections: what it has answered is still on its way to them.
  end_server();
  const bool servers_ended = co_await endings_.ended(clock_, server_end_limit);
  while (!connections_.empty()) drop(connections_.begin()->first);
  if (hangups_) hangups_->stop();
  co_return all_ended&& servers_ended;
}

asio::awaitable<void> FrontDoor::accept_all() {
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

void FrontDoor::admit(platform::Descriptor descriptor) {
  const auto peer = platform::peer_credentials(descriptor.get());
  if (!peer) {
    spdlog::warn("a connection without credentials is refused: {}", peer.error().message);
    return;
  }
  ProcessIdentity identity = identify_process(peer->pid).value_or(ProcessIdentity{peer->pid, 0, {}});
  if (peer->uid != geteuid()) {
    spdlog::info("a connection of uid {} is refused: {}[{}]", peer->uid, identity.command, identity.pid);
    return;
  }
  if (!make_room()) {
    spdlog::warn("{} connections are enough: {}[{}] is refused", connections_.size(), identity.command, identity.pid);
    return;
  }
  const std::uint64_t key = next_key_++;
  auto& connection = *connections_.emplace(key, std::make_unique<Connection>()).first->second;
  connection.identity = std::move(identity);
  connection.silent.emplace(executor_, descriptor.release());
  look_for_greeting(key);
}

// Those that say nothing go first: the one that is silent for longest.
bool FrontDoor::make_room() {
  if (connections_.size() < limits_.connections) return true;
  const auto silent = std::find_if(connections_.begin(), connections_.end(),
                                   [](const auto& entry) { return entry.second->silent.has_value(); });
  if (silent == connections_.end()) return false;
  drop(silent->first);
  return true;
}

// gRPC 1.51 has no time limit for the first bytes of a connection that it is given, and costs threads: it gets only
// those who have begun to speak.
void FrontDoor::look_for_greeting(std::uint64_t key) {
  const auto found = connections_.find(key);
  if (found == connections_.end()) return;
  Connection& connection = *found->second;
  char first = 0;
  const ssize_t count = recv(connection.silent->native_handle(), &first, 1, MSG_PEEK | MSG_DONTWAIT);
  if (count > 0 && socket_) return hand_over(connection, key);
  if (count >= 0 || (errno != EAGAIN && errno != EINTR)) return drop(key);
  connection.greeting = platform::Timeout(executor_, clock_, limits_.greeting, [this, key] {
    spdlog::info("a connection that says nothing is closed");
    drop(key);
  });
  connection.silent->async_wait(asio::posix::stream_descriptor::wait_read, [this, key](asio::error_code error) {
    if (!error) look_for_greeting(key);
  });
}

void FrontDoor::hand_over(Connection& connection, std::uint64_t key) {
  connection.greeting.cancel();
  // Taken out of Asio's hands first: no event of gRPC's traffic is to come here.
  platform::Descriptor descriptor(connection.silent->release());
  connection.silent.reset();
  connection.watched = platform::Descriptor(fcntl(descriptor.get(), F_DUPFD_CLOEXEC, 0));
  if (!connection.watched || !hangups_->add(connection.watched.get(), key)) {
    spdlog::error("a connection cannot be watched and is closed");
    connections_.erase(key);
    return;
  }
  connection.served = descriptor.get();
  peers_.note(connection.served, connection.identity);
  if (!server_) server_ = std::make_unique<Server>(parts_, limits_.server);
  server_->serve(std::move(descriptor));
}

asio::awaitable<void> FrontDoor::watch_hangups() {
  for (;;) {
    const auto keys = co_await hangups_->next();
    if (keys.empty()) co_return;
    for (const auto key : keys) drop(key);
  }
}

void FrontDoor::drop(std::uint64_t key) {
  const auto found = connections_.find(key);
  if (found == connections_.end()) return;
  const std::unique_ptr<Connection> connection = std::move(found->second);
  connections_.erase(found);
  if (connection->watched) {
    hangups_->remove(connection->watched.get());
    // gRPC may still have it: its descriptor then ends as if the client had gone.
    shutdown(connection->watched.get(), SHUT_RDWR);
    peers_.forget(connection->served, connection->identity);
  }
  const bool anybody_speaks = std::any_of(connections_.begin(), connections_.end(),
                                          [](const auto& entry) { return !entry.second->silent.has_value(); });
  if (!anybody_speaks) end_server();
}

void FrontDoor::end_server() {
  if (!server_) return;
  asio::co_spawn(executor_, end_in_pool(pool_, std::move(server_), endings_.begin()), asio::detached);
}

}  // namespace jackin::ipc

// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/ipc/acceptor_fixture.hpp"

#include <fcntl.h>
#include <grpcpp/create_channel_posix.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <asio/co_spawn.hpp>
#include <asio/use_future.hpp>
#include <cstring>
#include <stdexcept>

namespace jackin::test {
namespace {

constexpr int limit_ms = 30'000;

}  // namespace

AcceptorFixture::AcceptorFixture() : clock_(system_clock(io_.get_executor())), work_(io_.get_executor()) {
  services.folders = {.home = dir_.path(),
                      .config_dir = dir_ / "config",
                      .state_dir = dir_ / "state",
                      .data_dir = dir_ / "data",
                      .runtime_dir = dir_ / "run",
                      .home_dir = dir_ / ".jackin"};
  thread_ = std::thread([this] { io_.run(); });
}

AcceptorFixture::~AcceptorFixture() {
  if (acceptor_ && !closed_) close();
  on_daemons_thread([this] {
    acceptor_.reset();
    return true;
  });
  work_.reset();
  io_.stop();
  thread_.join();
}

void AcceptorFixture::open() {
  const bool opened = on_daemons_thread([this] {
    acceptor_ = std::make_unique<ipc::ConnectionAcceptor>(io_.get_executor(), *clock_, services.interfaces(), limits);
    auto socket = ipc::ListeningSocket::create(services.folders.socket());
    return socket && acceptor_->open(*std::move(socket)).has_value();
  });
  if (!opened) throw std::runtime_error("the acceptor does not open");
}

bool AcceptorFixture::close(Clock::Duration limit) {
  closed_ = true;
  return asio::co_spawn(io_, acceptor_->close(limit), asio::use_future).get();
}

std::future<bool> AcceptorFixture::drain(Clock::Duration limit) {
  auto drained = asio::co_spawn(io_, acceptor_->drain(limit), asio::use_future);
  // Only one thread runs it: everything posted before has started by then.
  on_daemons_thread([] { return true; });
  return drained;
}

void AcceptorFixture::hurry() {
  on_daemons_thread([this] {
    acceptor_->hurry();
    return true;
  });
}

int AcceptorFixture::connect() const {
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = services.folders.socket().string();
  std::memcpy(address.sun_path, path.c_str(), path.size());
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    throw std::runtime_error("no server listens");
  }
  return fd;
}

std::shared_ptr<grpc::Channel> AcceptorFixture::channel() const {
  const int fd = connect();
  fcntl(fd, F_SETFL, O_NONBLOCK);
  return grpc::CreateInsecureChannelFromFd("acceptor", fd);
}

bool AcceptorFixture::comes_true(const std::function<bool()>& condition) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(limit_ms);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::yield();
  }
  return true;
}

bool is_closed_without_a_word(int fd) {
  pollfd waiting{fd, POLLIN, 0};
  char byte = 0;
  return poll(&waiting, 1, limit_ms) > 0 && read(fd, &byte, 1) <= 0;
}

}  // namespace jackin::test

// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/health/loopback_server.hpp"

#include <asio/buffer.hpp>
#include <asio/read_until.hpp>
#include <asio/write.hpp>

namespace jackin::test {

LoopbackServer::LoopbackServer(std::string answer)
    : acceptor_(io_, {asio::ip::address_v4::loopback(), 0}),
      port_(acceptor_.local_endpoint().port()),
      answer_(std::move(answer)),
      thread_([this] { serve(); }) {}

LoopbackServer::~LoopbackServer() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  // Wakes the accept call: closing the acceptor during it would be a race.
  asio::io_context io;
  asio::ip::tcp::socket last(io);
  asio::error_code ignored;
  last.connect({asio::ip::address_v4::loopback(), port_}, ignored);
  thread_.join();
}

std::vector<std::string> LoopbackServer::requests() const {
  const std::scoped_lock lock(mutex_);
  return requests_;
}

void LoopbackServer::serve() {
  for (;;) {
    asio::error_code error;
    auto socket = acceptor_.accept(error);
    {
      const std::scoped_lock lock(mutex_);
      if (stopping_ || error) return;
    }
    std::string head;
    asio::read_until(socket, asio::dynamic_buffer(head), "\r\n\r\n", error);
    if (error) continue;
    {
      const std::scoped_lock lock(mutex_);
      requests_.push_back(head);
    }
    asio::write(socket, asio::buffer(answer_), error);
  }
}

std::string http_answer(int status, const std::string& body, const std::string& headers) {
  return "HTTP/1.1 " + std::to_string(status) + " Status\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\nConnection: close\r\n" + headers + "\r\n" + body;
}

}  // namespace jackin::test

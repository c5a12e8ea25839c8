// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace jackin::test {

/// An HTTP server on 127.0.0.1 that sends the same reply to every request, on a thread of its own.
class LoopbackServer {
 public:
  /// Sends `answer` unchanged, then closes the connection.
  explicit LoopbackServer(std::string answer);
  ~LoopbackServer();

  std::string base_url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  /// The heads of the requests so far.
  std::vector<std::string> requests() const;

 private:
  void serve();

  asio::io_context io_;
  asio::ip::tcp::acceptor acceptor_;
  unsigned short port_;
  std::string answer_;
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  bool stopping_ = false;
  std::thread thread_;
};

/// An HTTP/1.1 reply with a body and, when given, further header lines, each ended with CR LF.
std::string http_answer(int status, const std::string& body, const std::string& headers = {});

}  // namespace jackin::test

// SPDX-License-Identifier: Apache-2.0
// jackin-relay: claude runs it as its browser. It sends the address to the daemon, so that the client opens it on the
// user's machine. It prints nothing: when it fails, claude shows the address on its screen.

#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <string_view>

#include "client/rpc/connection.hpp"
#include "common/version.hpp"
#include "jackin/v1/tokens.grpc.pb.h"
#include "proto/silence.hpp"

namespace {

constexpr std::chrono::duration<unsigned> limit{5};

std::string setting(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

bool pass_on(const std::string& url) {
  using namespace jackin;
  using namespace jackin::client;
  const std::filesystem::path socket = setting("JACKIN_RELAY_SOCKET");
  const std::string nonce = setting("JACKIN_RELAY_NONCE");
  if (!url.starts_with("https://") || nonce.empty() || !socket.is_absolute() || socket.filename() != "jackind.sock") {
    return false;
  }
  Paths paths;
  paths.runtime_dir = socket.parent_path();
  const auto connection = Connection::reach({}, paths);
  if (!connection) return false;

  v1::OpenBrowserRequest request;
  request.set_nonce(nonce);
  request.set_url(url);
  v1::OpenBrowserReply reply;
  grpc::ClientContext context;
  set_deadline(context, limit);
  return v1::TokensService::NewStub(connection->channel())->OpenBrowser(&context, request, &reply).ok();
}

}  // namespace

int main(int argc, char** argv) {
  jackin::silence_libraries();
  const std::string argument = argc == 2 ? argv[1] : "";
  if (argument == "--version") {
    std::cout << "jackin-relay " << jackin::version() << "\n";
    return 0;
  }
  if (argument == "--help") {
    std::cout << "Usage: jackin-relay URL\n\n"
                 "Send URL to jackind, whose client opens it in the user's browser. claude runs this program as its\n"
                 "browser. Reads JACKIN_RELAY_SOCKET and JACKIN_RELAY_NONCE.\n";
    return 0;
  }
  // claude waits for its browser, so the alarm ends this process in any case.
  std::signal(SIGALRM, [](int) { _exit(1); });
  alarm(limit.count());
  return pass_on(argument) ? 0 : 1;
}

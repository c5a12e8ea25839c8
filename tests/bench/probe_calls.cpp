// SPDX-License-Identifier: Apache-2.0
// Probes a scope many times in sequence on one connection, and prints the timings as JSON.
//
//   probe_calls WORKSPACE COUNT

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "client/rpc/connection.hpp"
#include "client/rpc/status.hpp"
#include "common/os/find_paths.hpp"
#include "common/secret.hpp"
#include "jackin/v1/health.grpc.pb.h"

int main(int argc, char** argv) {
  using clock = std::chrono::steady_clock;
  if (argc != 3) return 2;
  const auto count = static_cast<std::size_t>(std::strtoul(argv[2], nullptr, 10));
  jackin::prepare_secrets();
  const auto environment = jackin::Environment::of_this_process();
  const auto paths = jackin::find_paths(environment);
  if (!paths || count == 0) return 2;
  const auto connection = jackin::client::Connection::open(environment, *paths, jackin::client::Autostart::no);
  if (!connection) {
    std::fprintf(stderr, "error: %s\n", connection.error().message.c_str());
    return 1;
  }
  const auto health = jackin::v1::HealthService::NewStub(connection->channel());
  jackin::v1::ProbeRequest request;
  request.mutable_scope()->set_workspace(argv[1]);

  std::vector<double> microseconds;
  microseconds.reserve(count);
  const auto start = clock::now();
  for (std::size_t i = 0; i < count; ++i) {
    const auto before = clock::now();
    grpc::ClientContext context;
    jackin::v1::ProbeReply reply;
    const auto status = health->Probe(&context, request, &reply);
    if (!status.ok()) {
      std::fprintf(stderr, "error: %s\n", jackin::client::error_from_status(status).message.c_str());
      return 1;
    }
    microseconds.push_back(std::chrono::duration<double, std::micro>(clock::now() - before).count());
  }
  const double seconds = std::chrono::duration<double>(clock::now() - start).count();
  std::sort(microseconds.begin(), microseconds.end());
  std::printf("{\"calls\": %zu, \"calls_per_second\": %.0f, \"median_us\": %.1f, \"p99_us\": %.1f}\n", count,
              static_cast<double>(count) / seconds, microseconds[count / 2], microseconds[count * 99 / 100]);
  return 0;
}

// SPDX-License-Identifier: Apache-2.0
// Probes a scope many times in sequence on one connection, and prints the timings as JSON.
//
//   probe_calls WORKSPACE COUNT [light]
//
// Over grpc++, or with `light` over the transport of jackin-hook.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "client/rpc/connection.hpp"
#include "client/rpc/light_connection.hpp"
#include "common/os/find_paths.hpp"
#include "common/secret.hpp"
#include "jackin/v1/health.grpc.pb.h"

namespace {

using jackin::Environment;
using jackin::Paths;
using jackin::Result;
using jackin::v1::ProbeReply;
using jackin::v1::ProbeRequest;
using namespace jackin::client;  // NOLINT(google-build-using-namespace): the program's own file

using Probe = std::function<Result<>()>;

Probe over_grpc(const Environment& environment, const Paths& paths, const ProbeRequest& request) {
  const auto connect = [&environment, &paths] { return Connection::open(environment, paths, Autostart::no); };
  const auto connection = std::make_shared<std::optional<Connection>>();
  return [connection, connect, &request] {
    return ask(*connection, connect, [&request](const Connection& to, grpc::ClientContext& context) {
      ProbeReply reply;
      return jackin::v1::HealthService::NewStub(to.channel())->Probe(&context, request, &reply);
    });
  };
}

Probe over_light(const Environment& environment, const Paths& paths, const ProbeRequest& request) {
  const auto connection = std::make_shared<LightConnection>(environment, paths);
  return [connection, &request] {
    ProbeReply reply;
    return connection->ask("/jackin.v1.HealthService/Probe", request, reply);
  };
}

}  // namespace

int main(int argc, char** argv) {
  using clock = std::chrono::steady_clock;
  if (argc != 3 && argc != 4) return 2;
  const auto count = static_cast<std::size_t>(std::strtoul(argv[2], nullptr, 10));
  jackin::prepare_secrets();
  const auto environment = jackin::Environment::of_this_process();
  const auto paths = jackin::find_paths(environment);
  if (!paths || count == 0) return 2;
  jackin::v1::ProbeRequest request;
  request.mutable_scope()->set_workspace(argv[1]);
  const auto probe = argc == 4 ? over_light(environment, *paths, request) : over_grpc(environment, *paths, request);

  // Connects.
  if (const auto probed = probe(); !probed) {
    std::fprintf(stderr, "error: %s\n", probed.error().message.c_str());
    return 1;
  }
  std::vector<double> microseconds;
  microseconds.reserve(count);
  const auto start = clock::now();
  for (std::size_t i = 0; i < count; ++i) {
    const auto before = clock::now();
    if (!probe()) return 1;
    microseconds.push_back(std::chrono::duration<double, std::micro>(clock::now() - before).count());
  }
  const double seconds = std::chrono::duration<double>(clock::now() - start).count();
  std::sort(microseconds.begin(), microseconds.end());
  std::printf("{\"calls\": %zu, \"calls_per_second\": %.0f, \"median_us\": %.1f, \"p99_us\": %.1f}\n", count,
              static_cast<double>(count) / seconds, microseconds[count / 2], microseconds[count * 99 / 100]);
  return 0;
}

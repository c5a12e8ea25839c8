// SPDX-License-Identifier: Apache-2.0
// For the greeting, a daemon of another build: `other_daemon MAJOR MINOR VERSION refuses|accepts|ignores`. When the
// protocols differ it refuses as jackind does, accepts every client, or does not know Hello. It prints a line once it
// listens, reports its version, and ends when a client requests it.

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <future>
#include <iostream>
#include <string>

#include "common/environment.hpp"
#include "common/os/find_paths.hpp"
#include "common/paths.hpp"
#include "jackin/v1/daemon.grpc.pb.h"

namespace {

using namespace jackin;  // NOLINT(google-build-using-namespace): the program's own file

class OtherDaemon final : public v1::DaemonService::Service {
 public:
  explicit OtherDaemon(char** arguments)
      : major_(static_cast<std::uint32_t>(std::atoi(arguments[0]))),
        minor_(static_cast<std::uint32_t>(std::atoi(arguments[1]))),
        version_(arguments[2]),
        manner_(arguments[3]) {}

  grpc::Status Hello(grpc::ServerContext*, const v1::HelloRequest* request, v1::HelloReply* reply) override {
    if (manner_ == "ignores") return {grpc::StatusCode::UNIMPLEMENTED, ""};
    if (manner_ == "refuses" && request->protocol_major() != major_) {
      v1::ErrorDetail detail;
      detail.set_reason("daemon_mismatch");
      detail.set_message("the daemon is jackind " + version_);
      detail.mutable_remedy()->set_action(v1::REMEDY_ACTION_RESTART_DAEMON);
      return {grpc::StatusCode::FAILED_PRECONDITION, detail.message(), detail.SerializeAsString()};
    }
    reply->set_protocol_major(major_);
    reply->set_protocol_minor(minor_);
    reply->set_version(version_);
    reply->set_pid(getpid());
    return grpc::Status::OK;
  }

  grpc::Status Status(grpc::ServerContext*, const v1::StatusRequest*, v1::StatusReply* reply) override {
    reply->set_pid(getpid());
    reply->set_version(version_);
    return grpc::Status::OK;
  }

  grpc::Status Shutdown(grpc::ServerContext*, const v1::ShutdownRequest*, v1::ShutdownReply* reply) override {
    reply->set_pid(getpid());
    asked_to_end_.set_value();
    return grpc::Status::OK;
  }

  void wait_for_the_end() { asked_to_end_.get_future().wait(); }

 private:
  std::uint32_t major_;
  std::uint32_t minor_;
  std::string version_;
  std::string manner_;
  std::promise<void> asked_to_end_;
};

}  // namespace

int main(int argc, char** argv) {
  const auto paths = find_paths(Environment::of_this_process());
  if (argc != 5 || !paths) return 2;
  std::filesystem::create_directories(paths->runtime_dir);
  std::filesystem::permissions(paths->runtime_dir, std::filesystem::perms::owner_all);
  OtherDaemon daemon(argv + 1);
  grpc::ServerBuilder builder;
  builder.AddListeningPort("unix:" + paths->socket().string(), grpc::InsecureServerCredentials());
  builder.RegisterService(&daemon);
  const auto server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  std::cout << "listens" << std::endl;
  daemon.wait_for_the_end();
  server->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(1));
  return 0;
}

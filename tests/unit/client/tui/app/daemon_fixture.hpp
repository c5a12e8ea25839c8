// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>
#include <poll.h>

#include <deque>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "client/tui/app/inbox.hpp"
#include "common/os/find_paths.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/client/core/fake_daemon.hpp"

namespace jackin::tui {

/// A fake daemon with the workspace my-app, and an inbox.
class DaemonFixture : public testing::Test {
 protected:
  DaemonFixture() {
    daemon_.watch = [](grpc::ServerContext& context, grpc::ServerWriter<v1::WatchEvent>& writer) {
      writer.Write(event_of(v1::HEALTH_EVENT_CURRENT, "my-app"));
      writer.Write(complete());
      return until_cancelled(context);
    };
    daemon_.watch_operations = [](grpc::ServerContext& context, grpc::ServerWriter<v1::OperationEvent>& writer) {
      writer.Write(current_sent());
      return until_cancelled(context);
    };
    daemon_.status.set_protocol("2.0");
  }

  static grpc::Status until_cancelled(grpc::ServerContext& context) {
    while (!context.IsCancelled()) std::this_thread::yield();
    return grpc::Status::CANCELLED;
  }

  static v1::WatchEvent event_of(v1::HealthEvent kind, const std::string& workspace) {
    v1::WatchEvent event;
    event.set_event(kind);
    event.mutable_probe()->mutable_scope()->set_workspace(workspace);
    event.mutable_probe()->mutable_owner()->set_workspace(workspace);
    return event;
  }
  static v1::WatchEvent complete() {
    v1::WatchEvent event;
    event.set_event(v1::HEALTH_EVENT_COMPLETE);
    return event;
  }
  static v1::OperationEvent current_sent() {
    v1::OperationEvent event;
    event.mutable_current_sent();
    return event;
  }
  static v1::OperationEvent operation_event(const std::string& id, const std::string& workspace) {
    v1::OperationEvent event;
    event.mutable_operation()->set_id(id);
    event.mutable_operation()->set_kind(v1::OPERATION_KIND_ROTATE);
    event.mutable_operation()->mutable_scope()->set_workspace(workspace);
    event.mutable_operation()->set_step(v1::STEP_STORE);
    return event;
  }

  /// Waits for the next message of type T. Drops earlier messages of other types.
  template <typename T>
  T next() {
    for (;;) {
      while (!messages_.empty()) {
        Message message = std::move(messages_.front());
        messages_.pop_front();
        if (T* wanted = std::get_if<T>(&message)) return std::move(*wanted);
      }
      pollfd ready{inbox_->fd(), POLLIN, 0};
      constexpr int limit = 60000;
      if (poll(&ready, 1, limit) != 1) throw std::runtime_error("no message of this type arrived in 60 s");
      for (Message& message : inbox_->take()) messages_.push_back(std::move(message));
    }
  }

  static Scope scope_of(const std::string& workspace) { return *Scope::workspace(workspace); }

  test::TempDir temp_;
  client::FakeDaemon daemon_{temp_.path().string()};
  Environment environment_{Environment::Variables{
      {"HOME", temp_.path().string()}, {"JACKIN_RUNTIME_DIR", temp_.path().string()}, {"JACKIN_NO_AUTOSTART", "1"}}};
  Paths paths_ = *find_paths(environment_);
  std::unique_ptr<Inbox> inbox_ = *Inbox::open();
  std::deque<Message> messages_;
};

}  // namespace jackin::tui

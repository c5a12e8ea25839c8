// SPDX-License-Identifier: Apache-2.0
#include "client/core/token_call.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <deque>
#include <mutex>
#include <thread>

#include "client/core/daemon_control.hpp"
#include "client/rpc/liveness.hpp"
#include "jackin/v1/tokens.grpc.pb.h"

namespace jackin::client {

struct TokenCall::State {
  explicit State(const Connection& to) : connection(to) {}

  const Connection& connection;
  std::unique_ptr<v1::TokensService::Stub> stub;
  grpc::ClientContext context;
  std::optional<Liveness> liveness;
  std::unique_ptr<grpc::ClientReaderWriter<v1::TokenInput, v1::TokenEvent>> stream;
  std::array<int, 2> wake{-1, -1};
  std::thread reader;
  bool finished = false;
  grpc::Status status;

  mutable std::mutex mutex;  // guards the two below
  std::deque<v1::TokenEvent> events;
  bool reads_ended = false;

  void ring() const { [[maybe_unused]] const auto written = write(wake[1], "", 1); }

  void read_all() {
    v1::TokenEvent event;
    while (stream->Read(&event)) {
      liveness->heard();
      const std::lock_guard lock(mutex);
      events.push_back(std::move(event));
      event.Clear();
      ring();
    }
    liveness->no_more();
    const std::lock_guard lock(mutex);
    reads_ended = true;
    ring();
  }

  void finish() {
    if (finished) return;
    if (reader.joinable()) reader.join();
    status = stream->Finish();
    finished = true;
  }
};

TokenCall::TokenCall(const Connection& connection, const v1::TokenInput& first)
    : state_(std::make_unique<State>(connection)) {
  if (pipe(state_->wake.data()) == 0) {
    for (const int fd : state_->wake) {
      fcntl(fd, F_SETFD, FD_CLOEXEC);
      fcntl(fd, F_SETFL, O_NONBLOCK);
    }
  }
  state_->liveness.emplace(connection, state_->context);
  state_->stub = v1::TokensService::NewStub(connection.channel());
  state_->stream = first.has_rotate() ? state_->stub->Rotate(&state_->context) : state_->stub->Setup(&state_->context);
  state_->stream->Write(first);
  state_->reader = std::thread([state = state_.get()] { state->read_all(); });
}

TokenCall::~TokenCall() {
  if (!state_->finished) {
    state_->context.TryCancel();
    state_->finish();
  }
  for (const int fd : state_->wake) {
    if (fd >= 0) close(fd);
  }
}

int TokenCall::fd() const {
  return state_->wake[0];
}

std::optional<v1::TokenEvent> TokenCall::next() {
  const std::lock_guard lock(state_->mutex);
  if (state_->events.empty()) {
    // The pipe is drained under the lock, so a later byte always means a later event.
    std::array<char, 64> bytes{};
    while (!state_->reads_ended && read(state_->wake[0], bytes.data(), bytes.size()) > 0) {
    }
    return std::nullopt;
  }
  v1::TokenEvent event = std::move(state_->events.front());
  state_->events.pop_front();
  return event;
}

bool TokenCall::ended() const {
  const std::lock_guard lock(state_->mutex);
  return state_->reads_ended && state_->events.empty();
}

void TokenCall::send(v1::UserInput input) {
  v1::TokenInput message;
  *message.mutable_user() = std::move(input);
  if (!state_->finished) state_->stream->Write(message);
  v1::UserInput& sent = *message.mutable_user();
  if (sent.has_keys()) sodium_memzero(sent.mutable_keys()->data(), sent.keys().size());
  if (sent.has_code()) sodium_memzero(sent.mutable_code()->data(), sent.code().size());
}

bool TokenCall::runs_to_its_end(const std::string& operation) {
  return client::runs_to_its_end(state_->connection, operation);
}

Result<> TokenCall::outcome() {
  state_->finish();
  return state_->liveness->outcome(state_->status);
}

void TokenCall::hang_up() {
  state_->context.TryCancel();
}

}  // namespace jackin::client

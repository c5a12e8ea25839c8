// SPDX-License-Identifier: Apache-2.0
#include "client/rpc/liveness.hpp"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "client/rpc/status.hpp"
#include "jackin/v1/daemon.grpc.pb.h"

namespace jackin::client {

struct Liveness::State {
  const Connection& connection;
  grpc::ClientContext& context;
  Limits limits;

  std::mutex mutex{};  // guards the members below, except the thread
  std::condition_variable changed{};
  std::size_t messages = 0;
  bool no_more = false;
  bool over = false;
  bool given_up = false;
  std::optional<grpc::ClientContext> asking{};
  std::thread thread{};

  // After this program was stopped for a while, the limit has passed although the answer has arrived. A second attempt
  // prevents a false timeout.
  bool daemon_answers(std::unique_lock<std::mutex>& lock) {
    constexpr int tries = 2;
    bool answered = false;
    for (int i = 0; i < tries && !answered && !over; ++i) {
      asking.emplace();
      set_deadline(*asking, limits.answer);
      lock.unlock();
      v1::StatusReply reply;
      answered = v1::DaemonService::NewStub(connection.channel())->Status(&*asking, {}, &reply).ok();
      lock.lock();
      asking.reset();
    }
    return answered;
  }

  void give_up() {
    given_up = true;
    context.TryCancel();
  }

  void watch() {
    std::unique_lock lock(mutex);
    while (!over && !given_up) {
      const bool is_ending = no_more;
      const auto before = messages;
      const auto something = [&] { return over || messages != before || no_more != is_ending; };
      if (changed.wait_for(lock, is_ending ? limits.end : limits.silence, something)) continue;
      if (is_ending) return give_up();
      const bool answers = daemon_answers(lock);
      if (!answers && !something()) give_up();
    }
  }
};

Liveness::Liveness(const Connection& connection, grpc::ClientContext& context, Limits limits)
    : state_(new State{connection, context, limits}) {
  state_->thread = std::thread([state = state_.get()] { state->watch(); });
}

Liveness::~Liveness() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->over = true;
    if (state_->asking) state_->asking->TryCancel();
  }
  state_->changed.notify_all();
  state_->thread.join();
}

void Liveness::heard() {
  const std::lock_guard lock(state_->mutex);
  ++state_->messages;
}

void Liveness::no_more() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->no_more = true;
  }
  state_->changed.notify_all();
}

Result<> Liveness::outcome(const grpc::Status& status) const {
  if (status.ok()) return {};
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->given_up) {
      return failure(Reason::timed_out, "jackind stopped answering", Remedy::restart_daemon());
    }
  }
  return failure(error_from_status(status));
}

}  // namespace jackin::client

// SPDX-License-Identifier: Apache-2.0
#include "client/tui/app/calls.hpp"

#include <utility>

#include "client/core/daemon_control.hpp"

namespace jackin::tui {

bool may_go_on_after(const Error& error) {
  return error.reason == Reason::daemon_unreachable || error.reason == Reason::timed_out ||
         error.reason == Reason::cancelled;
}

bool daemon_ends_after(const client::Connection& connection, const Error& error) {
  if (error.reason == Reason::daemon_unreachable) return true;
  // A daemon that ends cancels what has not captured a token, and says to what is new that it is busy.
  if (!may_go_on_after(error) && error.reason != Reason::busy) return false;
  const auto status = client::status_of(connection);
  return !status || status->ending();
}

client::RunCall StoppableCalls::runner() {
  return [this](grpc::ClientContext& context, const std::function<void()>& work) { return run(context, work); };
}

bool StoppableCalls::run(grpc::ClientContext& context, const std::function<void()>& work) {
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) return true;
    running_.insert(&context);
  }
  work();
  const std::lock_guard lock(mutex_);
  running_.erase(&context);
  return stopped_;
}

void StoppableCalls::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  for (grpc::ClientContext* context : running_) context->TryCancel();
}

Calls::~Calls() {
  for (Call& call : calls_) call.calls.stop();
  for (Call& call : calls_) call.thread.join();
}

void Calls::start(std::function<void(const client::RunCall&)> work, Ticket ticket) {
  calls_.remove_if([](Call& call) {
    if (!call.done) return false;
    call.thread.join();
    return true;
  });
  Call& call = calls_.emplace_back();
  call.ticket = ticket;
  call.thread = std::thread([&call, work = std::move(work)] {
    work(call.calls.runner());
    call.done = true;
  });
}

void Calls::stop(Ticket ticket) {
  for (Call& call : calls_) {
    if (call.ticket == ticket) call.calls.stop();
  }
}

}  // namespace jackin::tui

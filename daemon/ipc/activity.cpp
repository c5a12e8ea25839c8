// SPDX-License-Identifier: Apache-2.0
#include "daemon/ipc/activity.hpp"

#include <algorithm>
#include <utility>

#include "daemon/async/timeout.hpp"
#include "daemon/async/wake_up.hpp"

namespace jackin::ipc {

struct Activity::Entry {
  Call call;
  bool is_cancelled = false;
  bool is_left = false;
};

struct Activity::Count {
  explicit Count(std::shared_ptr<async::WakeUp> changes) : changed(std::move(changes)) {}

  bool is_waited_for() const {
    return std::any_of(entries.begin(), entries.end(), [](const Entry& entry) { return !entry.is_left; });
  }

  void cancel() {
    for (Entry& entry : entries) entry.is_cancelled = entry.call.cancel && entry.call.cancel();
  }

  std::list<Entry> entries;
  std::shared_ptr<async::WakeUp> changed;
};

Activity::Activity(asio::any_io_executor executor)
    : executor_(executor),
      changed_(std::make_shared<async::WakeUp>(std::move(executor))),
      earlier_(std::make_shared<Count>(changed_)),
      count_(std::make_shared<Count>(changed_)) {}

Activity::~Activity() = default;

Activity::Share::Share(Share&&) noexcept = default;

Activity::Share::Share(std::shared_ptr<Count> count, Call call)
    : count_(std::move(count)), entry_(count_->entries.insert(count_->entries.end(), Entry{std::move(call)})) {}

Activity::Share::~Share() {
  if (!count_) return;
  count_->entries.erase(entry_);
  if (!count_->is_waited_for()) count_->changed->notify();
}

Activity::Share Activity::begin(Call call) {
  return {count_, std::move(call)};
}

std::size_t Activity::running() const {
  return earlier_->entries.size() + count_->entries.size();
}

void Activity::enter(const std::shared_ptr<ClientUser>& user) {
  users_.insert(user);
}

void Activity::leave(const std::shared_ptr<ClientUser>& user) {
  users_.erase(user);
}

std::shared_ptr<void> Activity::at_end(std::function<void()> end) {
  const auto at = ends_->insert(ends_->end(), std::move(end));
  return {nullptr, [weak = std::weak_ptr(ends_), at](void*) {
            if (const auto ends = weak.lock()) ends->erase(at);
          }};
}

void Activity::announce_shutdown() {
  for (const auto& user : users_) user->announce_shutdown();
}

void Activity::cancel_users() {
  for (const auto& user : users_) {
    user->announce_shutdown();
    user->cancel();
  }
  const auto ends = *ends_;
  for (const auto& end : ends) end();
}

void Activity::cancel_calls() {
  earlier_->cancel();
  count_->cancel();
}

asio::awaitable<bool> Activity::earlier_ended(Clock& clock, Clock::Duration limit) {
  earlier_ = std::exchange(count_, std::make_shared<Count>(changed_));
  bool late = false;
  const async::Timeout timeout(executor_, clock, limit, [&] {
    late = true;
    changed_->notify();
  });
  while (earlier_->is_waited_for() && !late && !has_given_up_) co_await changed_->wait();
  co_return earlier_->entries.empty();
}

std::vector<Activity::Call> Activity::earlier_calls() const {
  std::vector<Call> calls;
  for (const Entry& entry : earlier_->entries) {
    if (!entry.is_left) calls.push_back(entry.call);
  }
  return calls;
}

void Activity::cancel_earlier_calls() {
  earlier_->cancel();
}

void Activity::leave_earlier_calls() {
  for (Entry& entry : earlier_->entries) entry.is_left = entry.is_cancelled;
  changed_->notify();
}

asio::awaitable<bool> Activity::ended(Clock& clock, Clock::Duration limit) {
  bool late = false;
  const async::Timeout timeout(executor_, clock, limit, [&] {
    late = true;
    changed_->notify();
  });
  while ((earlier_->is_waited_for() || count_->is_waited_for()) && !late && !has_given_up_) co_await changed_->wait();
  co_return running() == 0;
}

void Activity::give_up() {
  has_given_up_ = true;
  changed_->notify();
}

}  // namespace jackin::ipc

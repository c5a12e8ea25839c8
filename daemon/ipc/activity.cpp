#include "daemon/ipc/activity.hpp"

#include <utility>

#include "daemon/ipc/wake_up.hpp"
#include "daemon/platform/timeout.hpp"

namespace jackin::ipc {

struct Activity::Count {
  explicit Count(std::shared_ptr<WakeUp> changes) : changed(std::move(changes)) {}
  std::size_t running = 0;
  std::shared_ptr<WakeUp> changed;
};

Activity::Activity(asio::any_io_executor executor)
    : executor_(executor),
      changed_(std::make_shared<WakeUp>(std::move(executor))),
      earlier_(std::make_shared<Count>(changed_)),
      count_(std::make_shared<Count>(changed_)) {}

Activity::~Activity() = default;

Activity::Share::Share(std::shared_ptr<Count> count) : count_(std::move(count)) {
  ++count_->running;
}

Activity::Share::~Share() {
  if (count_ && --count_->running == 0) count_->changed->notify();
}

Activity::Share Activity::begin() {
  return Share(count_);
}

std::size_t Activity::running() const {
  return earlier_->running + count_->running;
}

void Activity::enter(const std::shared_ptr<ClientPerson>& person) {
  persons_.insert(person);
}

void Activity::leave(const std::shared_ptr<ClientPerson>& person) {
  persons_.erase(person);
}

std::shared_ptr<void> Activity::at_end(std::function<void()> end) {
  const auto at = ends_->insert(ends_->end(), std::move(end));
  return {nullptr, [weak = std::weak_ptr(ends_), at](void*) {
            if (const auto ends = weak.lock()) ends->erase(at);
          }};
}

void Activity::send_away() {
  for (const auto& person : persons_) person->send_away();
}

void Activity::cancel_all() {
  for (const auto& person : persons_) {
    person->send_away();
    person->cancel();
  }
  const auto told = *ends_;
  for (const auto& end : told) end();
}

asio::awaitable<bool> Activity::earlier_ended(Clock& clock, Clock::Duration limit) {
  earlier_ = std::exchange(count_, std::make_shared<Count>(changed_));
  bool late = false;
  const platform::Timeout timeout(executor_, clock, limit, [&] {
    late = true;
    changed_->notify();
  });
  while (earlier_->running > 0 && !late && !has_given_up_) co_await changed_->wait();
  co_return earlier_->running == 0;
}

asio::awaitable<bool> Activity::ended(Clock& clock, Clock::Duration limit) {
  bool late = false;
  const platform::Timeout timeout(executor_, clock, limit, [&] {
    late = true;
    changed_->notify();
  });
  while (running() > 0 && !late && !has_given_up_) co_await changed_->wait();
  co_return running() == 0;
}

void Activity::give_up() {
  has_given_up_ = true;
  changed_->notify();
}

}  // namespace jackin::ipc

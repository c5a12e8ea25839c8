#include "daemon/ipc/activity.hpp"

#include <utility>

#include "daemon/ipc/wake_up.hpp"
#include "daemon/platform/timeout.hpp"

namespace jackin::ipc {

struct Activity::Count {
  explicit Count(asio::any_io_executor executor) : changed(std::move(executor)) {}
  std::size_t running = 0;
  WakeUp changed;
};

Activity::Activity(asio::any_io_executor executor)
    : executor_(executor), count_(std::make_shared<Count>(std::move(executor))) {}

Activity::~Activity() = default;

Activity::Share::Share(std::shared_ptr<Count> count) : count_(std::move(count)) {
  ++count_->running;
}

Activity::Share::~Share() {
  if (count_ && --count_->running == 0) count_->changed.notify();
}

Activity::Share Activity::begin() {
  return Share(count_);
}

std::size_t Activity::running() const {
  return count_->running;
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

void Activity::cancel_all() {
  for (const auto& person : persons_) person->cancel();
  const auto told = *ends_;
  for (const auto& end : told) end();
}

asio::awaitable<bool> Activity::ended(Clock& clock, Clock::Duration limit) {
  bool late = false;
  const platform::Timeout timeout(executor_, clock, limit, [&] {
    late = true;
    count_->changed.notify();
  });
  while (count_->running > 0 && !late) co_await count_->changed.wait();
  co_return count_->running == 0;
}

}  // namespace jackin::ipc

// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <set>
#include <system_error>
#include <utility>

#include "common/os/descriptor.hpp"
#include "daemon/async/folder_watch.hpp"

namespace jackin::async {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t watched_events = IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO |
                                         IN_DELETE_SELF | IN_MOVE_SELF | IN_ATTRIB | IN_ONLYDIR;

// The folder, or its nearest existing ancestor, where its creation can be observed.
fs::path nearest(fs::path folder) {
  std::error_code error;
  while (!fs::is_directory(folder, error) && folder.has_relative_path()) folder = folder.parent_path();
  return folder;
}

using Watches = std::set<int>;

// Adding a watch that exists changes nothing; a replaced folder is another inode. Blocking.
Watches add_watches(int inotify, const std::vector<fs::path>& folders) {
  std::set<fs::path> wanted;
  for (const auto& folder : folders) wanted.insert(nearest(folder));
  Watches watches;
  for (const auto& folder : wanted) watches.insert(::inotify_add_watch(inotify, folder.c_str(), watched_events));
  return watches;
}

class Inotify final : public FolderWatch, public std::enable_shared_from_this<Inotify> {
 public:
  Inotify(asio::any_io_executor executor, std::vector<fs::path> folders, std::function<void()> changed,
          TimedCalls* threads)
      : events_(std::move(executor)), folders_(std::move(folders)), changed_(std::move(changed)), threads_(threads) {}

  void start() {
    const int fd = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (fd < 0) return;
    events_.assign(fd);
    queue_ = std::make_shared<const os::Descriptor>(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
    arm();
    wait();
  }

  void stop() {
    changed_ = nullptr;
    asio::error_code ignored;
    events_.close(ignored);
  }

 private:
  void arm() {
    if (threads_ == nullptr) {
      add_watches(queue_->get(), folders_);
    } else if (std::exchange(is_arming_, true)) {
      is_to_arm_again_ = true;
    } else {
      asio::co_spawn(events_.get_executor(), arm_elsewhere(shared_from_this()), asio::detached);
    }
  }

  static asio::awaitable<void> arm_elsewhere(std::shared_ptr<Inotify> self) {
    do {
      self->is_to_arm_again_ = false;
      // The thread may hang, and then outlive the watch.
      auto work = [queue = self->queue_, folders = self->folders_]() -> Result<Watches> {
        return add_watches(queue->get(), folders);
      };
      std::string key = "watch " + self->folders_.front().string();
      const auto armed = co_await self->threads_->run_uncancelled(std::move(key), TimedCalls::limit, std::move(work));
      if (!self->changed_) co_return;
      if (armed && std::exchange(self->watches_, *armed) != *armed) self->changed_();
    } while (self->changed_ && self->is_to_arm_again_);
    self->is_arming_ = false;
  }

  void wait() {
    events_.async_wait(asio::posix::stream_descriptor::wait_read,
                       [self = shared_from_this()](const asio::error_code& error) {
                         if (error || !self->changed_) return;
                         self->drain();
                         self->arm();
                         self->changed_();
                         if (self->changed_) self->wait();
                       });
  }

  // The event's contents are not needed: the callback reads the files again.
  void drain() {
    alignas(inotify_event) std::array<char, 16 * 1024> buffer{};
    while (::read(events_.native_handle(), buffer.data(), buffer.size()) > 0) {
    }
  }

  asio::posix::stream_descriptor events_;
  std::shared_ptr<const os::Descriptor> queue_;  // the same queue, for other threads
  std::vector<fs::path> folders_;
  std::function<void()> changed_;
  TimedCalls* threads_;
  Watches watches_;  // only with threads
  bool is_arming_ = false;
  bool is_to_arm_again_ = false;
};

// Destroying the handle ends the watch. The io_context releases the pending wait when that wait ends.
class Handle final : public FolderWatch {
 public:
  explicit Handle(std::shared_ptr<Inotify> watch) : watch_(std::move(watch)) {}
  ~Handle() override { watch_->stop(); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

 private:
  std::shared_ptr<Inotify> watch_;
};

}  // namespace

std::unique_ptr<FolderWatch> watch_folders(asio::any_io_executor executor, std::vector<fs::path> folders,
                                           std::function<void()> changed, TimedCalls* threads) {
  auto watch = std::make_shared<Inotify>(std::move(executor), std::move(folders), std::move(changed), threads);
  watch->start();
  return std::make_unique<Handle>(std::move(watch));
}

}  // namespace jackin::async

// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/event.h>
#include <sys/stat.h>
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

fs::path nearest(fs::path folder) {
  std::error_code error;
  while (!fs::is_directory(folder, error) && folder.has_relative_path()) folder = folder.parent_path();
  return folder;
}

struct Opened {
  std::vector<os::Descriptor> folders;
  std::set<std::pair<dev_t, ino_t>> identities;
};

// Blocking.
Opened open_nearest(const std::vector<fs::path>& folders) {
  std::set<fs::path> wanted;
  for (const auto& folder : folders) wanted.insert(nearest(folder));
  Opened opened;
  for (const auto& folder : wanted) {
    os::Descriptor descriptor(::open(folder.c_str(), O_EVTONLY | O_CLOEXEC | O_DIRECTORY));
    struct stat status {};
    if (!descriptor || ::fstat(descriptor.get(), &status) != 0) continue;
    opened.identities.emplace(status.st_dev, status.st_ino);
    opened.folders.push_back(std::move(descriptor));
  }
  return opened;
}

class Kqueue final : public FolderWatch, public std::enable_shared_from_this<Kqueue> {
 public:
  Kqueue(asio::any_io_executor executor, std::vector<fs::path> folders, std::function<void()> changed,
         TimedCalls* threads)
      : events_(std::move(executor)), folders_(std::move(folders)), changed_(std::move(changed)), threads_(threads) {}

  void start() {
    const int fd = ::kqueue();
    if (fd < 0) return;
    events_.assign(fd);
    arm();
    wait();
  }

  void stop() {
    changed_ = nullptr;
    asio::error_code ignored;
    events_.close(ignored);
    watched_.clear();
  }

 private:
  void arm() {
    if (threads_ == nullptr) {
      watch(open_nearest(folders_));
    } else if (std::exchange(is_arming_, true)) {
      is_to_arm_again_ = true;
    } else {
      asio::co_spawn(events_.get_executor(), arm_elsewhere(shared_from_this()), asio::detached);
    }
  }

  static asio::awaitable<void> arm_elsewhere(std::shared_ptr<Kqueue> self) {
    do {
      self->is_to_arm_again_ = false;
      // The thread may hang, and then outlive the watch.
      auto work = [folders = self->folders_]() -> Result<Opened> { return open_nearest(folders); };
      std::string key = "watch " + self->folders_.front().string();
      auto opened = co_await self->threads_->run_uncancelled(std::move(key), TimedCalls::limit, std::move(work));
      if (!self->changed_) co_return;
      if (!opened) continue;
      const bool has_changed = self->identities_ != opened->identities;
      self->watch(*std::move(opened));
      if (has_changed) self->changed_();
    } while (self->changed_ && self->is_to_arm_again_);
    self->is_arming_ = false;
  }

  void watch(Opened opened) {
    // Closing a descriptor removes its filter.
    watched_.clear();
    identities_ = std::move(opened.identities);
    for (auto& descriptor : opened.folders) {
      struct kevent change {};
      EV_SET(&change, static_cast<uintptr_t>(descriptor.get()), EVFILT_VNODE, EV_ADD | EV_CLEAR,
             NOTE_WRITE | NOTE_DELETE | NOTE_RENAME | NOTE_ATTRIB, 0, nullptr);
      if (::kevent(events_.native_handle(), &change, 1, nullptr, 0, nullptr) == 0) {
        watched_.push_back(std::move(descriptor));
      }
    }
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

  void drain() {
    std::array<struct kevent, 16> happened{};
    const timespec now{};
    while (::kevent(events_.native_handle(), nullptr, 0, happened.data(), static_cast<int>(happened.size()), &now) >
           0) {
    }
  }

  asio::posix::stream_descriptor events_;
  std::vector<fs::path> folders_;
  std::vector<os::Descriptor> watched_;
  std::set<std::pair<dev_t, ino_t>> identities_;  // of the watched folders
  std::function<void()> changed_;
  TimedCalls* threads_;
  bool is_arming_ = false;
  bool is_to_arm_again_ = false;
};

class Handle final : public FolderWatch {
 public:
  explicit Handle(std::shared_ptr<Kqueue> watch) : watch_(std::move(watch)) {}
  ~Handle() override { watch_->stop(); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

 private:
  std::shared_ptr<Kqueue> watch_;
};

}  // namespace

std::unique_ptr<FolderWatch> watch_folders(asio::any_io_executor executor, std::vector<fs::path> folders,
                                           std::function<void()> changed, TimedCalls* threads) {
  auto watch = std::make_shared<Kqueue>(std::move(executor), std::move(folders), std::move(changed), threads);
  watch->start();
  return std::make_unique<Handle>(std::move(watch));
}

}  // namespace jackin::async

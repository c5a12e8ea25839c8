// SPDX-License-Identifier: Apache-2.0
#include "daemon/core/own_files.hpp"

#include <spdlog/spdlog.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <utility>

#include "common/untrusted_text.hpp"

namespace jackin {

void OwnFiles::start() {
  watch();
  // Detects changes to the daemon's files from before the watch began.
  changed();
}

std::filesystem::path OwnFiles::socket_path() const {
  const auto* const socket = deps_.acceptor.socket();
  return socket != nullptr ? socket->path() : deps_.paths.socket();
}

void OwnFiles::watch() {
  watch_ = async::watch_folders(deps_.io.get_executor(),
                                {socket_path().parent_path(), deps_.paths.state_dir, deps_.paths.log_dir()},
                                [this] { changed(); });
}

void OwnFiles::changed() {
  if (is_checking_) {
    has_changed_again_ = true;
    return;
  }
  if (!deps_.is_ending()) asio::co_spawn(deps_.io, check_files(), asio::detached);
}

asio::awaitable<void> OwnFiles::check_files() {
  // Counts as the daemon's own work: it can change the lock, so it ends before the daemon releases the lock.
  const auto share = deps_.own_work.begin();
  is_checking_ = true;
  do {
    has_changed_again_ = false;
    const auto still_ours = co_await deps_.pool.run([this] { return deps_.lock.keep(); });
    if (!still_ours) {
      spdlog::error("cannot create the removed lock file again: {}", still_ours.error().message);
    } else if (!*still_ours) {
      spdlog::error("another jackind holds the lock of {}", printable(deps_.paths.state_dir.string()));
      deps_.lock_lost();
      break;
    }
    const auto in_place = co_await deps_.pool.run([this] { return deps_.database.keep_in_place(); });
    if (!in_place) spdlog::error("{}", in_place.error().message);
    deps_.removals.check();
    const bool lost = co_await deps_.pool.run([this] {
      const auto* const socket = deps_.acceptor.socket();
      return socket != nullptr && !socket->is_in_place();
    });
    if (lost && !deps_.is_ending()) co_await listen_again();
  } while (has_changed_again_ && !deps_.is_ending());
  is_checking_ = false;
}

asio::awaitable<void> OwnFiles::listen_again() {
  auto work = [this, path = socket_path()]() -> Result<ipc::ListeningSocket> {
    auto made = ipc::ListeningSocket::create(path, deps_.paths.home);
    if (made) return made;
    // The runtime folder is removed with the user's last session, and only root can create it again.
    return ipc::ListeningSocket::create(deps_.paths.state_dir / "run" / "jackind.sock", deps_.paths.home);
  };
  auto made = co_await deps_.pool.run(std::move(work));
  if (!made) {
    spdlog::error("cannot create another socket, {} was removed: {}", printable(socket_path().string()),
                  made.error().message);
    co_return;
  }
  deps_.removals.socket_moved(socket_path(), made->path());
  deps_.acceptor.listen_on(std::move(*made));
  deps_.lock.listening(socket_path());
  watch();
  deps_.listens_elsewhere();
}

}  // namespace jackin

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/io_context.hpp>
#include <filesystem>
#include <functional>
#include <memory>

#include "common/paths.hpp"
#include "daemon/async/folder_watch.hpp"
#include "daemon/async/pool.hpp"
#include "daemon/core/removals.hpp"
#include "daemon/ipc/activity.hpp"
#include "daemon/ipc/connection_acceptor.hpp"
#include "daemon/ipc/daemon_lock.hpp"
#include "daemon/state/database.hpp"

namespace jackin {

/// Watches the folders of the socket, the lock and the log, and creates again what other programs remove there. Cleanup
/// programs can delete the content of these folders (`rm -rf` of a runtime folder, systemd-tmpfiles, macOS's sweep of
/// temporary folders). Daemon's thread only; all dependencies must outlive it.
class OwnFiles {
 public:
  struct Dependencies {
    asio::io_context& io;
    const Paths& paths;
    async::Pool& pool;
    state::Database& database;
    Removals& removals;
    ipc::DaemonLock& lock;
    ipc::ConnectionAcceptor& acceptor;
    ipc::Activity& own_work;
    std::function<bool()> is_ending;          ///< Then nothing is created again.
    std::function<void()> lock_lost;          ///< Another daemon has the lock.
    std::function<void()> listens_elsewhere;  ///< The daemon listens on a new socket.
  };
  explicit OwnFiles(Dependencies deps) : deps_(std::move(deps)) {}

  /// Begins once the daemon listens.
  void start();

  /// Where clients connect: the socket in use, or the planned one.
  std::filesystem::path socket_path() const;

 private:
  void watch();
  void changed();
  asio::awaitable<void> check_files();
  asio::awaitable<void> listen_again();

  Dependencies deps_;
  std::unique_ptr<async::FolderWatch> watch_;
  bool is_checking_ = false;
  bool has_changed_again_ = false;
};

}  // namespace jackin

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/any_io_executor.hpp>
#include <memory>
#include <optional>
#include <vector>

#include "common/environment.hpp"
#include "common/paths.hpp"
#include "daemon/async/clock.hpp"
#include "daemon/async/pool.hpp"
#include "daemon/async/timed_calls.hpp"
#include "daemon/config/settings.hpp"
#include "daemon/health/upstream.hpp"
#include "daemon/notify/notifier.hpp"
#include "daemon/process/program_runner.hpp"
#include "daemon/process/pty.hpp"
#include "daemon/secrets/op_cli.hpp"
#include "daemon/secrets/os_calls.hpp"
#include "daemon/secrets/os_items.hpp"
#include "daemon/secrets/resolver.hpp"
#include "daemon/secrets/store.hpp"

namespace jackin {

/// The API at `[upstream] base_url`. Follows the settings when they are read again; a request in progress keeps the
/// settings that it started with. Requests run on their own threads, because a silent API blocks a thread for 20 s.
/// Launches and disk work do not wait for that. Daemon's thread.
class ChosenUpstream final : public health::Upstream {
 public:
  ChosenUpstream(const config::Settings& settings, Environment environment);

  void follow(const config::Settings& settings);

  asio::awaitable<health::UpstreamAnswer> check(const Secret& token) override;
  bool enabled() const override { return options_.enabled; }

 private:
  Environment environment_;
  health::UpstreamOptions options_;
  std::shared_ptr<health::Upstream> current_;  // null: not asked yet since the settings were read
  std::optional<async::Pool> pool_;  // created at the first request; declared last, so that it is destroyed first
};

/// Notifies the user as the settings say: by `[notify] command`, else on the desktop. With `[notify] enabled = false`
/// it sends nothing. Follows the settings when they are read again. Daemon's thread; all arguments must outlive it.
class ChosenNotifier final : public notify::Notifier {
 public:
  ChosenNotifier(const config::Settings& settings, asio::any_io_executor executor, Clock& clock,
                 const Environment& environment, ProgramRunner& programs);

  void follow(const config::Settings& settings);

  bool is_wanted() const override { return wanted_; }
  Task<> deliver(notify::Notice notice) override;

 private:
  asio::any_io_executor executor_;
  Clock& clock_;
  const Environment& environment_;
  ProgramRunner& programs_;
  bool wanted_ = true;
  std::shared_ptr<notify::Notifier> current_;
};

/// What a DaemonCore needs from outside, for the running daemon: clock, threads, programs, stores, the API and
/// notifications. Daemon's thread only; the arguments must outlive it.
class SystemParts {
 public:
  SystemParts(asio::any_io_executor executor, const Paths& paths, const Environment& environment, bool is_service,
              const config::Settings& settings);

  /// The settings were read again.
  void follow(const config::Settings& settings);

  /// In the order of preference for a default. The unattended ones never ask the user.
  std::vector<secrets::Store*> stores() const;
  std::vector<secrets::Store*> unattended_stores() const;

  // In the order of dependency: the last one is destroyed first.
  std::unique_ptr<Clock> clock;
  async::Pool pool;
  async::Pool writers{2};
  async::TimedCalls named_files;
  async::TimedCalls store_files;  ///< The file store can overwrite the user's own file on any mount.
  std::unique_ptr<ProgramRunner> programs;
  std::unique_ptr<PtyLauncher> terminals;
  secrets::OpCli op;
  std::unique_ptr<secrets::OsItems> os_items;  ///< Secret Service or Keychain.
  secrets::OsCalls os_calls;
  secrets::Sources sources;
  ChosenUpstream upstream;
  ChosenNotifier notifier;

 private:
  std::unique_ptr<secrets::Store> files_;
  std::unique_ptr<secrets::Store> one_password_;
  std::unique_ptr<secrets::Store> one_password_unattended_;
  std::unique_ptr<secrets::Store> os_store_;
  std::unique_ptr<secrets::Store> os_store_unattended_;
};

}  // namespace jackin

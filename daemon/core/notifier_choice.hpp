// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/any_io_executor.hpp>
#include <memory>

#include "common/environment.hpp"
#include "daemon/async/clock.hpp"
#include "daemon/config/settings.hpp"
#include "daemon/notify/notifier.hpp"
#include "daemon/process/program_runner.hpp"

namespace jackin {

/// Notifies the user as the settings say: by `[notify] command`, else on the desktop. With `[notify] enabled = false`
/// it sends nothing. Follows the settings when they are read again. Daemon's thread; all arguments must outlive it.
class ChosenNotifier final : public notify::Notifier {
 public:
  ChosenNotifier(const config::Settings& settings, asio::any_io_executor executor, Clock& clock,
                 const Environment& environment, ProgramRunner& programs);

  void follow(const config::Settings& settings);

  bool is_wanted() const override { return wanted_; }
  Task<> tell(notify::Notice notice) override;

 private:
  asio::any_io_executor executor_;
  Clock& clock_;
  const Environment& environment_;
  ProgramRunner& programs_;
  bool wanted_ = true;
  std::shared_ptr<notify::Notifier> current_;
};

}  // namespace jackin

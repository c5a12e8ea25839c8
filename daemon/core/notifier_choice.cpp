// SPDX-License-Identifier: Apache-2.0
#include "daemon/core/notifier_choice.hpp"

#include <utility>

#include "daemon/notify/command.hpp"
#include "daemon/notify/desktop.hpp"

namespace jackin {

ChosenNotifier::ChosenNotifier(const config::Settings& settings, asio::any_io_executor executor, Clock& clock,
                               const Environment& environment, ProgramRunner& programs)
    : executor_(std::move(executor)), clock_(clock), environment_(environment), programs_(programs) {
  follow(settings);
}

void ChosenNotifier::follow(const config::Settings& settings) {
  wanted_ = settings.notify_enabled;
  if (settings.notify_command.empty()) {
    current_ = notify::desktop_notifier(executor_, clock_, environment_, programs_);
  } else {
    current_ = notify::command_notifier(settings.notify_command, environment_, programs_);
  }
}

Task<> ChosenNotifier::tell(notify::Notice notice) {
  // A notification in progress ends with the notifier that it started with.
  const std::shared_ptr<notify::Notifier> chosen = current_;
  co_return co_await chosen->tell(std::move(notice));
}

}  // namespace jackin

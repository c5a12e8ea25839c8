// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "daemon/notify/notifiers.hpp"

namespace jackin::notify {

std::unique_ptr<Notifier> desktop_notifier(asio::any_io_executor, Clock&, Environment environment,
                                           ProgramRunner& programs) {
  return apple_script_notifier("/usr/bin/osascript", std::move(environment), programs);
}

}  // namespace jackin::notify

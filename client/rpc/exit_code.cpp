// SPDX-License-Identifier: Apache-2.0
#include "client/rpc/exit_code.hpp"

namespace jackin::client {

int exit_code_for(Reason reason) {
  switch (reason) {
    case Reason::invalid_argument:
    case Reason::needs_confirmation:
      return exit_usage;
    case Reason::daemon_unreachable:
      return exit_unreachable;
    case Reason::cancelled:
      return exit_cancelled;
    case Reason::busy:
    case Reason::limit_reached:
      return exit_busy;
    default:
      return exit_failed;
  }
}

}  // namespace jackin::client

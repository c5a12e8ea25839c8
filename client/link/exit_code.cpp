#include "client/link/exit_code.hpp"

namespace jackin::client {

ExitCode exit_code_for(const Error& error) {
  switch (error.reason) {
    case Reason::invalid_argument:
    case Reason::needs_confirmation:
      return ExitCode::wrong_usage;
    case Reason::daemon_unreachable:
      return ExitCode::daemon_unreachable;
    case Reason::cancelled:
      return ExitCode::cancelled;
    case Reason::busy:
      return ExitCode::busy;
    default:
      return ExitCode::failed;
  }
}

}  // namespace jackin::client

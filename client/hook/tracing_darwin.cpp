// SPDX-License-Identifier: Apache-2.0
#include <sys/types.h>
// ptrace.h needs the types of the header above.
#include <sys/ptrace.h>

#include "client/hook/process_state.hpp"

namespace jackin::client {

bool forbid_tracing() {
  return ptrace(PT_DENY_ATTACH, 0, nullptr, 0) == 0;
}

}  // namespace jackin::client

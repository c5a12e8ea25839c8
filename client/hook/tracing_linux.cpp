// SPDX-License-Identifier: Apache-2.0
#include <sys/prctl.h>

#include "client/hook/process_state.hpp"

namespace jackin::client {

bool forbid_tracing() {
  return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
}

}  // namespace jackin::client

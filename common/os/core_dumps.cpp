// SPDX-License-Identifier: Apache-2.0
#include "common/os/core_dumps.hpp"

#include <sys/resource.h>

namespace jackin::os {

bool forbid_core_dumps() {
  rlimit limit{};
  if (getrlimit(RLIMIT_CORE, &limit) != 0) return false;
  limit.rlim_cur = 0;
  return setrlimit(RLIMIT_CORE, &limit) == 0;
}

}  // namespace jackin::os

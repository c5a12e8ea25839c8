// SPDX-License-Identifier: Apache-2.0
#include "common/os/descriptor_limit.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <string>

namespace jackin::os {
namespace {

constexpr rlim_t wanted = 8192;
constexpr rlim_t needed = 256;

rlimit before{};
bool is_raised = false;

}  // namespace

Result<std::size_t> raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
    return failure(error_from_errno("cannot read the limit on open descriptors", errno));
  }
  if (limit.rlim_max < needed) {
    return failure(Reason::unsupported,
                   "jackind needs " + std::to_string(needed) + " open descriptors, the hard limit is " +
                       std::to_string(limit.rlim_max),
                   Remedy::try_again("with a higher hard limit on open files (ulimit -Hn, LimitNOFILE=)"));
  }
  before = limit;
  limit.rlim_cur = std::min(limit.rlim_max, wanted);
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
    return failure(error_from_errno("cannot raise the limit on open descriptors", errno));
  }
  is_raised = true;
  return static_cast<std::size_t>(limit.rlim_cur);
}

void restore_descriptor_limit() noexcept {
  if (is_raised) setrlimit(RLIMIT_NOFILE, &before);
}

}  // namespace jackin::os

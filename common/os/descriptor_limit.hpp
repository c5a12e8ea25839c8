// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "common/result.hpp"

namespace jackin::os {

/// Raises the soft limit on descriptors to the hard limit, but at most to 8192. Returns the limit. Call while there is
/// only one thread. Errors: unsupported (fewer than 256), io_failed.
Result<std::size_t> raise_descriptor_limit();

/// Restores the limit from before `raise_descriptor_limit`, in a child between fork and exec: a program may loop over
/// all descriptors or use select(2). Call it after code that closes all descriptors up to the limit. Async-signal-safe.
void restore_descriptor_limit() noexcept;

}  // namespace jackin::os

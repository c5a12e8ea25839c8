// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "common/result.hpp"

namespace jackin::os {

/// Raises the soft limit on descriptors to the hard one, and to 8192 at most; the limit. Call while there is one
/// thread. Errors: unsupported (fewer than 256), io_failed.
Result<std::size_t> raise_descriptor_limit();

/// For a child between fork and exec: the limit as it was before `raise_descriptor_limit`, since a program may loop
/// over all descriptors or use select(2). After what closes descriptors, which goes by the limit. Async-signal-safe.
void restore_descriptor_limit() noexcept;

}  // namespace jackin::os

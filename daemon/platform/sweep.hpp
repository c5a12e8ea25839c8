#pragma once

#include <chrono>
#include <filesystem>

#include "common/result.hpp"

namespace jackin::platform {

/// Removes from `folder` what `write_private_file` left aside there, of whatever file, once it has not been written for
/// `age`: its process was killed, and may not have been this one. How many there were. No other file is touched.
/// Errors: permission_denied, io_failed. Blocking.
Result<int> remove_abandoned_writes_in(const std::filesystem::path& folder, std::chrono::seconds age);

}  // namespace jackin::platform

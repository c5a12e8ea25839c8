// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "common/result.hpp"

namespace jackin::client {

/// Where the last `lines` lines of `text` begin; all of it when there are fewer. A line need not end.
std::size_t last_lines(std::string_view text, std::size_t lines);

/// Prints the file: all of it, or its last `lines` lines. With `go_on`, which waits a while and says whether to look
/// again, also what is added, and the next file when this one is replaced or cut. Line ends stay, control characters
/// go. Errors: io_failed, permission_denied (no log yet is io_failed with a remedy), and those of `print`.
Result<> print_log(const std::filesystem::path& file, std::optional<std::size_t> lines,
                   const std::function<Result<>(const std::string&)>& print, const std::function<bool()>& go_on = {});

}  // namespace jackin::client

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "common/result.hpp"

namespace jackin::client {

/// Returns the position where the last `lines` lines of `text` begin; 0 when there are fewer. The last line may lack a
/// line end.
std::size_t last_lines(std::string_view text, std::size_t lines);

/// Prints the file: all of it, or its last `lines` lines. `go_on` waits a while and returns whether to read again. With
/// `go_on`, also prints added lines, and the next file when this one is replaced or truncated. Keeps line ends and
/// drops control characters. Errors: io_failed, permission_denied (a log that does not exist yet is io_failed with a
/// remedy), and those of `print`.
Result<> print_log(const std::filesystem::path& file, std::optional<std::size_t> lines,
                   const std::function<Result<>(const std::string&)>& print, const std::function<bool()>& go_on = {});

}  // namespace jackin::client

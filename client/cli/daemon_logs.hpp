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

/// Prints the file: all of it, or its last `lines` lines; with `follow` also what is added, until the program is ended,
/// and the next file when this one is replaced or cut. Line ends stay, control characters go. Errors: io_failed,
/// permission_denied (no log yet is io_failed with a remedy).
Result<> print_log(const std::filesystem::path& file, std::optional<std::size_t> lines, bool follow,
                   const std::function<void(const std::string&)>& print);

}  // namespace jackin::client

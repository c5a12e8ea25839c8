// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "common/result.hpp"
#include "common/secret.hpp"

namespace jackin::client {

/// Returns the read end of a new pipe that holds exactly the token; the write end is closed. The command inherits the
/// read end. The caller closes it when exec fails. Errors: io_failed.
Result<int> pipe_with(const Secret& token);

/// Writes `name=value` and a zero byte to `fd`. Waits for a slow reader. Errors: invalid_argument when `fd` is a
/// terminal, is not open, or cannot be written; io_failed when the reader has closed the pipe.
Result<> write_variable(int fd, std::string_view name, const Secret& value);

/// Checked before a token is fetched. Errors: invalid_argument unless `fd` is open for writing and not a terminal.
Result<> check_writable(int fd);

}  // namespace jackin::client

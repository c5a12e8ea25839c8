// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "common/result.hpp"
#include "common/secret.hpp"

namespace jackin::client {

/// The read end of a new pipe that holds the token and nothing more: nobody writes to it again. The command inherits
/// it, everything else of the pipe is closed. The caller closes it when there is no exec after all. io_failed.
Result<int> pipe_with(const Secret& token);

/// Writes `name=value` and a zero byte to `fd`, waiting for a reader that is slow. invalid_argument when `fd` is a
/// terminal, is not open, or cannot be written; io_failed when the reader has gone.
Result<> write_variable(int fd, std::string_view name, const Secret& value);

/// invalid_argument unless `fd` is open for writing and no terminal. Asked before there is a token.
Result<> check_writable(int fd);

}  // namespace jackin::client

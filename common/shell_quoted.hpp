// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace jackin {

/// `word` as one word of a POSIX shell: unchanged when that is safe, else in single quotes.
std::string shell_quoted(std::string_view word);

}  // namespace jackin

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace jackin::ipc {

/// The connection preface of HTTP/2 and the header of the SETTINGS frame that follows it (RFC 9113, 3.4 and 4.1).
constexpr std::size_t greeting_size = 24 + 9;

enum class Greeting { incomplete, http2, foreign };

/// Classifies the first bytes of a connection, at most `greeting_size` of them.
Greeting judge_greeting(std::string_view first);

}  // namespace jackin::ipc

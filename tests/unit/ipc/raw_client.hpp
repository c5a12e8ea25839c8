// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace jackin::test {

/// The bytes of a gRPC client, so that a test can stop between any two of them (RFC 9113, RFC 7541, and gRPC's
/// PROTOCOL-HTTP2.md). Stream numbers are odd and grow.

/// The preface, and a SETTINGS frame that lets the server send without a limit.
std::string http2_greeting();
/// The start of a call: its headers, without the request.
std::string http2_call(std::uint32_t stream, std::string_view path);
/// A request, the last message on its stream.
std::string http2_request(std::uint32_t stream, std::string_view message);

}  // namespace jackin::test

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace jackin::client {

/// Gives the bytes of a server to a LightSession with two calls. The first byte of `input` says in which pieces.
/// Returns whether both calls ended: those without an answer do when the connection closes. For the fuzz target and its
/// corpus.
bool handle_session_input(std::string_view input);

}  // namespace jackin::client

// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace jackin {

/// Where the user ends a token of Claude Code's.
inline constexpr const char* token_page = "https://claude.ai/settings/claude-code";

}  // namespace jackin

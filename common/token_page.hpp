// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace jackin {

/// The page where the user can end a Claude Code token.
inline constexpr const char* token_page = "https://claude.ai/settings/claude-code";

}  // namespace jackin

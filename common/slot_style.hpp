// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace jackin {

/// The form in which a token is written into jackin's files.
enum class SlotStyle {
  canonical,  ///< The slot, `[claude] oauth_token`.
  bridge,     ///< The older pair, which released jackin versions read.
};

}  // namespace jackin

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "common/secret.hpp"

namespace jackin::mint {

/// The code in the address of the page that a browser shows after the consent, `https://…?code=CODE&state=STATE`, or in
/// its query alone, as claude takes it: `CODE#STATE`. Blanks and line ends come from copying and are skipped. Nothing
/// for any other text, also for the address of the sign-in page, whose `code` is a switch.
std::optional<Secret> code_in_address(std::string_view text);

}  // namespace jackin::mint

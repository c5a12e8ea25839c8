// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ftxui/dom/elements.hpp>

#include "client/tui/model/cells.hpp"
#include "client/tui/model/model.hpp"
#include "client/tui/view/theme.hpp"

namespace jackin::tui {

/// The screen for a model, of the size `model.size`, which may have any value. Pure.
ftxui::Element view(const Model& model, const Theme& theme);

/// The same screen as cells. One thread at a time, since FTXUI has a global setting for colours.
Cells render(const Model& model, const Theme& theme);

}  // namespace jackin::tui

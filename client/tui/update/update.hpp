// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "client/tui/model/model.hpp"
#include "client/tui/update/effects.hpp"
#include "client/tui/update/messages.hpp"

namespace jackin::tui {

/// Changes the model as the message says, and returns what is to be done. Pure: no I/O, no clock.
Effects update(Model& model, Message message);

/// When the screen changes without a message, because time passes: then `TimePassed` is wanted. Nothing while it does
/// not. `motion` is whether dots may count the seconds of a wait (JACKIN_NO_MOTION).
std::optional<Moment> next_change(const Model& model, bool motion);

/// The scopes that a panel action applies to: the marked ones in their order, else the selected one.
std::vector<Scope> subjects(const Model& model);

}  // namespace jackin::tui

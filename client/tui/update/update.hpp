// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "client/tui/model/model.hpp"
#include "client/tui/update/effects.hpp"
#include "client/tui/update/messages.hpp"

namespace jackin::tui {

/// Applies a message to the model and returns the effects to carry out. Pure: no I/O, no clock.
Effects update(Model& model, Message message);

/// The next time at which the screen changes only because time passes; nothing if there is none. The caller then sends
/// `TimePassed`. `motion`: dots count the seconds of a wait (not with JACKIN_NO_MOTION).
std::optional<Moment> next_change(const Model& model, bool motion);

/// The scopes that a panel action applies to: the marked ones in order, else the selected one.
std::vector<Scope> subjects(const Model& model);

}  // namespace jackin::tui

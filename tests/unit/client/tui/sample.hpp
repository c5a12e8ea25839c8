// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "client/tui/update/update.hpp"

// A panel with one row of each kind, and every state of the screen.
namespace jackin::tui {

/// The scope of a workspace or a role; the global scope for an empty name.
Scope scope_of(std::string_view workspace, std::string_view role = {});

/// The time in the samples: 2026-11-29T14:40:00Z.
Moment sample_time();

/// 80×24, connected, with global, billing, docs, infra (rotating), my-app with the role reviewer, playground and
/// website.
Model sample_model();

/// The stores of a desktop. The Secret Service is the default.
std::vector<Store> sample_stores();

/// claude's screen while it asks for the code, 76×12.
Cells consent_cells();

/// The screen as text, one line per row.
std::string screen_text(const Model& model);

/// Presses keys one after the other, each one as its own chunk. The notation is "g", "<enter>", "^c".
Effects press(Model& model, std::string_view keys);
/// Presses the keys as one chunk.
Effects press_at_once(Model& model, std::string_view keys);
Effects paste(Model& model, std::string_view text, bool cut = false);
Key key_of(std::string_view name);
std::vector<Key> keys_of(std::string_view keys);

/// The effect of this type among `effects`; nullptr when there is none.
template <typename T>
const T* find(const Effects& effects) {
  for (const Effect& effect : effects) {
    if (const T* found = std::get_if<T>(&effect)) return found;
  }
  return nullptr;
}

/// Every state of the screen by its name.
std::map<std::string, Model> sample_states();

}  // namespace jackin::tui

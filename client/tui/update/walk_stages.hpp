// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "client/tui/update/update.hpp"

// The stages of a walk through 1Password: account, vault, item, section, field.
namespace jackin::tui {

constexpr std::string_view default_field = "credential";
/// `Line::id` of "+ New section" among the fields of an item without sections.
constexpr std::string_view new_section_line = "+section";

/// Enters a stage. The user can go back to the current one.
void enter_stage(Walk& walk, Walk::Stage stage);

/// Requests the lines of the stage. The current lines stay until the answer arrives.
void ask_again(Model& model, Walk& walk, Effects& effects);

/// Stops the open request.
void stop_asking(Walk& walk, Effects& effects);

/// Selects the first usable entry that passes the filter. Without a filter or such an entry, selects the first line.
void select_match(Walk::View& view);

/// Fills the stage `field` from what is known of the item.
void list_fields(Walk& walk);

bool is_section_taken(const Walk& walk, std::string_view label);
/// Whether the item may have a field of this name. Without a section, 1Password looks for a name in the whole item.
bool is_field_taken(const Walk& walk, std::string_view label);

}  // namespace jackin::tui

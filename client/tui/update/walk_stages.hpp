// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "client/tui/update/update.hpp"

// The stages of a walk through 1Password: account, vault, item, section, field.
namespace jackin::tui {

constexpr std::string_view default_field = "credential";
/// `Line::id` of "+ New section" among the fields of an item without sections.
constexpr std::string_view new_section_line = "+section";

/// Goes on to a stage; the present one can be gone back to.
void enter_stage(Walk& walk, Walk::Stage stage);

/// Asks for the lines of the stage. What is shown stays until the answer comes.
void ask_again(Model& model, Walk& walk, Effects& effects);

/// Gives up the question that is open.
void stop_asking(Walk& walk, Effects& effects);

/// Selects the first entry that passes the filter; without one, the first line.
void select_match(Walk::View& view);

/// Fills the stage `field` from what is known of the item.
void list_fields(Walk& walk);

bool is_section_taken(const Walk& walk, std::string_view label);
/// Without a section, 1Password looks for a name in the whole item.
bool is_field_taken(const Walk& walk, std::string_view label);

}  // namespace jackin::tui

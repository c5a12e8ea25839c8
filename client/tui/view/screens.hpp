// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client/tui/view/frame.hpp"

// Functions that the files of view/ share: one for each screen.
namespace jackin::tui {

/// The panel, with banner, details and footer. `keys` is the footer; a box above the panel has its own.
ftxui::Element panel_screen(const Model& model, const Theme& theme, Lines keys);
ftxui::Element empty_screen(const Model& model, const Theme& theme);
ftxui::Element store_screen(const Model& model, const StorePicker& picker, const Theme& theme);
ftxui::Element walk_screen(const Model& model, const Walk& walk, const Theme& theme);
ftxui::Element operation_screen(const Model& model, const OperationView& view, const Theme& theme);
ftxui::Element doctor_screen(const Model& model, const DoctorView& view, const Theme& theme);
ftxui::Element details_screen(const Model& model, const DetailsView& view, const Theme& theme);
ftxui::Element help_screen(const Model& model, const HelpView& view, const Theme& theme);
ftxui::Element workspace_screen(const Model& model, const WorkspaceBox& box, const Theme& theme);

/// The boxes above the panel.
ftxui::Element revoke_box(const Model& model, const RevokeBox& box, const Theme& theme);
ftxui::Element role_box(const Model& model, const RoleBox& box, const Theme& theme);
ftxui::Element quit_box(const Model& model, const QuitBox& box, const Theme& theme);
ftxui::Element cancel_box(const Model& model, const CancelBox& box, const Theme& theme);

/// The known facts about a row, `columns` wide, the most important ones first.
Lines detail_lines(const Model& model, const Row& row, const Theme& theme, int columns);

/// The steps of an operation, one per line, and its outcome. `again` is the key that begins it again; empty for none.
Lines step_lines(const Operation& operation, const Theme& theme, int columns);
Lines outcome_lines(const Operation& operation, const Line& again, const Theme& theme, int columns);

}  // namespace jackin::tui

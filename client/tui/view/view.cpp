// SPDX-License-Identifier: Apache-2.0
#include "client/tui/view/view.hpp"

#include "client/tui/view/screens.hpp"

namespace jackin::tui {
namespace {

// Draws a box in the middle of the panel.
ftxui::Element over_panel(const Model& model, const Theme& theme, ftxui::Element box) {
  const Lines keys = footer(model, theme, footer_rows(model));
  return ftxui::dbox({panel_screen(model, theme, keys), ftxui::center(ftxui::clear_under(std::move(box)))});
}

struct ViewOfDialog {
  const Model& model;
  const Theme& theme;

  ftxui::Element operator()(const StorePicker& dialog) const { return store_screen(model, dialog, theme); }
  ftxui::Element operator()(const Walk& dialog) const { return walk_screen(model, dialog, theme); }
  ftxui::Element operator()(const OperationView& dialog) const { return operation_screen(model, dialog, theme); }
  ftxui::Element operator()(const DoctorView& dialog) const { return doctor_screen(model, dialog, theme); }
  ftxui::Element operator()(const DetailsView& dialog) const { return details_screen(model, dialog, theme); }
  ftxui::Element operator()(const HelpView& dialog) const { return help_screen(model, dialog, theme); }
  ftxui::Element operator()(const WorkspaceBox& dialog) const { return workspace_screen(model, dialog, theme); }
  ftxui::Element operator()(const RevokeBox& dialog) const {
    return over_panel(model, theme, revoke_box(model, dialog, theme));
  }
  ftxui::Element operator()(const RoleBox& dialog) const {
    return over_panel(model, theme, role_box(model, dialog, theme));
  }
  ftxui::Element operator()(const QuitBox& dialog) const {
    return over_panel(model, theme, quit_box(model, dialog, theme));
  }
  ftxui::Element operator()(const CancelBox& dialog) const {
    return over_panel(model, theme, cancel_box(model, dialog, theme));
  }
};

}  // namespace

ftxui::Element view(const Model& model, const Theme& theme) {
  if (!model.dialogs.empty()) return std::visit(ViewOfDialog{model, theme}, model.dialogs.back());
  if (is_empty_panel(model)) return empty_screen(model, theme);
  return panel_screen(model, theme, footer(model, theme, footer_rows(model)));
}

}  // namespace jackin::tui

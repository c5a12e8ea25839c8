// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <utility>

#include "client/tui/update/screens.hpp"
#include "common/paths.hpp"

namespace jackin::tui {
namespace {

void take_role(Model& model, Effects& effects) {
  RoleBox& box = *top_as<RoleBox>(model);
  if (box.text.empty()) {
    box.problem = "type the name of a role";
    return;
  }
  const auto scope = Scope::role(box.workspace, box.text);
  if (!scope) {
    box.problem = scope.error().message;
    return;
  }
  const auto row = model.rows.find(*scope);
  if (row != model.rows.end() && row->second.has_token) {
    box.problem = scope->role_name() + " already has a token";
    return;
  }
  if (running_operation(model, *scope) != nullptr || is_queued(model, *scope)) {
    box.problem = "a token of " + scope->str() + " is being created already";
    return;
  }
  open_store_picker(model, {.scopes = {*scope}}, effects);
}

void take_workspace(Model& model, Effects& effects) {
  WorkspaceBox& box = *top_as<WorkspaceBox>(model);
  const auto scope = Scope::workspace(box.name);
  if (!scope) {
    box.in_folder = false;
    box.problem = box.name.empty() ? "type the name of the workspace" : scope.error().message;
    return;
  }
  if (model.rows.contains(*scope)) {
    box.in_folder = false;
    box.problem = "a workspace of this name already exists";
    return;
  }
  if (running_operation(model, *scope) != nullptr || is_queued(model, *scope)) {
    box.in_folder = false;
    box.problem = "a token of " + scope->str() + " is being created already";
    return;
  }
  if (!box.in_folder) {
    box.in_folder = true;
    return;
  }
  const std::filesystem::path folder =
      box.folder.empty() ? std::filesystem::path(model.facts.folder) : expand_home(box.folder, model.facts.home);
  if (!folder.is_absolute()) {
    box.problem = "type the full path of the workspace's folder, starting with / or ~/";
    return;
  }
  open_store_picker(model, {.scopes = {*scope}, .create = true, .workdir = folder.string()}, effects);
}

}  // namespace

void on_role(Model& model, Action action, Effects& effects) {
  RoleBox& box = *top_as<RoleBox>(model);
  switch (action) {
    case Action::take:
      return take_role(model, effects);
    case Action::erase:
      return erase_last(box.text);
    case Action::erase_word:
      return box.text.clear();
    case Action::back:
      return close_top(model);
    case Action::interrupt:
      return quit_or_ask(model, effects);
    default:
      return;
  }
}

void on_workspace(Model& model, Action action, Effects& effects) {
  WorkspaceBox& box = *top_as<WorkspaceBox>(model);
  std::string& field = box.in_folder ? box.folder : box.name;
  switch (action) {
    case Action::take:
      return take_workspace(model, effects);
    case Action::next_field:
      box.in_folder = !box.in_folder;
      return;
    case Action::erase:
      return erase_last(field);
    case Action::erase_word:
      return field.clear();
    case Action::back:
      return close_top(model);
    case Action::interrupt:
      return quit_or_ask(model, effects);
    default:
      return;
  }
}

}  // namespace jackin::tui

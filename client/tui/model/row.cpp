// SPDX-License-Identifier: Apache-2.0
#include "client/tui/model/row.hpp"

#include "common/remedy_command.hpp"

namespace jackin::tui {

std::optional<Action> key_of(const Remedy& remedy) {
  switch (remedy.action) {
    case RemedyAction::setup:
      return Action::generate;
    case RemedyAction::rotate:
      // The key rotates in place, so it cannot carry out a remedy that names another store or vault.
      return remedy.store || !remedy.vault.empty() ? std::nullopt : std::optional(Action::rotate);
    case RemedyAction::revoke:
      return Action::revoke;
    case RemedyAction::check:
      return remedy.scope && remedy.config_folder.empty() ? std::optional(Action::doctor) : std::nullopt;
    default:
      return std::nullopt;
  }
}

std::string command_of(const Remedy& remedy) {
  if (repeats_request(remedy)) return {};
  Remedy bare = remedy;
  bare.note.clear();
  return command_line(bare);
}

}  // namespace jackin::tui

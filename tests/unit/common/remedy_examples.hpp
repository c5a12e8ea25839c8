// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "common/remedy.hpp"

namespace jackin::test {

/// A remedy with that action and a value in every field; the values need quotes in a shell.
inline Remedy with_all_fields(RemedyAction action) {
  Remedy remedy;
  remedy.action = action;
  remedy.note = "or else; it's \"over\" $(false)";
  remedy.scope = RemedyScope{"my 'app'", "dev"};
  remedy.config_folder = "/con fig";
  remedy.workdir = "/src; false";
  remedy.reference = "file:~/x $(false)";
  remedy.store = SourceKind::file;
  remedy.vault = "Team's";
  remedy.item = "i & j";
  remedy.tag = "operation=x y";
  remedy.service = "ja(ckin";
  remedy.account = "a `b`";
  remedy.paths = {"/a b", "~/c 'd'", "e|f"};
  remedy.line = 7;
  remedy.access = PathAccess::private_file;
  remedy.option = RequestOption::vault;
  remedy.values = {"one & two"};
  remedy.name = "na me";
  remedy.value = "va\"lue";
  remedy.pids = {1, 23};
  remedy.then_restart = true;
  return remedy;
}

/// The same with only the fields that the action requires.
inline Remedy with_few_fields(RemedyAction action) {
  Remedy remedy;
  remedy.action = action;
  return remedy;
}

/// Both, for every action.
inline std::vector<Remedy> all_remedies() {
  std::vector<Remedy> all;
  for (const RemedyAction action : all_remedy_actions) {
    all.push_back(with_all_fields(action));
    all.push_back(with_few_fields(action));
  }
  return all;
}

}  // namespace jackin::test

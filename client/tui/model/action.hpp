// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace jackin::tui {

/// The actions of keys. `keymap.hpp` binds keys to them, `update/` carries them out.
enum class Action {
  // movement
  up,
  down,
  page_up,
  page_down,
  first,
  last,
  close_workspace,
  open_workspace,
  // tokens
  generate,
  rotate,
  revoke,
  doctor,
  add_role,
  migrate,
  lock,
  new_workspace,
  // the panel
  resume,
  details,
  filter,
  sort,
  mark,
  refresh,
  reconnect,
  redraw,
  help,
  quit,
  // boxes and fields
  take,
  back,
  erase,
  erase_word,
  next_field,
  yes,
  no,
  tick,
  previous_choice,
  next_choice,
  one_password,
  os_store,
  file_store,
  plain_text,
  choose_field,
  // an operation
  menu,
  copy_link,
  open_link,
  show_qr,
  to_panel,
  cancel,
  copy_report,
  copy_command,
  interrupt,
};

}  // namespace jackin::tui

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "client/tui/view/screens.hpp"

namespace jackin::tui {
namespace {

std::string_view key_of(SourceKind kind) {
  switch (kind) {
    case SourceKind::op:
      return "P";
    case SourceKind::keychain:
    case SourceKind::secret_service:
      return "O";
    case SourceKind::file:
      return "F";
    case SourceKind::literal:
      return "T";
    default:
      return "";
  }
}

// The file that contains the token if it is stored as plain text.
std::string file_of(const Scope& scope) {
  return scope.is_global() ? "config.toml" : "workspaces/" + scope.workspace_name() + ".toml";
}

std::string note_of(const Model& model, const Store& store, const Purpose& purpose) {
  if (!store.available) return store.note;
  switch (store.kind) {
    case SourceKind::op:
      return "next: account, vault and item";
    case SourceKind::file:
      return "readable by you alone" +
             (model.facts.tokens_folder.empty() ? std::string() : ", in " + model.facts.tokens_folder);
    case SourceKind::literal:
      return "! unprotected, in " + file_of(purpose.scopes.front());
    case SourceKind::secret_service:
      return store.note.empty() ? "the keyring of your desktop" : store.note;
    default:
      return store.note;
  }
}

std::string subject_of(const Purpose& purpose) {
  if (purpose.scopes.size() == 1) return "A new token for " + purpose.scopes.front().str() + ": choose a store";
  return "New tokens for " + std::to_string(purpose.scopes.size()) + " rows, one after the other: choose a store";
}

}  // namespace

ftxui::Element store_screen(const Model& model, const StorePicker& picker, const Theme& theme) {
  const std::string_view cut = theme.glyph("…", "~");
  const int columns = model.size.columns;
  const bool is_small = model.size.rows < fewest_rows;
  Lines lines;
  if (!is_small) lines.resize(2);
  lines.push_back(Line("   ").add(subject_of(picker.purpose), TextStyle::strong).fit(columns, cut));
  lines.emplace_back();
  if (!is_small) lines.emplace_back();
  if (picker.failure) {
    for (Line& line : failure_lines(*picker.failure, theme, columns)) lines.push_back(std::move(line));
    if (!model.stores.empty()) lines.emplace_back();
  } else if (model.stores.empty()) {
    const char* text = picker.typed_ahead.empty() ? "asking the daemon which stores can be used"
                                                  : "asking the daemon; your keys take effect when it answers";
    lines.emplace_back(Line("   ").add(text, TextStyle::dim));
  }
  for (std::size_t at = 0; at < model.stores.size(); ++at) {
    const Store& store = model.stores[at];
    const bool is_selected = at == picker.selected;
    Line line(is_selected ? theme.glyph(" ▸", " >") : "  ");
    line.to(3).add(store.available ? key_of(store.kind) : theme.glyph("–", "-"), TextStyle::strong);
    line.to(6).add(store.name).to(23).add(note_of(model, store, picker.purpose));
    const bool is_default = store.is_default && store.available;
    line.fit(columns - (is_default ? 10 : 1), cut);
    if (is_default) line.right("default", columns - 2);
    lines.push_back(std::move(line.select(is_selected)));
  }
  lines.emplace_back();
  if (!is_small) {
    lines.emplace_back();
    const std::string then =
        "Then claude asks for your consent in the browser. jackind stores the token, reads it back, and writes the "
        "configuration last.";
    for (const std::string& part : wrapped(then, std::min(columns - 4, 72))) lines.push_back(Line("   ").add(part));
  }
  const Scope& scope = picker.purpose.scopes.front();
  const std::string subject =
      picker.purpose.scopes.size() == 1 ? scope.str() : std::to_string(picker.purpose.scopes.size()) + " rows";
  return whole_screen(model, theme, header(model, theme, {subject, "create"}), element(std::move(lines), theme),
                      footer(model, theme, footer_rows(model)));
}

}  // namespace jackin::tui

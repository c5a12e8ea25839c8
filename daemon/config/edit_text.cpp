// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/edit_text.hpp"

#include <functional>
#include <optional>
#include <utility>

#include "daemon/config/text_changes.hpp"
#include "daemon/config/toml_text.hpp"

namespace jackin::config {
namespace {

std::string dotted_text(const Names& names) {
  std::string text;
  for (const auto name : names) {
    if (!text.empty()) text += '.';
    text += toml_key(name);
  }
  return text;
}

// A new section for `path` after the others of the same parent, else at the end.
Changes new_section(const LayoutView& view, const Names& path, std::string_view key, std::string_view value) {
  const std::string_view text = view.text();
  const std::string header = "[" + dotted_text(path) + "]";
  Changes changes;
  std::optional<std::size_t> sibling;
  for (std::size_t depth = path.size() - 1; depth > 0 && !sibling; --depth) {
    sibling = view.last_section_below({path.begin(), path.begin() + static_cast<std::ptrdiff_t>(depth)});
  }
  const std::size_t last = sibling ? view.section_end(*sibling) : view.statements().size();
  if (last + 1 >= view.statements().size()) {
    const std::size_t end = text.size();
    const std::string_view newline = view.newline_near(end);
    if (end == byte_order_mark(text)) {
      changes.push_back(insertion(end, {header, newline, key, " = ", value, newline}));
    } else if (text.back() == '\n') {
      const bool after_blank = view.is_blank_line(view.line_begin(end - 1));
      changes.push_back(insertion(end, {after_blank ? "" : newline, header, newline, key, " = ", value, newline}));
    } else {
      changes.push_back(insertion(end, {newline, newline, header, newline, key, " = ", value}));
    }
    return changes;
  }
  // Comments directly below a section belong to it; those directly above the next header belong to that header.
  std::size_t at = view.statements()[last].lines.end;
  std::size_t after = at;
  while (view.is_comment_line(after)) after = view.line_end(after);
  if (after >= text.size() || view.is_blank_line(after)) at = after;
  const std::string_view newline = view.newline_near(at - 1);
  const bool before_blank = view.is_blank_line(at);
  changes.push_back(insertion(at, {newline, header, newline, key, " = ", value, newline, before_blank ? "" : newline}));
  return changes;
}

Changes add_to_section(const LayoutView& view, std::size_t header, std::string_view key, std::string_view value) {
  const Statement& last = view.statements()[view.section_end(header)];
  const std::size_t begin = last.lines.begin;
  // A position in the last line of the statement, not in the line after it.
  const std::size_t within = last.lines.end > begin ? last.lines.end - 1 : begin;
  Changes changes;
  changes.push_back(new_line_after(view, within, view.indentation(begin), {key, " = ", value}));
  return changes;
}

Changes add_beside(const LayoutView& view, const Dotted& dotted, const Names& rest, std::string_view value) {
  const Key& key = dotted.found.key();
  const std::string_view prefix = view.text(key.front().span.begin, key[dotted.parts - 1].span.end);
  const std::string name = std::string(prefix) + "." + dotted_text(rest);
  if (dotted.found.in != nullptr) return insertion_into(view, *dotted.found.in, name, value);
  const Statement& beside = *dotted.found.statement;
  Changes changes;
  changes.push_back(
      new_line_after(view, beside.lines.end - 1, view.indentation(beside.lines.begin), {name, " = ", value}));
  return changes;
}

Changes addition(const LayoutView& view, const Names& key, std::string_view value) {
  for (std::size_t depth = key.size() - 1; depth > 0; --depth) {
    const Names path(key.begin(), key.begin() + static_cast<std::ptrdiff_t>(depth));
    const Names rest = without_first(key, depth);
    if (const auto found = view.find(path); found && found->table() != nullptr) {
      return insertion_into(view, *found->table(), dotted_text(rest), value);
    }
    if (rest.size() == 1) {
      if (const auto header = view.find_header(path)) {
        return add_to_section(view, *header, toml_key(rest.front()), value);
      }
    }
    // A table that dotted keys define must not get a header: the entry is added with a dotted key too.
    if (const auto dotted = view.find_dotted(path); !dotted.empty()) {
      return add_beside(view, dotted.back(), rest, value);
    }
    // If headers define the table, dotted keys from a parent must not extend it.
    if (view.last_section_below(path)) break;
  }
  return new_section(view, {key.begin(), key.end() - 1}, toml_key(key.back()), value);
}

Changes one(Change change) {
  Changes changes;
  changes.push_back(std::move(change));
  return changes;
}

Changes removal_of(const LayoutView& view, const Found& found) {
  if (found.in != nullptr) return removal_from(view, *found.in, found.index);
  return one(removal_of_lines(view, found.statement->lines));
}

Names names_of(const KeyNames& key) {
  return {key.begin(), key.end()};
}

// Applies the changes that `find` returns; false when there are none.
bool change(Secret& text, const std::function<std::optional<Changes>(const LayoutView&)>& find) {
  const auto view = LayoutView::of(text.view());
  if (!view) return false;
  const auto changes = find(*view);
  if (!changes) return false;
  text = with_changes(text.view(), *changes);
  return true;
}

// For a value written as sections (`[claude.oauth_token]`): removes its last line.
bool remove_section_line(Secret& text, const Names& names) {
  return change(text, [&](const LayoutView& view) -> std::optional<Changes> {
    const auto section = view.last_section_below(names);
    if (!section) return std::nullopt;
    return one(removal_of_lines(view, view.statements()[view.section_end(*section)].lines));
  });
}

// For a value written as several dotted keys (`oauth_token.op`, `oauth_token.account`): removes the last of them while
// there is another.
bool remove_dotted_sibling(Secret& text, const Names& names) {
  return change(text, [&](const LayoutView& view) -> std::optional<Changes> {
    const auto pieces = view.find_dotted(names);
    if (pieces.size() < 2) return std::nullopt;
    return removal_of(view, pieces.back().found);
  });
}

// Reduces a value that is written in several parts to at most one. True when it was written as sections: then nothing
// remains.
bool gather(Secret& text, const Names& names) {
  bool was_in_sections = false;
  while (remove_section_line(text, names)) was_in_sections = true;
  while (remove_dotted_sibling(text, names)) continue;
  return was_in_sections;
}

}  // namespace

bool EditedText::replace(const KeyNames& key, std::string_view name, std::string_view value) {
  const Names names = names_of(key);
  if (gather(text_, names)) {
    KeyNames renamed = key;
    renamed.back() = name;
    return add(renamed, value);
  }
  const bool same_name = key.back() == name;
  return change(text_, [&](const LayoutView& view) -> std::optional<Changes> {
    Changes changes;
    if (const auto found = view.find(names)) {
      if (!same_name) changes.push_back(replacement(found->key().back().span, toml_key(name)));
      changes.push_back(replacement(found->value(), value));
      return changes;
    }
    const auto pieces = view.find_dotted(names);
    if (pieces.empty()) return std::nullopt;
    const Key& dotted = pieces.front().found.key();
    const Span rest{dotted[pieces.front().parts - 1].span.begin, dotted.back().span.end};
    changes.push_back(replacement(rest, toml_key(name)));
    changes.push_back(replacement(pieces.front().found.value(), value));
    return changes;
  });
}

bool EditedText::remove(const KeyNames& key) {
  const Names names = names_of(key);
  if (gather(text_, names)) return true;
  return change(text_, [&](const LayoutView& view) -> std::optional<Changes> {
    if (const auto found = view.find(names)) return removal_of(view, *found);
    const auto pieces = view.find_dotted(names);
    if (pieces.empty()) return std::nullopt;
    return removal_of(view, pieces.front().found);
  });
}

bool EditedText::add(const KeyNames& key, std::string_view value) {
  return change(text_,
                [&](const LayoutView& view) -> std::optional<Changes> { return addition(view, names_of(key), value); });
}

}  // namespace jackin::config

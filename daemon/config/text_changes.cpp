// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/text_changes.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace jackin::config {
namespace {

Secret joined(std::initializer_list<std::string_view> pieces) {
  Secret text;
  std::size_t size = 0;
  for (const auto piece : pieces) size += piece.size();
  if (size != 0) text.prepare(size);
  for (const auto piece : pieces) text.append(piece);
  return text;
}

Change removal(std::size_t begin, std::size_t end) {
  return {{begin, end}, {}};
}

bool only_blanks_and_comment(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  return first == text.npos || text[first] == '#';
}

Changes insert_into_empty(const LayoutView& view, const InlineTable& table, std::string_view key,
                          std::string_view value) {
  const std::string_view inside = view.text(table.open + 1, table.close);
  if (inside.find('\n') == std::string_view::npos) {
    // `{}`, `{ }`
    Changes changes;
    changes.push_back({{table.open + 1, table.close}, joined({" ", key, " = ", value, " "})});
    return changes;
  }
  Changes changes;
  const std::string indentation = std::string(view.indentation(table.open)) + "  ";
  if (view.begins_its_line(table.close)) {
    changes.push_back(
        insertion(view.line_begin(table.close), {indentation, key, " = ", value, view.newline_near(table.open)}));
  } else {
    changes.push_back(insertion(table.close, {key, " = ", value, " "}));
  }
  return changes;
}

}  // namespace

Change insertion(std::size_t at, std::initializer_list<std::string_view> pieces) {
  return {{at, at}, joined(pieces)};
}

Change replacement(Span where, std::string_view with) {
  return {where, joined({with})};
}

Change removal_of_lines(const LayoutView& view, Span lines) {
  // When the last line of a text has no line end, the line end before it is removed with it.
  const bool ended = view.text()[lines.end - 1] == '\n';
  const std::size_t previous = view.line_begin(lines.begin == 0 ? 0 : lines.begin - 1);
  if (!ended && lines.begin > previous) return removal(view.line_content_end(previous), lines.end);
  return removal(lines.begin, lines.end);
}

Change new_line_after(const LayoutView& view, std::size_t at, std::string_view indentation,
                      std::initializer_list<std::string_view> pieces) {
  const std::size_t end = view.line_end(at);
  const std::string_view newline = view.newline_near(at);
  const bool ended = end > 0 && end <= view.text().size() && view.text()[end - 1] == '\n';
  Secret line;
  // A text whose last line has no line end has none afterwards either.
  if (!ended) line.append(newline);
  line.append(indentation);
  for (const auto piece : pieces) line.append(piece);
  if (ended) line.append(newline);
  return {{end, end}, std::move(line)};
}

Changes insertion_into(const LayoutView& view, const InlineTable& table, std::string_view key, std::string_view value) {
  if (table.entries.empty()) return insert_into_empty(view, table, key, value);
  const InlineEntry& last = table.entries.back();
  const std::size_t last_begin = last.key.front().span.begin;
  const std::size_t last_end = last.comma ? *last.comma + 1 : last.value.end;
  Changes changes;
  const bool over_lines = view.text(last_end, table.close).find('\n') != std::string_view::npos;
  if (!over_lines) {
    if (last.comma) {
      changes.push_back(insertion(last_end, {" ", key, " = ", value, ","}));
    } else {
      changes.push_back(insertion(last_end, {", ", key, " = ", value}));
    }
    return changes;
  }
  const std::string indentation = view.begins_its_line(last_begin) ? std::string(view.indentation(last_begin))
                                                                   : std::string(view.indentation(table.open)) + "  ";
  if (!last.comma) changes.push_back(insertion(last_end, {","}));
  changes.push_back(new_line_after(view, last_end, indentation, {key, " = ", value, last.comma ? "," : ""}));
  return changes;
}

Changes removal_from(const LayoutView& view, const InlineTable& table, std::size_t index) {
  const InlineEntry& entry = table.entries[index];
  const std::size_t begin = entry.key.front().span.begin;
  std::size_t end = entry.value.end;
  // A comma on another line is removed separately.
  const bool comma_is_near = entry.comma && only_blanks(view.text(end, *entry.comma));
  if (comma_is_near) end = *entry.comma + 1;
  const bool is_last_without_comma = !entry.comma && index > 0 && index + 1 == table.entries.size();

  Changes changes;
  if (is_last_without_comma) {
    const InlineEntry& previous = table.entries[index - 1];
    const std::size_t comma = previous.comma.value_or(previous.value.end);
    if (previous.comma && only_blanks(view.text(comma + 1, begin))) {
      changes.push_back(removal(comma, end));
      return changes;
    }
    if (previous.comma) changes.push_back(removal(comma, comma + 1));
  }
  const bool has_lines_of_its_own = view.begins_its_line(begin) && (!entry.comma || comma_is_near) &&
                                    only_blanks_and_comment(view.text(end, view.line_content_end(end))) &&
                                    view.line_end(end) <= table.close;
  if (has_lines_of_its_own) {
    changes.push_back(removal(view.line_begin(begin), view.line_end(end)));
    return changes;
  }
  while (end < table.close && only_blanks(view.text(end, end + 1))) ++end;
  changes.push_back(removal(begin, end));
  if (entry.comma && !comma_is_near) changes.push_back(removal(*entry.comma, *entry.comma + 1));
  return changes;
}

Secret with_changes(std::string_view text, const Changes& changes) {
  Secret result;
  std::size_t size = text.size();
  for (const Change& change : changes) size += change.with.size();
  if (size != 0) result.prepare(size);
  std::size_t at = 0;
  for (const Change& change : changes) {
    result.append(text.substr(at, change.where.begin - at));
    result.append(change.with.view());
    at = change.where.end;
  }
  result.append(text.substr(at));
  return result;
}

}  // namespace jackin::config

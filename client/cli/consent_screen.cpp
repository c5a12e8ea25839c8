// SPDX-License-Identifier: Apache-2.0
#include "client/cli/consent_screen.hpp"

#include <algorithm>
#include <vector>

#include "client/terminal/text.hpp"

namespace jackin::client {
namespace {

// Which lines are above claude's rows.
struct HeaderLines {
  bool link = false;
  bool link_missing = false;
  bool qr = false;
  bool keys = false;
  bool step = false;
  bool heading = false;
  bool gap = false;
};

std::string count_of(int number, std::string_view name) {
  return std::to_string(number) + " " + std::string(name) + (number == 1 ? "" : "s");
}

bool has_text(const std::string& line) {
  return line.find_first_not_of(' ') != std::string::npos;
}

}  // namespace

std::string fitting(std::initializer_list<std::string_view> texts, int columns) {
  const auto* const found =
      std::find_if(texts.begin(), texts.end(), [&](std::string_view text) { return display_width(text) <= columns; });
  return cut_to(found == texts.end() ? *(texts.end() - 1) : *found, columns);
}

ScreenLines consent_screen(const ConsentHeader& header, const FrameView& claude, CellSize size,
                           const OutputStyle& output) {
  HeaderLines chosen;
  const int link_rows = (display_width(header.link) + size.columns - 1) / size.columns;
  // One row is claude's.
  chosen.link = link_rows > 0 && link_rows < size.rows;
  chosen.link_missing = link_rows >= size.rows && size.rows > 1;
  int left = std::max(size.rows, 1) - (chosen.link ? link_rows : 0) - (chosen.link_missing ? 1 : 0);

  const ScreenLines whole = claude.lines({left, size.columns}, output, header.link);
  const auto needed = std::count_if(whole.lines.begin(), whole.lines.end(), has_text);
  int spare = left - std::max(static_cast<int>(needed), 1);
  const auto choose = [&](bool& line, bool wanted) {
    line = wanted && spare > 0;
    if (line) --spare, --left;
  };
  choose(chosen.qr, !header.qr.empty());
  choose(chosen.keys, !header.keys.empty());
  choose(chosen.step, !header.step.empty());
  choose(chosen.heading, chosen.link && !header.heading.empty());
  choose(chosen.gap, chosen.link && needed > 0);

  ScreenLines shown;
  const auto add = [&](bool is_chosen, const std::string& text, TextStyle style) {
    if (is_chosen) shown.lines.push_back(output.styled(style, cut_to(text, size.columns)));
  };
  add(chosen.step, header.step, TextStyle::strong);
  add(chosen.heading, header.heading, TextStyle::plain);
  if (chosen.link) {
    const std::string& link = header.link;
    shown.lines.push_back(header.hyperlinks ? "\x1b]8;;" + link + "\x1b\\" + link + "\x1b]8;;\x1b\\" : link);
  }
  add(chosen.link_missing, fitting({"The window is too small for the link.", "Too small for the link."}, size.columns),
      TextStyle::warning);
  add(chosen.qr, header.qr, TextStyle::warning);
  add(chosen.keys, header.keys, TextStyle::dim);
  add(chosen.gap, " ", TextStyle::plain);

  const ScreenLines last = claude.lines({left, size.columns}, output, header.link);
  if (last.cursor_row >= 0) {
    const int above = static_cast<int>(shown.lines.size()) + (chosen.link ? link_rows - 1 : 0);
    shown.cursor_row = above + last.cursor_row;
    shown.cursor_column = last.cursor_column;
  }
  shown.lines.insert(shown.lines.end(), last.lines.begin(), last.lines.end());
  return shown;
}

bool QrScreen::fits(CellSize size) const {
  return !code_.lines.empty() && rows() <= size.rows && code_.columns <= size.columns;
}

std::string QrScreen::lack(CellSize size) const {
  if (fits(size)) return {};
  if (code_.lines.empty()) return fitting({"The link is too long for a QR code."}, size.columns);
  const int rows = this->rows() - size.rows;
  const int columns = code_.columns - size.columns;
  const auto joined = [&](const char* between, std::string_view row, std::string_view column) {
    std::string text;
    if (rows > 0) text = count_of(rows, row);
    if (columns > 0) text += (text.empty() ? "" : between) + count_of(columns, column);
    return text;
  };
  const std::string more = joined(" and ", "more row", "more column");
  return fitting({"The QR code needs " + more + ": enlarge the window.", "The QR code needs " + more + ".",
                  "QR code: " + joined(", ", "row", "column") + " more"},
                 size.columns);
}

std::string QrScreen::drawn(CellSize size) const {
  std::string out = "\x1b[H\x1b[2J";
  for (const std::string& line : code_.lines) out += line + "\r\n";
  return out + fitting({"Scan the code with a phone. Any key returns to claude.", "Any key returns."}, size.columns);
}

}  // namespace jackin::client

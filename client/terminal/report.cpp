// SPDX-License-Identifier: Apache-2.0
#include "client/terminal/report.hpp"

#include <algorithm>

#include "client/terminal/text.hpp"

namespace jackin::client {
namespace {

constexpr int key_width = 12;
constexpr int gap = 2;
constexpr int narrowest = 8;

}  // namespace

void Report::add(std::string_view key, std::string_view value) {
  if (!value.empty()) lines_.emplace_back(key, drawable(value));
}

std::string Report::text() const {
  int width = key_width;
  for (const auto& [key, value] : lines_) width = std::max(width, display_width(key));
  std::string all;
  for (const auto& [key, value] : lines_) all += padded(key, width + gap) + value + "\n";
  return all;
}

Table::Table(std::vector<std::string> headings, std::vector<std::size_t> elastic, std::vector<std::size_t> expendable)
    : headings_(std::move(headings)), elastic_(std::move(elastic)), expendable_(std::move(expendable)) {}

void Table::add(std::vector<Cell> cells) {
  cells.resize(headings_.size());
  for (Cell& cell : cells) cell.text = drawable(cell.text);
  rows_.push_back(std::move(cells));
}

// Returns the width of each column; 0 for a hidden one.
std::vector<int> Table::widths(int columns) const {
  std::vector<int> widths(headings_.size(), 0);
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], display_width(row[i].text));
  }
  int total = -gap;
  for (std::size_t i = 0; i < widths.size(); ++i) {
    if (widths[i] == 0) continue;
    widths[i] = std::max(widths[i], display_width(headings_[i]));
    total += widths[i] + gap;
  }
  if (columns <= 0) return widths;
  for (const std::size_t i : elastic_) {
    if (total <= columns || widths[i] <= narrowest) continue;
    const int narrower = std::max(narrowest, widths[i] - (total - columns));
    total -= widths[i] - narrower;
    widths[i] = narrower;
  }
  for (const std::size_t i : expendable_) {
    if (total <= columns || widths[i] == 0) continue;
    total -= widths[i] + gap;
    widths[i] = 0;
  }
  return widths;
}

std::string Table::text(const OutputStyle& output, int columns) const {
  const std::vector<int> widths = this->widths(columns);
  const std::string_view mark = output.unicode ? "…" : "...";
  std::string all;
  const auto add_line = [&](const auto& text_of, const auto& style_of_cell) {
    std::string line;
    int blanks = 0;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      if (widths[i] == 0) continue;
      const std::string text = shortened(text_of(i), widths[i], mark);
      // Blanks are written before the next cell, so no line ends with blanks.
      if (!text.empty())
        line += std::string(static_cast<std::size_t>(blanks), ' ') + output.styled(style_of_cell(i), text);
      blanks = (text.empty() ? blanks : 0) + widths[i] - display_width(text) + gap;
    }
    all += line + "\n";
  };
  add_line([&](std::size_t i) { return headings_[i]; }, [](std::size_t) { return TextStyle::dim; });
  for (const auto& row : rows_) {
    add_line([&](std::size_t i) { return row[i].text; }, [&](std::size_t i) { return row[i].style; });
  }
  return all;
}

}  // namespace jackin::client

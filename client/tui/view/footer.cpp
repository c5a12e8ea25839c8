// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include "client/terminal/text.hpp"
#include "client/tui/view/frame.hpp"

namespace jackin::tui {
namespace {

int width_of(const Binding& binding, const Theme& theme) {
  return client::display_width(key_text(binding, theme)) + 1 + client::display_width(binding.footer);
}

struct Packed {
  std::vector<std::vector<const Binding*>> lines;
  bool fits = true;
};

// Fills one line after the other. The last line keeps `reserved` columns free at its right.
Packed packed(const std::vector<const Binding*>& bindings, const Theme& theme, int columns, int rows, int lead,
              int reserved) {
  Packed result;
  result.lines.emplace_back();
  int used = lead;
  for (const Binding* binding : bindings) {
    const int width = width_of(*binding, theme) + 2;
    const auto space = [&] { return columns - (static_cast<int>(result.lines.size()) == rows ? reserved : 0); };
    if (used + width - 2 > space()) {
      if (static_cast<int>(result.lines.size()) == rows) {
        result.fits = false;
        return result;
      }
      result.lines.emplace_back();
      used = 1;
      if (used + width - 2 > space()) {
        result.fits = false;
        return result;
      }
    }
    result.lines.back().push_back(binding);
    used += width;
  }
  return result;
}

}  // namespace

std::string_view key_text(const Binding& binding, const Theme& theme) {
  return theme.glyphs ? binding.shown : binding.shown_ascii;
}

Lines footer_lines(const std::vector<const Binding*>& bindings, const Theme& theme, int columns, int rows,
                   std::string_view lead) {
  const Binding* pinned = nullptr;
  std::vector<const Binding*> shown;
  for (const Binding* binding : bindings) {
    if (binding->rank == 0) {
      pinned = binding;
    } else {
      shown.push_back(binding);
    }
  }
  const int reserved = pinned == nullptr ? 0 : width_of(*pinned, theme) + 2;
  const int lead_width = lead.empty() ? 1 : client::display_width(lead) + 3;
  for (int fewer = 1; fewer < rows; ++fewer) {
    if (packed(shown, theme, columns, fewer, lead_width, reserved).fits) rows = fewer;
  }
  Packed lines = packed(shown, theme, columns, rows, lead_width, reserved);
  while (!lines.fits && !shown.empty()) {
    // Drops the last binding of the highest rank.
    auto least = shown.begin();
    for (auto at = shown.begin(); at != shown.end(); ++at) {
      if ((*at)->rank >= (*least)->rank) least = at;
    }
    shown.erase(least);
    lines = packed(shown, theme, columns, rows, lead_width, reserved);
  }
  Lines drawn;
  for (int row = 0; row < rows; ++row) {
    Line line;
    if (row == 0 && !lead.empty()) line.add(" ").add(lead).add("  ");
    if (line.width() == 0) line.add(" ");
    if (static_cast<std::size_t>(row) < lines.lines.size()) {
      bool is_first = true;
      for (const Binding* binding : lines.lines[static_cast<std::size_t>(row)]) {
        if (!is_first) line.add("  ");
        is_first = false;
        line.add(key_text(*binding, theme), TextStyle::strong).add(" ").add(binding->footer);
      }
    }
    if (row + 1 == rows && pinned != nullptr) {
      line.to(columns - reserved + 2);
      line.add(key_text(*pinned, theme), TextStyle::strong).add(" ").add(pinned->footer);
    }
    drawn.push_back(std::move(line));
  }
  return drawn;
}

Lines footer(const Model& model, const Theme& theme, int rows) {
  return footer_lines(footer_bindings(model), theme, model.size.columns, rows);
}

}  // namespace jackin::tui

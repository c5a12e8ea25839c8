// SPDX-License-Identifier: Apache-2.0
#include "daemon/mint/screen.hpp"

#include <vterm.h>

#include <algorithm>
#include <deque>
#include <vector>

#include "common/version.hpp"
#include "daemon/mint/control_strings.hpp"

namespace jackin::mint {
namespace {

constexpr std::size_t most_history = 200;
constexpr char32_t not_a_character = 0xfffd;
// libvterm's mark in the right half of a wide character.
constexpr std::uint32_t right_half = 0xffffffff;

char32_t base_character(const VTermScreenCell& cell) {
  if (cell.chars[0] == 0) return U' ';
  if (cell.chars[0] == right_half) return not_a_character;
  return static_cast<char32_t>(cell.chars[0]);
}

std::optional<Color> color_of(const VTermColor& color, bool is_default) {
  if (is_default) return std::nullopt;
  if (VTERM_COLOR_IS_INDEXED(&color)) return PaletteColor{color.indexed.idx};
  return RgbColor{static_cast<std::uint32_t>(color.rgb.red << 16 | color.rgb.green << 8 | color.rgb.blue)};
}

bool continues_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xc0) == 0x80;
}

// How many bytes of UTF-8 the character has that begins with `byte`; 1 when none does.
std::size_t character_length(char byte) {
  const auto first = static_cast<unsigned char>(byte);
  return first < 0xc2 || first > 0xf4 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

// How many bytes at the end belong to an incomplete character.
std::size_t begun_character(std::span<const char> bytes) {
  for (std::size_t length = 1; length <= std::min<std::size_t>(bytes.size(), 3); ++length) {
    const char byte = bytes[bytes.size() - length];
    if (!continues_character(byte)) return character_length(byte) > length ? length : 0;
  }
  return 0;
}

}  // namespace

struct Screen::Terminal {
  VTerm* vterm = nullptr;
  VTermScreen* screen = nullptr;
  std::deque<std::u32string> history;
  std::u32string characters;  // of the cells, row by row: read far more often than written
  TerminalSize size;          // a copy, since it is read often
  bool is_resizing = false;
  bool cursor_visible = true;
  std::string replies;
  std::string begun;  // an incomplete character, at most three bytes
  ControlStrings strings{[this](std::span<const char> bytes) { draw(bytes); },
                         [this](char kind, std::string_view contents) { answer(kind, contents); }};

  explicit Terminal(TerminalSize wanted) : vterm(vterm_new(wanted.rows, wanted.columns)), size(wanted) {
    vterm_set_utf8(vterm, 1);
    vterm_output_set_callback(vterm, &on_output, this);
    screen = vterm_obtain_screen(vterm);
    vterm_screen_enable_altscreen(screen, 1);
    static constexpr VTermScreenCallbacks callbacks{.damage = &on_damage,
                                                    .moverect = nullptr,
                                                    .movecursor = nullptr,
                                                    .settermprop = &on_property,
                                                    .bell = nullptr,
                                                    .resize = nullptr,
                                                    .sb_pushline = &on_scrolled_off,
                                                    .sb_popline = nullptr};
    vterm_screen_set_callbacks(screen, &callbacks, this);
    // Once per write, not once per scrolled line: otherwise a program that writes only line ends keeps the daemon busy.
    vterm_screen_set_damage_merge(screen, VTERM_DAMAGE_SCREEN);
    static constexpr VTermParserCallbacks unanswered{.text = nullptr,
                                                     .control = nullptr,
                                                     .escape = nullptr,
                                                     .csi = &on_unknown_csi,
                                                     .osc = nullptr,
                                                     .dcs = nullptr,
                                                     .resize = nullptr};
    vterm_screen_set_unrecognised_fallbacks(screen, &unanswered, this);
    read_all();
    vterm_screen_reset(screen, 1);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  ~Terminal() { vterm_free(vterm); }

  // libvterm 0.1.4 draws U+FFFD for a character that is split over two writes when the first write begins with ASCII
  // (seen): it decodes them with different states.
  void draw(std::span<const char> bytes) {
    if (!begun.empty()) {
      while (!bytes.empty() && continues_character(bytes.front()) && begun.size() < character_length(begun.front())) {
        begun += bytes.front();
        bytes = bytes.subspan(1);
      }
      if (bytes.empty() && begun.size() < character_length(begun.front())) return;
      vterm_input_write(vterm, begun.data(), begun.size());
      begun.clear();
    }
    const auto rest = begun_character(bytes);
    vterm_input_write(vterm, bytes.data(), bytes.size() - rest);
    begun.assign(bytes.end() - static_cast<std::ptrdiff_t>(rest), bytes.end());
  }

  VTermScreenCell cell(int row, int column) const {
    VTermScreenCell cell{};
    vterm_screen_get_cell(screen, VTermPos{row, column}, &cell);
    return cell;
  }

  void read(const VTermRect& rect) {
    for (int row = rect.start_row; row < rect.end_row; ++row) {
      for (int column = rect.start_col; column < rect.end_col; ++column) {
        characters[index(row, column)] = base_character(cell(row, column));
      }
    }
  }

  void read_all() {
    characters.assign(index(size.rows, 0), U' ');
    read({0, size.rows, 0, size.columns});
  }

  std::size_t index(int row, int column) const {
    return static_cast<std::size_t>(row) * static_cast<std::size_t>(size.columns) + static_cast<std::size_t>(column);
  }

  static int on_damage(VTermRect rect, void* user) {
    auto& terminal = self(user);
    // A combining character without a base has a cell, but libvterm reports no width.
    rect.end_col = std::min(std::max(rect.end_col, rect.start_col + 1), terminal.size.columns);
    // During a resize libvterm already has the new size; the whole screen is read afterwards.
    if (!terminal.is_resizing) terminal.read(rect);
    return 1;
  }

  static Terminal& self(void* user) { return *static_cast<Terminal*>(user); }

  static void on_output(const char* bytes, std::size_t count, void* user) { self(user).replies.append(bytes, count); }

  static int on_property(VTermProp property, VTermValue* value, void* user) {
    if (property == VTERM_PROP_CURSORVISIBLE) self(user).cursor_visible = value->boolean != 0;
    return 1;
  }

  static int on_scrolled_off(int columns, const VTermScreenCell* cells, void* user) {
    std::u32string line(static_cast<std::size_t>(columns), U' ');
    std::transform(cells, cells + columns, line.begin(), base_character);
    auto& history = self(user).history;
    history.push_back(std::move(line));
    if (history.size() > most_history) history.pop_front();
    return 1;
  }

  // libvterm answers device attributes, status and mode requests; it leaves the following requests to its user.
  static int on_unknown_csi(const char* leader, const long*, int, const char* intermediate, char command, void* user) {
    const std::string_view lead = leader == nullptr ? "" : leader;
    if (intermediate != nullptr && *intermediate != '\0') return 0;
    if (lead == ">" && command == 'q') {  // XTVERSION (xterm control sequences)
      self(user).replies += "\x1bP>|jackind(" + std::string(version()) + ")\x1b\\";
      return 1;
    }
    if (lead == "?" && command == 'u') {  // kitty's progressive keyboard enhancements: none enabled
      self(user).replies += "\x1b[?0u";
      return 1;
    }
    return 0;
  }

  // The colours of text and background (OSC 10 and 11). The client's are unknown; light on dark is the common case.
  void answer(char kind, std::string_view contents) {
    if (kind != ']') return;
    if (contents == "10;?") replies += "\x1b]10;rgb:d0d0/d0d0/d0d0\x1b\\";
    if (contents == "11;?") replies += "\x1b]11;rgb:0000/0000/0000\x1b\\";
  }
};

TerminalSize sensible(TerminalSize size) {
  return {std::clamp(size.rows, 5, 500), std::clamp(size.columns, 20, 1000)};
}

Screen::Screen(TerminalSize size) : terminal_(std::make_unique<Terminal>(sensible(size))) {}
Screen::~Screen() = default;

void Screen::write(std::span<const char> bytes) {
  terminal_->strings.write(bytes);
  vterm_screen_flush_damage(terminal_->screen);
}

void Screen::resize(int columns) {
  terminal_->size = sensible({terminal_->size.rows, columns});
  terminal_->is_resizing = true;
  vterm_set_size(terminal_->vterm, terminal_->size.rows, terminal_->size.columns);
  terminal_->is_resizing = false;
  terminal_->read_all();
}

TerminalSize Screen::size() const {
  return terminal_->size;
}

Cell Screen::cell(int row, int column) const {
  const auto from = terminal_->cell(row, column);
  Cell cell;
  if (from.chars[0] == right_half) {
    cell.width = 0;
  } else {
    for (std::size_t i = 0; i < Cell::most_code_points && from.chars[i] != 0; ++i) {
      cell.code_points[i] = static_cast<char32_t>(from.chars[i]);
    }
    cell.width = std::max<int>(from.width, 1);
  }
  cell.style.foreground = color_of(from.fg, VTERM_COLOR_IS_DEFAULT_FG(&from.fg));
  cell.style.background = color_of(from.bg, VTERM_COLOR_IS_DEFAULT_BG(&from.bg));
  cell.style.bold = from.attrs.bold != 0;
  cell.style.italic = from.attrs.italic != 0;
  cell.style.underline = from.attrs.underline != VTERM_UNDERLINE_OFF;
  cell.style.reverse = from.attrs.reverse != 0;
  cell.style.strike = from.attrs.strike != 0;
  return cell;
}

Screen::Cursor Screen::cursor() const {
  VTermPos position{};
  vterm_state_get_cursorpos(vterm_obtain_state(terminal_->vterm), &position);
  const auto& size = terminal_->size;
  // The cursor is used as an index: libvterm has reported it outside the screen (seen, when rows were removed).
  return {std::clamp(position.row, 0, size.rows - 1), std::clamp(position.col, 0, size.columns - 1),
          terminal_->cursor_visible};
}

int Screen::lines() const {
  return first_row() + terminal_->size.rows;
}

int Screen::first_row() const {
  return static_cast<int>(terminal_->history.size());
}

int Screen::columns(int line) const {
  if (line >= first_row()) return terminal_->size.columns;
  return static_cast<int>(terminal_->history[static_cast<std::size_t>(line)].size());
}

std::u32string_view Screen::row(int line) const {
  if (line < first_row()) return terminal_->history[static_cast<std::size_t>(line)];
  const auto columns = static_cast<std::size_t>(terminal_->size.columns);
  return std::u32string_view(terminal_->characters).substr(terminal_->index(line - first_row(), 0), columns);
}

std::string Screen::take_replies() {
  return std::exchange(terminal_->replies, {});
}

Secret Screen::as_paste(std::string_view text) const {
  // libvterm reports bracketed paste only by writing the brackets or nothing.
  const auto brackets = [this](auto write_bracket) {
    const std::string before = std::exchange(terminal_->replies, {});
    write_bracket(terminal_->vterm);
    return std::exchange(terminal_->replies, before);
  };
  Secret typed;
  typed.append(brackets(&vterm_keyboard_start_paste));
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) typed.push_back(c);
  }
  typed.append(brackets(&vterm_keyboard_end_paste));
  return typed;
}

}  // namespace jackin::mint

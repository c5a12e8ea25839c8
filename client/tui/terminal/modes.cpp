// SPDX-License-Identifier: Apache-2.0
#include "client/tui/terminal/modes.hpp"

#include <unistd.h>

#include <cerrno>
#include <utility>

namespace jackin::tui {
namespace {

// Modes (ctlseqs of xterm): 1049 is the alternate screen, 2004 bracketed paste, 1000 with 1006 mouse buttons, 25 the
// cursor. Mode 7, the wrap at the end of a row, is off, since a character of unexpected width must not wrap.
constexpr std::string_view enter_with_mouse =
    "\x1b[?1049h\x1b[?2004h\x1b[?1000h\x1b[?1006h\x1b[?7l\x1b[?25l\x1b[0m\x1b[2J";
constexpr std::string_view enter_without_mouse = "\x1b[?1049h\x1b[?2004h\x1b[?7l\x1b[?25l\x1b[0m\x1b[2J";
// A signal may interrupt a frame. So this first ends any escape sequence and the synchronized update.
constexpr std::string_view leave =
    "\x1b\\\x1b[?2026l\x1b[0m\x1b[?1006l\x1b[?1000l\x1b[?2004l\x1b[?7h\x1b[2J\x1b[?1049l";

}  // namespace

FullScreen::FullScreen(client::RawMode raw, int output, std::string_view enter)
    : raw_(std::move(raw)), output_(output), enter_(enter) {}

Result<FullScreen> FullScreen::enter(int input, int output, bool mouse) {
  TRY(client::RawMode raw, client::RawMode::enter(input, output, leave));
  const std::string_view bytes = mouse ? enter_with_mouse : enter_without_mouse;
  if (write(output, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) {
    return failure(error_from_errno("writing to the terminal", errno));
  }
  return FullScreen(std::move(raw), output, bytes);
}

void FullScreen::suspend() noexcept {
  raw_.suspend();
}

void FullScreen::resume() noexcept {
  raw_.resume();
  [[maybe_unused]] const auto written = write(output_, enter_.data(), enter_.size());
}

}  // namespace jackin::tui

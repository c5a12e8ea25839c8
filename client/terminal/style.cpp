// SPDX-License-Identifier: Apache-2.0
#include "client/terminal/style.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cctype>

namespace jackin::client {

std::string OutputStyle::styled(TextStyle style, std::string_view text) const {
  std::string_view code;
  switch (style) {
    case TextStyle::plain:
      break;
    case TextStyle::strong:
      code = "1";
      break;
    case TextStyle::dim:
      code = "2";
      break;
    case TextStyle::good:
      code = "32";
      break;
    case TextStyle::warning:
      code = "33";
      break;
    case TextStyle::bad:
      code = "31";
      break;
  }
  if (!colour || code.empty() || text.empty()) return std::string(text);
  std::string painted = "\x1b[";
  painted.append(code).append("m").append(text).append("\x1b[0m");
  return painted;
}

bool is_screen(int fd, const Environment& environment) {
  return isatty(fd) == 1 && environment.value_of("TERM") != "dumb";
}

bool speaks_utf8(const Environment& environment) {
  for (const char* const name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    std::string locale(environment.value_of(name));
    if (locale.empty()) continue;
    for (char& letter : locale) letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
    return locale.find("utf-8") != std::string::npos || locale.find("utf8") != std::string::npos;
  }
  return false;
}

OutputStyle output_style_of(int fd, const Environment& environment) {
  return {is_screen(fd, environment) && !environment.has("NO_COLOR"), speaks_utf8(environment)};
}

CellSize size_of_terminal(int fd) {
  winsize size{};
  if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0) return {};
  return {size.ws_row, size.ws_col};
}

}  // namespace jackin::client

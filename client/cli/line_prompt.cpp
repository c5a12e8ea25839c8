// SPDX-License-Identifier: Apache-2.0
#include "client/cli/line_prompt.hpp"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace jackin::client {
namespace {

constexpr std::size_t line_limit = 4096;

std::string trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r";
  const auto begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(blanks) - begin + 1));
}

}  // namespace

void LinePrompt::say(std::string_view line) {
  (void)write_text(screen_, std::string(line) + "\n");
}

Result<std::string> LinePrompt::ask(std::string_view question) {
  (void)write_text(screen_, question);
  const auto cancelled = [this]() -> Result<std::string> {
    (void)write_text(screen_, "\n");
    return failure(Reason::cancelled, "cancelled; nothing was changed");
  };
  for (;;) {
    const auto end = read_.find('\n');
    if (end != std::string::npos || read_.size() > line_limit) {
      const std::string line = trimmed(std::string_view(read_).substr(0, end));
      read_.erase(0, end == std::string::npos ? end : end + 1);
      return line;
    }
    std::array<pollfd, 2> waits{{{signals_.fd(), POLLIN, 0}, {cli_.in, POLLIN, 0}}};
    if (poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR) return cancelled();
    if (signals_.next()) return cancelled();
    if (waits[1].revents == 0) continue;
    std::array<char, 1024> bytes{};
    const auto count = read(cli_.in, bytes.data(), bytes.size());
    if (count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN)) return cancelled();
    if (count > 0) read_.append(bytes.data(), static_cast<std::size_t>(count));
  }
}

int prompt_screen(const CommandContext& cli, Format format) {
  if (isatty(cli.in) == 0) return -1;
  if (isatty(cli.err) != 0) return cli.err;
  return format == Format::text && isatty(cli.out) != 0 ? cli.out : -1;
}

}  // namespace jackin::client

// SPDX-License-Identifier: Apache-2.0
#include "client/cli/line_prompt.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <charconv>

#include "client/terminal/text.hpp"

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

namespace {

// The number of options that fit on a small terminal.
constexpr std::size_t shown_at_once = 15;
constexpr int key_columns = 4;

std::string in_lower_case(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

class Choosing {
 public:
  Choosing(LinePrompt& prompt, const std::vector<ChoiceOption>& options, std::optional<std::size_t> preset)
      : prompt_(prompt), options_(options), preset_(preset) {
    std::size_t number = 0;
    for (const ChoiceOption& option : options_) {
      if (option.usable && option.key.empty()) {
        keys_.push_back(std::to_string(++number));
      } else {
        keys_.push_back(option.usable ? option.key : std::string());
      }
    }
  }

  Result<std::size_t> ask(const std::string& title) {
    prompt_.say(title);
    std::vector<std::size_t> all(options_.size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
    show(all);
    for (;;) {
      TRY(const std::string line,
          prompt_.ask(preset_ ? "Number or name [" + keys_[*preset_] + "]: " : std::string("Number or name: ")));
      if (const auto chosen = take(line)) return *chosen;
    }
  }

 private:
  void show(const std::vector<std::size_t>& which) {
    // Options with a key, such as "+ new item", are never left out.
    std::size_t numbered = 0;
    std::size_t left_out = 0;
    for (const std::size_t at : which) {
      const ChoiceOption& option = options_[at];
      if (option.key.empty() && ++numbered > shown_at_once) {
        ++left_out;
        continue;
      }
      std::string line = "  " + padded(keys_[at], key_columns) + option.name;
      if (!option.note.empty()) line += " (" + option.note + ")";
      prompt_.say(line);
    }
    if (left_out > 0) prompt_.say("  … and " + std::to_string(left_out) + " more: type a part of the name");
  }

  std::optional<std::size_t> take(const std::string& line) {
    if (line.empty()) {
      if (!preset_) prompt_.say("Enter a number or a name.");
      return preset_;
    }
    const std::string wanted = in_lower_case(line);
    auto found = matching([&](std::size_t at) { return keys_[at] == wanted; });
    if (found.empty()) found = matching([&](std::size_t at) { return in_lower_case(options_[at].id) == wanted; });
    if (found.empty()) found = matching([&](std::size_t at) { return in_lower_case(options_[at].name) == wanted; });
    const bool is_exact = !found.empty();
    if (!is_exact) {
      found = matching([&](std::size_t at) {
        return options_[at].key.empty() && in_lower_case(options_[at].name).find(wanted) != std::string::npos;
      });
    }
    if (found.empty()) {
      prompt_.say("The list has no '" + line + "'.");
      return std::nullopt;
    }
    if (found.size() > 1) {
      prompt_.say(is_exact ? "Several options have that name. Enter a number:" : "Several names contain that text:");
      show(found);
      return std::nullopt;
    }
    const ChoiceOption& option = options_[found.front()];
    if (!option.usable) {
      prompt_.say("'" + option.name + "' cannot be selected: " + option.note + ".");
      return std::nullopt;
    }
    return found.front();
  }

  template <typename Matches>
  std::vector<std::size_t> matching(Matches matches) const {
    std::vector<std::size_t> found;
    for (std::size_t at = 0; at < options_.size(); ++at) {
      if (matches(at)) found.push_back(at);
    }
    return found;
  }

  LinePrompt& prompt_;
  const std::vector<ChoiceOption>& options_;
  std::optional<std::size_t> preset_;
  std::vector<std::string> keys_;
};

}  // namespace

Result<std::size_t> choose(LinePrompt& prompt, const std::string& title, const std::vector<ChoiceOption>& options,
                           std::optional<std::size_t> preset) {
  return Choosing(prompt, options, preset).ask(title);
}

}  // namespace jackin::client

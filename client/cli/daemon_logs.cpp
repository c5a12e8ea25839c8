// SPDX-License-Identifier: Apache-2.0
#include "client/cli/daemon_logs.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>

#include "client/terminal/text.hpp"
#include "common/os/descriptor.hpp"
#include "common/untrusted_text.hpp"

namespace jackin::client {
namespace {

class LogFile {
 public:
  // Does not follow a link and does not wait for a FIFO's writer. Anything but a regular file counts as one that cannot
  // be opened.
  explicit LogFile(const std::filesystem::path& path)
      : file_(open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)) {
    struct stat found {};
    if (!file_ || (fstat(file_.get(), &found) == 0 && S_ISREG(found.st_mode))) return;
    file_.close();
    errno = ENOTSUP;
  }
  bool is_open() const { return static_cast<bool>(file_); }

  // Returns the bytes that were added since the last call.
  std::string read_on() {
    std::string text;
    std::array<char, 16384> bytes{};
    for (ssize_t count = 0; (count = read(file_.get(), bytes.data(), bytes.size())) > 0;) {
      text.append(bytes.data(), static_cast<std::size_t>(count));
    }
    return text;
  }

  // Whether the path now names another file, or this file was truncated.
  bool is_past(const std::filesystem::path& path) const {
    struct stat now {};
    struct stat ours {};
    if (stat(path.c_str(), &now) != 0 || fstat(file_.get(), &ours) != 0) return false;
    return now.st_ino != ours.st_ino || now.st_dev != ours.st_dev || ours.st_size < lseek(file_.get(), 0, SEEK_CUR);
  }

 private:
  os::Descriptor file_;
};

std::string cleaned(std::string_view text) {
  std::string clean;
  while (!text.empty()) {
    const auto end = text.find('\n');
    clean += drawable(text.substr(0, end));
    if (end == std::string_view::npos) break;
    clean += '\n';
    text.remove_prefix(end + 1);
  }
  return clean;
}

}  // namespace

std::size_t last_lines(std::string_view text, std::size_t lines) {
  if (lines == 0) return text.size();
  std::size_t at = text.size();
  if (at > 0 && text[at - 1] == '\n') --at;
  for (; at > 0; --at) {
    if (text[at - 1] == '\n' && --lines == 0) return at;
  }
  return 0;
}

Result<> print_log(const std::filesystem::path& path, std::optional<std::size_t> lines,
                   const std::function<Result<>(const std::string&)>& print, const std::function<bool()>& go_on) {
  auto file = std::make_unique<LogFile>(path);
  if (!file->is_open()) {
    const int number = errno;
    if (number == ENOENT) {
      return failure(Reason::io_failed, "no log yet: " + printable(path.string()),
                     Remedy::of(RemedyAction::start_daemon));
    }
    return failure(error_from_errno("cannot read " + printable(path.string()), number));
  }
  const std::string text = file->read_on();
  TRY(print(cleaned(std::string_view(text).substr(lines ? last_lines(text, *lines) : 0))));
  while (go_on && go_on()) {
    if (const std::string added = file->read_on(); !added.empty()) {
      TRY(print(cleaned(added)));
    }
    if (!file->is_past(path)) continue;
    auto next = std::make_unique<LogFile>(path);
    if (next->is_open()) file = std::move(next);
  }
  return {};
}

}  // namespace jackin::client

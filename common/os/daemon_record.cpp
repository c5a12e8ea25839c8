// SPDX-License-Identifier: Apache-2.0
#include "common/os/daemon_record.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <map>
#include <utility>

#include "common/os/process_identity.hpp"
#include "common/words.hpp"

namespace jackin {
namespace {

// One `key value` a line. The last line is `end`, so a partial text is detected. A line end in a value is written as
// %XX, because a folder's name may contain any byte.
constexpr std::string_view end_line = "end\n";

void add_line(std::string& text, std::string_view key, std::string_view value) {
  constexpr std::string_view digits = "0123456789abcdef";
  text += key;
  text += ' ';
  for (const char c : value) {
    const auto byte = static_cast<std::uint8_t>(c);
    if (byte < 0x20 || c == '%') {
      text += '%';
      text += digits[byte >> 4];
      text += digits[byte & 0x0f];
    } else {
      text += c;
    }
  }
  text += '\n';
}

std::optional<std::string> decode(std::string_view value) {
  std::string decoded;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] != '%') {
      decoded += value[i];
      continue;
    }
    std::uint8_t byte = 0;
    if (value.size() < i + 3) return std::nullopt;
    const auto [end, error] = std::from_chars(value.data() + i + 1, value.data() + i + 3, byte, 16);
    if (error != std::errc() || end != value.data() + i + 3) return std::nullopt;
    decoded += static_cast<char>(byte);
    i += 2;
  }
  return decoded;
}

using Lines = std::map<std::string, std::string, std::less<>>;

std::optional<Lines> parse_lines(std::string_view text) {
  if (!text.ends_with(end_line)) return std::nullopt;
  text.remove_suffix(end_line.size());
  Lines lines;
  while (!text.empty()) {
    const auto newline = text.find('\n');
    if (newline == std::string_view::npos) return std::nullopt;
    const std::string_view line = text.substr(0, newline);
    text.remove_prefix(newline + 1);
    const auto space = line.find(' ');
    if (space == std::string_view::npos) return std::nullopt;
    auto value = decode(line.substr(space + 1));
    if (!value) return std::nullopt;
    lines.insert_or_assign(std::string(line.substr(0, space)), std::move(*value));
  }
  return lines;
}

void add_record(std::string& text, const DaemonRecord& record) {
  add_line(text, "pid", std::to_string(record.pid));
  add_line(text, "start_time", std::to_string(record.start_time));
  add_line(text, "boot", record.boot_id);
  add_line(text, "version", record.version);
  add_line(text, "socket", record.socket);
  add_line(text, "config_dir", record.config_dir);
  add_line(text, "log", record.log ? word_of(*record.log) : std::string_view());
  add_line(text, "stopping", record.stopping ? "yes" : "no");
}

std::optional<DaemonRecord> record_from(const Lines& lines) {
  const auto value_of = [&](std::string_view key) {
    const auto found = lines.find(key);
    return found == lines.end() ? std::string() : found->second;
  };
  DaemonRecord record;
  const std::string pid = value_of("pid");
  const auto [end, error] = std::from_chars(pid.data(), pid.data() + pid.size(), record.pid);
  if (error != std::errc() || end != pid.data() + pid.size() || record.pid <= 0) return std::nullopt;
  const std::string start = value_of("start_time");
  std::from_chars(start.data(), start.data() + start.size(), record.start_time);
  record.boot_id = value_of("boot");
  record.version = value_of("version");
  record.socket = value_of("socket");
  record.config_dir = value_of("config_dir");
  record.log = from_word<LogPlace>(value_of("log"));
  record.stopping = value_of("stopping") == "yes";
  return record;
}

bool is_own_alone(int fd, mode_t type) {
  struct stat found {};
  return fstat(fd, &found) == 0 && (found.st_mode & S_IFMT) == type && found.st_uid == geteuid() &&
         (found.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

std::string read_if_trusted(int folder, const char* name) {
  const int file = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (file < 0) return {};
  std::string text;
  if (is_own_alone(file, S_IFREG)) {
    std::array<char, 16 * 1024> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled by pread
    const ssize_t count = pread(file, buffer.data(), buffer.size(), 0);
    if (count > 0) text.assign(buffer.data(), static_cast<std::size_t>(count));
  }
  close(file);
  return text;
}

}  // namespace

std::string format_daemon_record(const DaemonRecord& record) {
  std::string text;
  add_record(text, record);
  text += end_line;
  return text;
}

std::optional<DaemonRecord> parse_daemon_record(std::string_view text) {
  const auto lines = parse_lines(text);
  return lines ? record_from(*lines) : std::nullopt;
}

std::optional<DaemonRecord> read_daemon_record(const std::filesystem::path& lock) {
  const int folder = open(lock.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (folder < 0) return std::nullopt;
  std::string text;
  if (is_own_alone(folder, S_IFDIR)) text = read_if_trusted(folder, lock.filename().c_str());
  close(folder);
  return parse_daemon_record(text);
}

bool is_running(const DaemonRecord& record) {
  if (record.start_time == 0 || record.boot_id != boot_id()) return false;
  const auto process = identify_process(record.pid);
  return process && process->start_time == record.start_time;
}

}  // namespace jackin

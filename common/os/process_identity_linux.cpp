// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <string>
#include <string_view>

#include "common/os/process_identity.hpp"
#include "common/untrusted_text.hpp"

namespace jackin {
namespace {

// Returns the first kilobyte of a file below /proc; empty when it cannot be read.
std::string read_proc(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return {};
  std::array<char, 1024> buffer{};
  const ssize_t count = read(file, buffer.data(), buffer.size());
  close(file);
  return {buffer.data(), static_cast<std::size_t>(count > 0 ? count : 0)};
}

}  // namespace

std::optional<ProcessIdentity> identify_process(pid_t pid) {
  if (pid <= 0) return std::nullopt;
  const std::string stat = read_proc("/proc/" + std::to_string(pid) + "/stat");
  std::string_view text = stat;

  // pid (command) state ppid …: the command may contain spaces and parentheses, so the last parenthesis ends it
  // (proc_pid_stat(5)).
  const auto open_at = text.find('(');
  const auto close_at = text.rfind(')');
  if (open_at == text.npos || close_at == text.npos || close_at < open_at) return std::nullopt;
  ProcessIdentity identity;
  identity.pid = pid;
  identity.command = printable(text.substr(open_at + 1, close_at - open_at - 1));
  text.remove_prefix(close_at + 1);

  // The fields start with the third; the 22nd is the start time.
  std::string_view field;
  for (int number = 3; number <= 22; ++number) {
    const auto begin = text.find_first_not_of(' ');
    if (begin == text.npos) return std::nullopt;
    text.remove_prefix(begin);
    field = text.substr(0, text.find_first_of(" \n"));
    text.remove_prefix(field.size());
    // A zombie executes no code and holds no memory.
    if (number == 3 && (field == "Z" || field == "X")) return std::nullopt;
  }
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), identity.start_time);
  if (error != std::errc() || end != field.data() + field.size()) return std::nullopt;
  return identity;
}

std::string boot_id() {
  std::string id = read_proc("/proc/sys/kernel/random/boot_id");
  while (id.ends_with('\n')) id.pop_back();
  return id;
}

}  // namespace jackin

// SPDX-License-Identifier: Apache-2.0
#include "tests/support/child_process.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string_view>

namespace jackin::test {

namespace {

// Longer than any test takes; a test that has not ended by then hangs.
constexpr unsigned most_seconds = 60;

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

[[noreturn]] void run_and_exit(const std::function<std::string()>& work, int answer) {
  alarm(most_seconds);
  std::string result;
  int code = 0;
  try {
    result = work();
  } catch (const std::exception& failed) {
    result = failed.what();
    code = 1;
  }
  if (!write_all(answer, result)) code = 2;
  std::fflush(nullptr);
  _exit(code);
}

}  // namespace

std::string in_child(const std::function<std::string()>& work) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) throw std::runtime_error("no pipe");
  for (const int end : ends) fcntl(end, F_SETFD, FD_CLOEXEC);
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("fork failed");
  if (child == 0) run_and_exit(work, ends[1]);
  close(ends[1]);
  std::string answer;
  std::array<char, 4096> some{};
  ssize_t count = 0;
  while ((count = read(ends[0], some.data(), some.size())) > 0 || (count < 0 && errno == EINTR)) {
    if (count > 0) answer.append(some.data(), static_cast<std::size_t>(count));
  }
  close(ends[0]);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (status != 0) throw std::runtime_error("a child process ended with " + std::to_string(status) + ": " + answer);
  return answer;
}

}  // namespace jackin::test

// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/support/program.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <utility>

#ifdef __APPLE__
#include <sys/event.h>
#else
#include <sys/syscall.h>
#endif

namespace jackin::test {
namespace {

struct Pipe {
  int read_end = -1;
  int write_end = -1;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) throw std::runtime_error("no pipe left");
  for (const int end : ends) fcntl(end, F_SETFD, FD_CLOEXEC);
  return {ends[0], ends[1]};
}

// A descriptor that is readable once the process has ended.
int watch_exit(pid_t pid) {
#ifdef __APPLE__
  const int queue = kqueue();
  struct kevent change;
  EV_SET(&change, pid, EVFILT_PROC, EV_ADD, NOTE_EXIT, 0, nullptr);
  if (queue < 0 || kevent(queue, &change, 1, nullptr, 0, nullptr) != 0) throw std::runtime_error("no kqueue");
  return queue;
#else
  const auto fd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  if (fd < 0) throw std::runtime_error("no pidfd");
  return fd;
#endif
}

int milliseconds_until(std::chrono::steady_clock::time_point until) {
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
  return static_cast<int>(std::clamp<long long>(left, 0, 1'000'000));
}

void close_fd(int& fd) {
  if (fd >= 0) close(fd);
  fd = -1;
}

}  // namespace

Program::Program(const Start& start) {
  std::vector<std::string> words{start.program.string()};
  words.insert(words.end(), start.arguments.begin(), start.arguments.end());
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  std::vector<std::string> variables;
  for (const auto& [name, value] : start.environment.variables()) variables.push_back(name + "=" + value);
  std::vector<char*> envp;
  for (auto& variable : variables) envp.push_back(variable.data());
  envp.push_back(nullptr);

  // A program that has ended must not end the test that writes to it.
  ::signal(SIGPIPE, SIG_IGN);
  Pipe in = make_pipe();
  Pipe out = make_pipe();
  Pipe err = make_pipe();
  pid_ = fork();
  if (pid_ < 0) throw std::runtime_error("fork failed");
  if (pid_ == 0) {
    dup2(in.read_end, 0);
    dup2(out.write_end, 1);
    dup2(err.write_end, 2);
    for (const int fd : start.inherited) fcntl(fd, F_SETFD, 0);
    ::signal(SIGPIPE, SIG_DFL);
    if (chdir(start.directory.c_str()) != 0) _exit(127);
    execve(argv[0], argv.data(), envp.data());
    _exit(127);
  }
  close_fd(in.read_end);
  close_fd(out.write_end);
  close_fd(err.write_end);
  input_ = in.write_end;
  output_.fd = out.read_end;
  errors_.fd = err.read_end;
  for (const int fd : {output_.fd, errors_.fd}) fcntl(fd, F_SETFL, O_NONBLOCK);
  exit_fd_ = watch_exit(pid_);
}

Program::Program(Program&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      exit_fd_(std::exchange(other.exit_fd_, -1)),
      input_(std::exchange(other.input_, -1)),
      output_(std::exchange(other.output_, {})),
      errors_(std::exchange(other.errors_, {})),
      exited_(other.exited_) {}

Program::~Program() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  close_fd(exit_fd_);
  close_fd(input_);
  close_fd(output_.fd);
  close_fd(errors_.fd);
}

void Program::signal(int number) const {
  if (pid_ > 0) kill(pid_, number);
}

void Program::write(std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(input_, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

void Program::close_input() {
  close_fd(input_);
}

void Program::drain(Stream& stream) {
  std::array<char, 4096> buffer{};
  while (stream.fd >= 0) {
    const ssize_t count = read(stream.fd, buffer.data(), buffer.size());
    if (count > 0) {
      stream.text.append(buffer.data(), static_cast<std::size_t>(count));
    } else if (count == 0) {
      close_fd(stream.fd);
    } else if (errno != EINTR) {
      return;
    }
  }
}

// Waits until there is output, or (when `and_exit`) the program has ended. False at the limit.
bool Program::read_once(Until until, bool and_exit) {
  std::array<pollfd, 3> waiting{
      {{output_.fd, POLLIN, 0}, {errors_.fd, POLLIN, 0}, {and_exit ? exit_fd_ : -1, POLLIN, 0}}};
  const int ready = poll(waiting.data(), waiting.size(), milliseconds_until(until));
  if (ready < 0) return errno == EINTR;
  if (ready == 0) return false;
  if (waiting[2].revents != 0) exited_ = true;
  drain(output_);
  drain(errors_);
  return true;
}

bool Program::wait_for(const Stream& stream, std::string_view text, std::chrono::seconds limit) {
  const auto until = std::chrono::steady_clock::now() + limit;
  while (stream.text.find(text) == std::string::npos) {
    if (exited_ || !read_once(until, true)) return stream.text.find(text) != std::string::npos;
  }
  return true;
}

bool Program::wait_for_error_text(std::string_view text, std::chrono::seconds limit) {
  return wait_for(errors_, text, limit);
}

bool Program::wait_for_output_text(std::string_view text, std::chrono::seconds limit) {
  return wait_for(output_, text, limit);
}

ProgramEnd Program::wait(std::chrono::seconds limit) {
  close_input();
  const auto until = std::chrono::steady_clock::now() + limit;
  while (!exited_ && read_once(until, true)) {
  }
  ProgramEnd end;
  if (exited_) {
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    end.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  } else {
    ADD_FAILURE() << "still running after " << limit.count() << " s; it said: " << output_.text << errors_.text;
  }
  drain(output_);
  drain(errors_);
  end.output = output_.text;
  end.errors = errors_.text;
  return end;
}

}  // namespace jackin::test

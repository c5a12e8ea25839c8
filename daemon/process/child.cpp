// SPDX-License-Identifier: Apache-2.0
#include "daemon/process/child.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>
#include <vector>

#include "common/os/descriptor_limit.hpp"
#include "common/untrusted_text.hpp"
#include "daemon/process/child_system.hpp"

namespace jackin::process {
namespace {

enum class Step : int { session, terminal, streams, directory, exec };

// The child's report when it fails before exec.
struct StartFailure {
  Step step;
  int error;
};

// Everything that the child needs, prepared before the fork. Between fork and exec a process with threads may make only
// async-signal-safe calls (fork(2)); allocation is not one.
class Preparation {
 public:
  Preparation(const ProgramCall& call, const ChildStreams& streams)
      : streams_(streams), program_(call.program.string()), directory_(call.directory.string()) {
    words_.push_back(program_);
    words_.insert(words_.end(), call.arguments.begin(), call.arguments.end());
    for (const auto& [name, value] : call.environment.variables()) {
      std::string& entry = settings_.emplace_back();
      entry.reserve(name.size() + 1 + value.size());
      entry.append(name).append("=").append(value);
    }
    for (auto& word : words_) argv_.push_back(word.data());
    argv_.push_back(nullptr);
    for (auto& setting : settings_) envp_.push_back(setting.data());
    envp_.push_back(nullptr);
  }

  // Runs in the child.
  [[noreturn]] void become_program(pid_t parent, int report) const noexcept {
    const auto give_up = [&](Step step) {
      const StartFailure failure{step, errno};
      // If this write fails too, the child cannot report the error; its exit code remains.
      if (write(report, &failure, sizeof failure) < 0) _exit(126);
      _exit(127);
    };
    if (setsid() < 0) give_up(Step::session);
    if (streams_.terminal) {
      if (ioctl(streams_.input, TIOCSCTTY, 0) != 0) give_up(Step::terminal);
    } else if (!end_with_parent(parent)) {
      _exit(127);
    }
    if (dup2(streams_.input, STDIN_FILENO) < 0 || dup2(streams_.output, STDOUT_FILENO) < 0 ||
        dup2(streams_.errors, STDERR_FILENO) < 0) {
      give_up(Step::streams);
    }
    close_on_exec_from(STDERR_FILENO + 1);
    os::restore_descriptor_limit();
    umask(077);
    if (chdir(directory_.c_str()) != 0) give_up(Step::directory);
    struct sigaction by_default {};
    by_default.sa_handler = SIG_DFL;
    for (int number = 1; number < NSIG; ++number) sigaction(number, &by_default, nullptr);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    execve(program_.c_str(), argv_.data(), envp_.data());
    give_up(Step::exec);
    _exit(127);
  }

 private:
  ChildStreams streams_;
  std::string program_;
  std::string directory_;
  std::vector<std::string> words_;
  std::vector<std::string> settings_;
  std::vector<char*> argv_;
  std::vector<char*> envp_;
};

Error described(const StartFailure& failure, const std::filesystem::path& path,
                const std::filesystem::path& directory) {
  const std::string program = printable(path.string());
  const std::string why = std::system_category().message(failure.error);
  switch (failure.step) {
    case Step::exec:
      if (failure.error == ENOENT) {
        return {Reason::program_missing, "cannot run " + program + ": the program or its interpreter does not exist",
                Remedy::inspect({path.string()})};
      }
      return {Reason::program_failed, "cannot run " + program + ": " + why, Remedy::inspect({path.string()})};
    case Step::directory:
      return {
          Reason::program_failed, "cannot run " + program + " in " + printable(directory.string()) + ": " + why, {}};
    case Step::session:
    case Step::terminal:
    case Step::streams:
      break;
  }
  return {Reason::program_failed, "cannot prepare a process for " + program + ": " + why, {}};
}

// Blocks signals during the fork, so that none of the daemon's handlers runs in the child.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

bool has_null(const std::string& text) {
  return text.find('\0') != std::string::npos;
}

}  // namespace

Result<Child> Child::start(const ProgramCall& call, const ChildStreams& streams) {
  for (const auto& argument : call.arguments) {
    if (has_null(argument)) {
      return failure(Reason::program_failed,
                     "cannot run " + printable(call.program.string()) + ": an argument has a NUL in it");
    }
  }
  const Preparation preparation(call, streams);
  auto report = make_pipe();
  if (!report) {
    return failure(Reason::program_failed,
                   "cannot run " + printable(call.program.string()) + ": " + report.error().message);
  }
  const pid_t parent = getpid();
  pid_t pid = -1;
  int fork_error = 0;
  {
    const SignalsBlocked blocked;
    pid = fork();
    fork_error = errno;
    if (pid == 0) preparation.become_program(parent, report->write_end.get());
  }
  if (pid < 0) {
    return failure(Reason::program_failed, "cannot run " + printable(call.program.string()) + ": " +
                                               std::system_category().message(fork_error));
  }
  Child child(pid, std::move(report->read_end), call);
  if (fcntl(child.start_descriptor(), F_SETFL, O_NONBLOCK) != 0) {
    return failure(Reason::program_failed,
                   error_from_errno("cannot prepare a process for " + printable(call.program.string()), errno).message);
  }
  return child;
}

Result<> Child::started() const {
  StartFailure reported{};
  ssize_t count = 0;
  do {
    count = read(report_.get(), &reported, sizeof reported);
  } while (count < 0 && errno == EINTR);
  if (count == static_cast<ssize_t>(sizeof reported)) return failure(described(reported, program_, directory_));
  return {};
}

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      report_(std::move(other.report_)),
      program_(std::move(other.program_)),
      directory_(std::move(other.directory_)),
      reaped_(std::exchange(other.reaped_, true)),
      exit_code_(other.exit_code_) {}

Child& Child::operator=(Child&& other) noexcept {
  if (this != &other) {
    if (pid_ > 0) end();
    pid_ = std::exchange(other.pid_, -1);
    report_ = std::move(other.report_);
    program_ = std::move(other.program_);
    directory_ = std::move(other.directory_);
    reaped_ = std::exchange(other.reaped_, true);
    exit_code_ = other.exit_code_;
  }
  return *this;
}

Child::~Child() {
  if (pid_ > 0) end();
}

void Child::signal(int number) noexcept {
  if (pid_ <= 0 || reaped_) return;
  // Between fork and setsid the child leads no group yet.
  if (kill(-pid_, number) != 0 && errno == ESRCH) kill(pid_, number);
}

std::optional<int> Child::exit_code() noexcept {
  if (exit_code_ || pid_ <= 0 || reaped_) return exit_code_;
  siginfo_t info{};
  int result = 0;
  do {
    result = waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT);
  } while (result != 0 && errno == EINTR);
  if (result == 0 && info.si_pid == pid_) {
    exit_code_ = info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
  }
  return exit_code_;
}

int Child::reap() noexcept {
  if (pid_ > 0 && !reaped_) {
    int status = 0;
    pid_t result = 0;
    do {
      result = waitpid(pid_, &status, 0);
    } while (result < 0 && errno == EINTR);
    if (result == pid_ && !exit_code_) {
      exit_code_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    }
    reaped_ = true;
  }
  return exit_code_.value_or(-1);
}

int Child::end() noexcept {
  signal(SIGKILL);
  // A child that failed before its own setsid has no group.
  if (pid_ > 0 && !reaped_) kill(pid_, SIGKILL);
  return reap();
}

}  // namespace jackin::process

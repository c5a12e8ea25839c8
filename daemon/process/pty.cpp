// SPDX-License-Identifier: Apache-2.0
#include "daemon/process/pty.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>

#include <algorithm>
#include <asio/buffer.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/redirect_error.hpp>
#include <asio/write.hpp>
#include <cerrno>
#include <csignal>
#include <limits>
#include <utility>

#include "daemon/async/timeout.hpp"
#include "daemon/process/child.hpp"
#include "daemon/process/child_system.hpp"
#include "daemon/process/terminal_pair.hpp"

namespace jackin {
namespace process {

Result<> set_terminal_size(int terminal, TerminalSize size) {
  constexpr int most = std::numeric_limits<unsigned short>::max();
  winsize window{};
  window.ws_row = static_cast<unsigned short>(std::clamp(size.rows, 1, most));
  window.ws_col = static_cast<unsigned short>(std::clamp(size.columns, 1, most));
  if (ioctl(terminal, TIOCSWINSZ, &window) != 0) {
    return failure(Reason::io_failed, error_from_errno("cannot set the terminal's size", errno).message);
  }
  return {};
}

}  // namespace process

namespace {

using asio::posix::stream_descriptor;

bool is_aborted(const asio::error_code& error) {
  return error == asio::error::operation_aborted;
}

// After the SystemPty is destroyed a finished read or write accesses nothing of it. Each coroutine accesses only its
// own frame after an aborted wait.
class SystemPty final : public PtyProgram {
 public:
  SystemPty(asio::any_io_executor executor, Clock& clock, process::Child child, os::Descriptor terminal,
            os::Descriptor exit)
      : executor_(executor),
        clock_(clock),
        child_(std::make_shared<process::Child>(std::move(child))),
        terminal_(executor, terminal.release()),
        exit_(executor, exit.release()) {}

  ~SystemPty() override {
    asio::error_code ignored;
    terminal_.close(ignored);  // NOLINT(bugprone-unused-return-value): the hang-up is all that matters
    child_->end();
  }

  Task<std::size_t> read(std::span<char> buffer) override {
    if (co_await async::cancelled_already()) co_return failure(cancelled());
    asio::error_code error;
    const std::size_t count = co_await terminal_.async_read_some(asio::buffer(buffer.data(), buffer.size()),
                                                                 asio::redirect_error(asio::use_awaitable, error));
    if (!error) co_return count;
    if (is_aborted(error)) co_return failure(cancelled());
    // Linux returns EIO when no process has the program's end open; macOS returns end of file.
    if (error == asio::error::eof || error.value() == EIO) co_return std::size_t{0};
    co_return failure(Reason::io_failed, "cannot read from the program's terminal: " + error.message());
  }

  Task<> write(std::string_view bytes) override {
    if (co_await async::cancelled_already()) co_return failure(cancelled());
    asio::error_code error;
    co_await asio::async_write(terminal_, asio::buffer(bytes.data(), bytes.size()),
                               asio::redirect_error(asio::use_awaitable, error));
    if (!error) co_return Result<>();
    if (is_aborted(error)) co_return failure(cancelled());
    co_return failure(Reason::io_failed, "cannot write to the program's terminal: " + error.message());
  }

  Result<> resize(TerminalSize size) override { return process::set_terminal_size(terminal_.native_handle(), size); }

  Task<int> wait() override {
    if (co_await async::cancelled_already()) co_return failure(cancelled());
    const auto child = child_;
    while (!child->exit_code()) {
      asio::error_code error;
      co_await exit_.async_wait(stream_descriptor::wait_read, asio::redirect_error(asio::use_awaitable, error));
      if (is_aborted(error)) co_return failure(cancelled());
      if (error) co_return failure(Reason::io_failed, "cannot wait for the program: " + error.message());
    }
    co_return *child->exit_code();
  }

  asio::awaitable<void> end(std::chrono::milliseconds grace) override {
    co_await asio::this_coro::throw_if_cancelled(false);
    const auto child = child_;
    if (!child->exit_code()) {
      child->signal(SIGHUP);
      child->signal(SIGTERM);
      child->signal(SIGCONT);  // A stopped program would receive neither.
      async::Timeout no_more_grace(executor_, clock_, grace, [child] { child->signal(SIGKILL); });
      // The program must be ended even when the awaiting coroutine is cancelled; otherwise it is not reaped.
      while (!child->exit_code()) {
        asio::error_code error;
        co_await exit_.async_wait(stream_descriptor::wait_read, asio::redirect_error(asio::use_awaitable, error));
        if (error && !is_aborted(error)) break;
      }
    }
    child->end();
  }

  pid_t pid() const override { return child_->pid(); }

  // Waits until the program runs. Errors: as Child::started, cancelled.
  Task<> started() {
    const auto child = child_;
    // Asio closes the descriptor that it watches, and the child still needs it.
    stream_descriptor report(executor_);
    os::Descriptor copy(fcntl(child->start_descriptor(), F_DUPFD_CLOEXEC, 3));
    if (!copy) co_return failure(error_from_errno("cannot wait for the program's start", errno));
    report.assign(copy.release());
    asio::error_code error;
    // The wait can end early (async/clock.cpp).
    pollfd readable{report.native_handle(), POLLIN, 0};
    do {
      co_await report.async_wait(stream_descriptor::wait_read, asio::redirect_error(asio::use_awaitable, error));
      if (is_aborted(error)) co_return failure(cancelled());
    } while (!error && poll(&readable, 1, 0) == 0);
    co_return child->started();
  }

  static Error cancelled() { return {Reason::cancelled, "cancelled", {}}; }

 private:
  asio::any_io_executor executor_;
  Clock& clock_;
  std::shared_ptr<process::Child> child_;
  stream_descriptor terminal_;
  stream_descriptor exit_;
};

class SystemPtyLauncher final : public PtyLauncher {
 public:
  SystemPtyLauncher(asio::any_io_executor executor, Clock& clock) : executor_(std::move(executor)), clock_(clock) {}

  Task<std::unique_ptr<PtyProgram>> start(ProgramCall call, TerminalSize size) override {
    if (co_await async::cancelled_already()) co_return failure(SystemPty::cancelled());
    CO_TRY(auto pair, process::open_terminal_pair(size));
    const int theirs = pair.theirs.get();
    const process::ChildStreams streams{theirs, theirs, theirs, true};
    CO_TRY(auto child, process::Child::start(call, streams));
    CO_TRY(auto exit, process::watch_exit(child.pid()));
    // From here on the program is ended like any other, without blocking.
    auto program =
        std::make_unique<SystemPty>(executor_, clock_, std::move(child), std::move(pair.ours), std::move(exit));
    auto started = co_await program->started();
    if (!started) {
      co_await program->end(std::chrono::milliseconds(0));
      co_return failure(std::move(started).error());
    }
    std::unique_ptr<PtyProgram> running = std::move(program);
    co_return running;
  }

 private:
  asio::any_io_executor executor_;
  Clock& clock_;
};

}  // namespace

std::unique_ptr<PtyLauncher> system_pty_launcher(asio::any_io_executor executor, Clock& clock) {
  return std::make_unique<SystemPtyLauncher>(std::move(executor), clock);
}

}  // namespace jackin

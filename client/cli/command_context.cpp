// SPDX-License-Identifier: Apache-2.0
#include "client/cli/command_context.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <thread>

#include "client/rpc/exit_code.hpp"
#include "client/terminal/error_text.hpp"

namespace jackin::client {
namespace {

// Whether the same command may succeed later although nothing was changed.
bool may_go_well_again(Reason reason) {
  switch (reason) {
    case Reason::timed_out:
    case Reason::mint_refused:
    case Reason::capture_incomplete:
    case Reason::source_unreachable:
    case Reason::store_unavailable:
    case Reason::store_failed:
    case Reason::read_back_mismatch:
    case Reason::upstream_unreachable:
      return true;
    default:
      return false;
  }
}

// Runs `work` on a thread, and cancels the call of `context` when a signal comes. Returns whether one came.
bool run_interruptible(SignalWatch& signals, grpc::ClientContext& context, const std::function<void()>& work) {
  std::array<int, 2> ended{-1, -1};
  if (pipe(ended.data()) != 0) {
    // Without free descriptors the call cannot be interrupted.
    work();
    return false;
  }
  for (const int fd : ended) fcntl(fd, F_SETFD, FD_CLOEXEC);
  std::thread worker([&] {
    work();
    // Closing this end makes the other end readable (end of file).
    close(ended[1]);
  });
  bool interrupted = false;
  for (;;) {
    std::array<pollfd, 2> waits{{{ended[0], POLLIN, 0}, {signals.fd(), POLLIN, 0}}};
    if (poll(waits.data(), waits.size(), -1) < 0) continue;
    while (signals.next()) {
      interrupted = true;
      context.TryCancel();
    }
    if (waits[0].revents != 0) break;
  }
  worker.join();
  close(ended[0]);
  return interrupted;
}

}  // namespace

Result<> write_text(int fd, std::string_view text) {
  while (!text.empty()) {
    const auto count = write(fd, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EPIPE) return failure(Reason::cancelled, "the output pipe is closed");
    if (count < 0) return failure(error_from_errno("writing", errno));
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

Result<> CommandContext::print(const std::string& text) const {
  return write_text(out, text);
}

void CommandContext::complain(const std::string& text) const {
  // There is no output left on which to report a failed write to stderr.
  static_cast<void>(write_text(err, text));
}

int CommandContext::fail(const Error& error, Format format) const {
  Error complete = error;
  const bool is_open = complete.remedy.empty() && !typed.empty();
  if (is_open && may_go_well_again(error.reason)) complete.remedy = Remedy::try_again();
  complain(error_text(complete, format, output_style_of(err, environment), typed));
  return exit_code_for(error.reason);
}

int CommandContext::report(const std::string& text, Format format, int code) const {
  return reported(print(text), format, code);
}

int CommandContext::reported(const Result<>& written, Format format, int code) const {
  if (written || written.error().reason == Reason::cancelled) return code;
  Error error = written.error();
  error.message = "cannot write to stdout: " + error.message;
  return fail(error, format);
}

int CommandContext::columns() const {
  return is_screen(out, environment) ? size_of_terminal(out).columns : 0;
}

Result<Connection> CommandContext::connect(Autostart autostart) const {
  return Connection::open(environment, autostart);
}

Connect CommandContext::connector() const {
  return [this] { return connect(); };
}

RunCall interruptible(SignalWatch& signals) {
  return [&signals](grpc::ClientContext& context, const std::function<void()>& work) {
    return run_interruptible(signals, context, work);
  };
}

}  // namespace jackin::client

// SPDX-License-Identifier: Apache-2.0
#include "client/cli/token_run.hpp"

#include <poll.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <memory>
#include <optional>
#include <utility>

#include "client/cli/token_on_terminal.hpp"
#include "client/cli/token_without_terminal.hpp"
#include "client/core/browser.hpp"
#include "client/core/token_call.hpp"
#include "client/core/token_session.hpp"
#include "client/terminal/raw_mode.hpp"
#include "common/os/core_dumps.hpp"

namespace jackin::client {
namespace {

// The error for a user who did not wait for the result.
Error departed(Departure departure, const std::string& operation, const Scope& scope) {
  if (departure == Departure::detached) {
    return {Reason::cancelled, "detached; jackind finishes this " + operation + " by itself",
            Remedy::of(RemedyAction::probe, scope)};
  }
  return {Reason::cancelled, "cancelled, without waiting for jackind to confirm it", Remedy::show_daemon()};
}

// Modes of xterm (ctlseqs): 2004 is bracketed paste, 1049 the alternate screen.
constexpr std::string_view enter_keys = "\x1b[?2004h";
constexpr std::string_view leave_keys = "\x1b[?2004l";
constexpr std::string_view enter_whole_screen = "\x1b[?1049h";
constexpr std::string_view leave_whole_screen = "\x1b[?1049l";
constexpr std::string_view leave_both = "\x1b[0m\x1b[?1049l\x1b[?2004l";

class TokenRun {
 public:
  TokenRun(TokenStream& stream, const TokenArguments& arguments, const CommandContext& cli, SignalWatch& signals,
           int screen)
      : cli_(cli),
        signals_(signals),
        screen_(screen),
        session_(stream, [this](const std::string& url) { return open_browser(cli_.environment, url); }),
        ui_(make_ui(arguments)) {}

  TokenEnd run() {
    while (!session_.is_over()) wait_and_handle();
    TokenEnd end = session_.finish();
    ui_->finish(end.report.has_value());
    return end;
  }

 private:
  std::unique_ptr<TokenUi> make_ui(const TokenArguments& arguments) {
    if (screen_ < 0) {
      return std::make_unique<TokenWithoutTerminal>(session_, outlet(cli_.err), arguments.yes, isatty(cli_.in) == 1,
                                                    cli_.typed);
    }
    TerminalStyle style;
    style.output = output_style_of(screen_, cli_.environment);
    style.qr = arguments.qr;
    style.opens_here = !arguments.no_browser && browser_shows_here(cli_.environment);
    style.hyperlinks = cli_.environment.value_of("TERM") != "linux";
    style.yes = arguments.yes;
    style.typed = cli_.typed;
    return std::make_unique<TokenOnTerminal>(session_, outlet(screen_), style);
  }

  TokenOutlet outlet(int shown_on) {
    TokenOutlet outlet;
    outlet.show = [shown_on](const std::string& text) { static_cast<void>(write_text(shown_on, text)); };
    outlet.take_keys = [this](bool taken) {
      raw_.reset();
      if (!taken) return;
      if (auto raw = RawMode::enter(cli_.in, screen_, leave_keys)) raw_.emplace(std::move(*raw));
      write_to_screen(enter_keys);
    };
    outlet.take_whole_screen = [this](bool taken) {
      has_whole_screen_ = taken;
      if (taken && raw_) raw_->leave_with(leave_both);
      write_to_screen(taken ? enter_whole_screen : leave_whole_screen);
      if (!taken && raw_) raw_->leave_with(leave_keys);
    };
    outlet.stop_job = [] { raise(SIGTSTP); };
    outlet.size = [this] { return size_of_terminal(screen_); };
    return outlet;
  }

  void wait_and_handle() {
    std::array<pollfd, 3> waits{{{session_.fd(), POLLIN, 0}, {signals_.fd(), POLLIN, 0}, {cli_.in, POLLIN, 0}}};
    const nfds_t count = ui_->wants_input() ? 3 : 2;
    if (poll(waits.data(), count, timeout()) < 0 && errno != EINTR) return session_.leave();
    while (const auto signal = signals_.next()) handle_signal(*signal);
    session_.handle_events(*ui_);
    if (count == 3 && waits[2].revents != 0 && ui_->wants_input()) read_input();
    ui_->pass_time(Clock::now());
  }

  int timeout() const {
    const auto due = ui_->deadline();
    if (!due) return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*due - Clock::now());
    return static_cast<int>(std::max<std::chrono::milliseconds::rep>(left.count(), 0));
  }

  void write_to_screen(std::string_view bytes) const {
    if (raw_) static_cast<void>(write_text(screen_, bytes));
  }

  void read_input() {
    std::array<char, 4096> bytes{};
    const auto count = read(cli_.in, bytes.data(), bytes.size());
    if (count > 0) ui_->input({bytes.data(), static_cast<std::size_t>(count)}, Clock::now());
    // The input may contain a code that can be exchanged for a token.
    sodium_memzero(bytes.data(), bytes.size());
    if (count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN)) ui_->input_ended();
  }

  void handle_signal(int signal) {
    switch (signal) {
      case SIGINT:
        return session_.interrupt();
      case SIGTERM:
      case SIGHUP:
        return session_.leave();
      case SIGWINCH:
        return ui_->redraw();
      case SIGTSTP:
        if (raw_) raw_->suspend();
        // Stops the whole program here. SIGCONT continues it.
        raise(SIGSTOP);
        return;
      case SIGCONT:
        if (raw_) raw_->resume();
        write_to_screen(enter_keys);
        if (has_whole_screen_) write_to_screen(enter_whole_screen);
        return ui_->redraw();
      case SIGCHLD:
        return session_.reap_browser(*ui_);
      default:
        return;
    }
  }

  using Clock = TokenUi::Time::clock;

  const CommandContext& cli_;
  SignalWatch& signals_;
  int screen_;
  TokenSession session_;
  std::optional<RawMode> raw_;
  bool has_whole_screen_ = false;
  std::unique_ptr<TokenUi> ui_;
};

}  // namespace

int screen_for(Format format, const CommandContext& cli) {
  if (!is_screen(cli.in, cli.environment)) return -1;
  if (is_screen(cli.err, cli.environment)) return cli.err;
  return format == Format::text && is_screen(cli.out, cli.environment) ? cli.out : -1;
}

bool no_code_can_come(Format format, const CommandContext& cli) {
  if (screen_for(format, cli) >= 0) return false;
  struct stat entry {};
  if (fstat(cli.in, &entry) != 0) return errno == EBADF;
  struct stat null {};
  return S_ISCHR(entry.st_mode) && stat("/dev/null", &null) == 0 && entry.st_rdev == null.st_rdev;
}

Result<SignalWatch> watch_signals_of_token_run() {
  return SignalWatch::start({SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGTSTP, SIGCONT, SIGCHLD});
}

Result<v1::TokenReport> run_token_operation(const Connection& connection, v1::TokenInput first, const Scope& scope,
                                            const TokenArguments& arguments, const CommandContext& cli,
                                            SignalWatch& signals) {
  // From here on memory may hold a code.
  os::forbid_core_dumps();
  const int screen = screen_for(arguments.format, cli);
  if (screen >= 0) {
    const CellSize size = size_of_terminal(screen);
    set_terminal(first, size.rows, size.columns, !arguments.no_browser && browser_shows_here(cli.environment));
  }
  TokenCall call(connection, first);
  TokenEnd end = TokenRun(call, arguments, cli, signals, screen).run();
  if (end.report) return std::move(*end.report);
  if (end.error) return failure(std::move(*end.error));
  return failure(departed(end.departure, first.has_setup() ? "setup" : "rotation", scope));
}

}  // namespace jackin::client

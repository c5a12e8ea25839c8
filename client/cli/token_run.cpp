// SPDX-License-Identifier: Apache-2.0
#include "client/cli/token_run.hpp"

#include <poll.h>
#include <sodium.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <memory>
#include <optional>
#include <utility>

#include "client/cli/own_operation.hpp"
#include "client/cli/token_on_terminal.hpp"
#include "client/cli/token_without_terminal.hpp"
#include "client/core/browser.hpp"
#include "client/core/token_call.hpp"
#include "client/terminal/raw_mode.hpp"

namespace jackin::client {
namespace {

class TokenRun {
 public:
  TokenRun(const TokenArguments& arguments, const CommandContext& cli, SignalWatch& signals, int screen,
           const DialogueSubject& subject)
      : cli_(cli), signals_(signals), screen_(screen), dialogue_(make_dialogue(arguments, subject)) {}

  Result<v1::TokenReport> run(const Connection& connection, const v1::TokenInput& first) {
    connection_ = &connection;
    TokenCall call(connection, first);
    call_ = &call;
    while (!call.ended() && !dialogue_->has_left()) wait_and_handle();
    call_ = nullptr;
    if (dialogue_->has_left()) call.hang_up();
    auto outcome = call.outcome();
    const bool succeeded = outcome.has_value() && report_.has_value();
    dialogue_->finish(succeeded);
    if (succeeded) return std::move(*report_);
    if (dialogue_->own_error()) return failure(*dialogue_->own_error());
    if (!outcome) return failure(outcome.error());
    return failure(Reason::internal, "jackind ended the operation without a report", "jackinctl daemon logs");
  }

 private:
  std::unique_ptr<TokenDialogue> make_dialogue(const TokenArguments& arguments, const DialogueSubject& subject) {
    if (screen_ < 0) {
      return std::make_unique<TokenWithoutTerminal>(outlet(cli_.err), subject, arguments.yes, isatty(cli_.in) == 1);
    }
    TerminalStyle style;
    style.output = output_style_of(screen_, cli_.environment);
    style.qr = arguments.qr;
    style.opens_here = !arguments.no_browser && browser_shows_here(cli_.environment);
    style.hyperlinks = cli_.environment.value_of("TERM") != "linux";
    style.yes = arguments.yes;
    return std::make_unique<TokenOnTerminal>(outlet(screen_), subject, style);
  }

  TokenOutlet outlet(int shown_on) {
    TokenOutlet outlet;
    outlet.send = [this](v1::UserInput input) {
      if (call_ != nullptr) call_->send(std::move(input));
    };
    outlet.show = [shown_on](const std::string& text) { static_cast<void>(write_text(shown_on, text)); };
    outlet.open_browser = [this](const std::string& url) -> std::optional<Error> {
      const auto started = open_browser(cli_.environment, url);
      if (!started) return started.error();
      browser_ = *started;
      return std::nullopt;
    };
    outlet.take_keys = [this](bool taken) {
      raw_.reset();
      if (!taken) return;
      if (auto raw = RawMode::enter(cli_.in, screen_)) raw_.emplace(std::move(*raw));
    };
    outlet.stop_job = [] { raise(SIGTSTP); };
    outlet.size = [this] { return size_of_terminal(screen_); };
    outlet.runs_to_its_end = [this] { return runs_to_its_end(*connection_); };
    return outlet;
  }

  void wait_and_handle() {
    std::array<pollfd, 3> waits{{{call_->fd(), POLLIN, 0}, {signals_.fd(), POLLIN, 0}, {cli_.in, POLLIN, 0}}};
    const nfds_t count = dialogue_->wants_input() ? 3 : 2;
    if (poll(waits.data(), count, -1) < 0 && errno != EINTR) return dialogue_->leave();
    while (const auto signal = signals_.next()) handle_signal(*signal);
    while (const auto event = call_->next()) {
      if (event->has_report()) report_ = event->report();
      dialogue_->take(*event);
    }
    if (count == 3 && waits[2].revents != 0 && dialogue_->wants_input()) read_input();
  }

  void read_input() {
    std::array<char, 4096> bytes{};
    const auto count = read(cli_.in, bytes.data(), bytes.size());
    if (count > 0) dialogue_->input({bytes.data(), static_cast<std::size_t>(count)});
    // The input may contain a code that can be exchanged for a token.
    sodium_memzero(bytes.data(), bytes.size());
    if (count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN)) dialogue_->input_ended();
  }

  void handle_signal(int signal) {
    switch (signal) {
      case SIGINT:
        return dialogue_->interrupt();
      case SIGTERM:
      case SIGHUP:
        return dialogue_->leave();
      case SIGWINCH:
        return dialogue_->redraw();
      case SIGTSTP:
        if (raw_) raw_->suspend();
        // Stops the whole program here. SIGCONT continues it.
        raise(SIGSTOP);
        return;
      case SIGCONT:
        if (raw_) raw_->resume();
        return dialogue_->redraw();
      case SIGCHLD:
        return reap_browser();
      default:
        return;
    }
  }

  void reap_browser() {
    int status = 0;
    if (browser_ <= 0 || waitpid(browser_, &status, WNOHANG) != browser_) return;
    browser_ = -1;
    const bool failed = !WIFEXITED(status) || WEXITSTATUS(status) != 0;
    if (failed) dialogue_->browser_failed("the program that opens it failed");
  }

  const CommandContext& cli_;
  SignalWatch& signals_;
  int screen_;
  std::unique_ptr<TokenDialogue> dialogue_;
  const Connection* connection_ = nullptr;
  TokenCall* call_ = nullptr;
  std::optional<RawMode> raw_;
  std::optional<v1::TokenReport> report_;
  pid_t browser_ = -1;
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
  const int screen = screen_for(arguments.format, cli);
  if (screen >= 0) {
    v1::TokenRequest& options =
        first.has_setup() ? *first.mutable_setup()->mutable_token() : *first.mutable_rotate()->mutable_token();
    const CellSize size = size_of_terminal(screen);
    options.mutable_terminal()->set_rows(static_cast<unsigned>(size.rows));
    options.mutable_terminal()->set_columns(static_cast<unsigned>(size.columns));
    options.set_can_open_browser(!arguments.no_browser && browser_shows_here(cli.environment));
  }
  const DialogueSubject subject{first.has_setup() ? "setup" : "rotation", scope.arguments()};
  return TokenRun(arguments, cli, signals, screen, subject).run(connection, first);
}

}  // namespace jackin::client

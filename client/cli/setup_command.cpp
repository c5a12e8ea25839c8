#include <poll.h>
#include <sodium.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cerrno>
#include <csignal>
#include <memory>

#include "client/cli/browser.hpp"
#include "client/cli/program.hpp"
#include "client/cli/setup_call.hpp"
#include "client/cli/setup_on_terminal.hpp"
#include "client/cli/setup_report.hpp"
#include "client/cli/setup_request.hpp"
#include "client/cli/setup_without_terminal.hpp"
#include "client/link/exit_code.hpp"
#include "client/view/raw_mode.hpp"
#include "client/view/signal_watch.hpp"

namespace jackin::client {
namespace {

// Where the steps and claude's screen are drawn: stderr, so that stdout has the report alone, else stdout; -1 when
// there is no terminal to draw on and to type at.
int screen_for(const SetupArguments& arguments, const Surroundings& around) {
  if (!is_screen(around.in, around.environment)) return -1;
  if (is_screen(around.err, around.environment)) return around.err;
  return arguments.format == Format::text && is_screen(around.out, around.environment) ? around.out : -1;
}

// One setup from its request to its end: what comes from the daemon, from the person and from the system.
class SetupRun {
 public:
  SetupRun(const SetupArguments& arguments, const Surroundings& around, SignalWatch signals, int screen)
      : around_(around), signals_(std::move(signals)), screen_(screen), dialogue_(make_dialogue(arguments)) {}

  Result<v1::SetupReport> run(const Connection& connection, const v1::SetupRequest& request) {
    SetupCall call(connection, request);
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
    return failure(Reason::internal, "jackind ended the setup without a report", "jackinctl daemon logs");
  }

 private:
  std::unique_ptr<SetupDialogue> make_dialogue(const SetupArguments& arguments) {
    const auto scope = scope_of(arguments.scope);
    const std::string named = scope ? scope->arguments() : std::string();
    if (screen_ < 0) return std::make_unique<SetupWithoutTerminal>(outlet(around_.err), named, arguments.yes);
    TerminalStyle style;
    style.look = look_of(screen_, around_.environment);
    style.qr = arguments.qr;
    style.opens_here = !arguments.no_browser && browser_shows_here(around_.environment);
    style.hyperlinks = around_.environment.value_of("TERM") != "linux";
    style.yes = arguments.yes;
    return std::make_unique<SetupOnTerminal>(outlet(screen_), named, style);
  }

  SetupOutlet outlet(int shown_on) {
    SetupOutlet outlet;
    outlet.send = [this](v1::PersonInput input) {
      if (call_ != nullptr) call_->send(std::move(input));
    };
    outlet.show = [shown_on](const std::string& text) { write_text(shown_on, text); };
    outlet.open_browser = [this](const std::string& url) -> std::optional<Error> {
      const auto started = open_browser(around_.environment, url);
      if (!started) return started.error();
      browser_ = *started;
      return std::nullopt;
    };
    outlet.take_keys = [this](bool taken) {
      raw_.reset();
      if (!taken) return;
      if (auto raw = RawMode::enter(around_.in, screen_)) raw_.emplace(std::move(*raw));
    };
    outlet.stop_job = [] { raise(SIGTSTP); };
    outlet.size = [this] { return size_of_terminal(screen_); };
    return outlet;
  }

  void wait_and_handle() {
    std::array<pollfd, 3> waits{{{call_->fd(), POLLIN, 0}, {signals_.fd(), POLLIN, 0}, {around_.in, POLLIN, 0}}};
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
    const auto count = read(around_.in, bytes.data(), bytes.size());
    if (count > 0) dialogue_->input({bytes.data(), static_cast<std::size_t>(count)});
    // What was typed is a code that can be exchanged for a token.
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
        // Stops the whole program here; it goes on when somebody continues it.
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

  const Surroundings& around_;
  SignalWatch signals_;
  int screen_;
  std::unique_ptr<SetupDialogue> dialogue_;
  SetupCall* call_ = nullptr;
  std::optional<RawMode> raw_;
  std::optional<v1::SetupReport> report_;
  pid_t browser_ = -1;
};

std::filesystem::path current_folder() {
  std::error_code error;
  auto folder = std::filesystem::current_path(error);
  return error ? std::filesystem::path("/") : folder;
}

int run(const SetupArguments& arguments, const Surroundings& around) {
  auto request = setup_request(arguments, around.environment, current_folder());
  if (!request) return around.fail(request.error(), arguments.format);
  const int screen = screen_for(arguments, around);
  if (screen >= 0) {
    const CellSize size = size_of_terminal(screen);
    request->mutable_terminal()->set_rows(static_cast<unsigned>(size.rows));
    request->mutable_terminal()->set_columns(static_cast<unsigned>(size.columns));
    request->set_can_open_browser(!arguments.no_browser && browser_shows_here(around.environment));
  }

  const auto connection = around.connect();
  if (!connection) return around.fail(connection.error(), arguments.format);
  auto signals = SignalWatch::start({SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGTSTP, SIGCONT, SIGCHLD});
  if (!signals) return around.fail(signals.error(), arguments.format);
  SetupRun setup(arguments, around, std::move(*signals), screen);
  const auto report = setup.run(*connection, *request);
  if (!report) return around.fail(report.error(), arguments.format);
  around.print(arguments.format == Format::json ? as_line(setup_json(*report)) : setup_text(*report));
  return exit_done;
}

}  // namespace

void add_setup(CLI::App& parent, Chosen& chosen) {
  CLI::App* command = parent.add_subcommand("setup", "Gives a scope its token: mints, stores, checks and wires it");
  const auto arguments = std::make_shared<SetupArguments>();
  add_scope(*command, arguments->scope);
  command->add_option("--store", arguments->store, "Where the token is kept")
      ->check(CLI::IsMember({"op", "keychain", "secret-service", "file"}).description(""))
      ->type_name("op|keychain|secret-service|file");
  command->add_option("--vault", arguments->vault, "A 1Password vault; means --store op")->type_name("VAULT");
  command->add_option("--item-name", arguments->item_name, "The item's title; {ws} is the workspace")
      ->type_name("TITLE");
  command->add_option("--field", arguments->field, "The item's field")->type_name("LABEL");
  command->add_option("--section", arguments->section, "The item's section")->type_name("LABEL");
  command->add_option("--op-account", arguments->op_account, "A 1Password account")->type_name("ACCOUNT");
  command->add_flag("--plain", arguments->plain, "Keep the token itself in the configuration file");
  command
      ->add_option("--reuse", arguments->reuse,
                   "Adopt a token where it is: op://…, os-store:…, file:…, env:…, command:…")
      ->type_name("REF");
  command->add_flag("--qr", arguments->qr, "Show the link as a QR code too");
  command->add_flag("--no-browser", arguments->no_browser, "Open no browser, show the link");
  command->add_flag("--no-verify", arguments->no_verify, "Do not ask the API whether the token is valid");
  command->add_flag("--create", arguments->create, "Make the workspace's file when there is none");
  command->add_option("--workdir", arguments->workdir, "The new workspace's folder")->type_name("DIR");
  command->add_flag("--yes", arguments->yes, "Answer every question with its first choice");
  add_format(*command, arguments->format);
  command->callback(
      [arguments, &chosen] { chosen = [arguments](const Surroundings& around) { return run(*arguments, around); }; });
}

}  // namespace jackin::client

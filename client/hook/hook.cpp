// SPDX-License-Identifier: Apache-2.0
#include "client/hook/hook.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>
#include <variant>

#include "client/hook/claude_settings.hpp"
#include "client/hook/command_search.hpp"
#include "client/hook/launch_environment.hpp"
#include "client/hook/token_handover.hpp"
#include "client/rpc/default_scope.hpp"
#include "client/rpc/exit_code.hpp"
#include "client/rpc/proto_conversion.hpp"
#include "client/terminal/error_text.hpp"
#include "common/claude.hpp"
#include "common/untrusted_text.hpp"

extern "C" char** environ;

namespace jackin::client {
namespace {

constexpr std::string_view default_search_path = "/usr/local/bin:/usr/bin:/bin";

bool blocks(const v1::ProbeReply& probe) {
  return probe.decision() == v1::DECISION_BLOCK;
}

Error blocked(const v1::ProbeReply& probe) {
  return {Reason::source_gone, scope_text(probe.scope()) + ": " + printable(probe.summary()),
          from_proto(probe.remedy())};
}

std::string file_name(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

}  // namespace

int Hook::run(const HookCommand& command) {
  if (const auto* asked = std::get_if<ProbeCommand>(&command)) return probe(*asked);
  if (const auto* asked = std::get_if<ExecCommand>(&command)) return exec(*asked);
  return env(std::get<EnvCommand>(command));
}

void Hook::say(const Error& error) {
  context_.say(error_text(error, Format::text, context_.output, {"jackinctl", "doctor"}));
}

Result<Scope> Hook::scope_of(const NamedScope& named, DaemonCalls& daemon, bool says) {
  if (named.scope) return *named.scope;
  TRY(DefaultScope found, default_scope(context_.environment, named.role, [&daemon](const std::string& folder) {
        return daemon.find_workspace(folder);
      }));
  if (says) context_.say(found.notice() + "\n");
  return std::move(found.scope);
}

int Hook::probe(const ProbeCommand& command) {
  const auto fail = [this](const Error& error) {
    say(error);
    return exit_code_for(error.reason);
  };
  auto connected = context_.connect();
  if (!connected) return fail(connected.error());
  daemon_ = std::move(*connected);
  const auto scope = scope_of(command.scope, *daemon_, true);
  if (!scope) return fail(scope.error());
  const auto answer = daemon_->probe(*scope);
  if (!answer) return fail(answer.error());
  if (answer->decision() == v1::DECISION_ALLOW) return exit_done;
  const bool block = blocks(*answer);
  std::string line =
      context_.output.styled(block ? TextStyle::bad : TextStyle::warning, block ? "blocked:" : "warning:") + " " +
      scope->str() + ": " + printable(answer->summary());
  if (const std::string remedy = remedy_line(answer->remedy()); !remedy.empty()) line += " · try: " + remedy;
  context_.say(line + "\n");
  return block ? exit_unhealthy : exit_done;
}

Result<LaunchPlan> Hook::prepare(v1::PrepareRequest request, const NamedScope& named, bool says) {
  // The connection closes here, so that the command does not inherit any part of it.
  TRY(const auto daemon, context_.connect());
  TRY(const Scope scope, scope_of(named, *daemon, says));
  *request.mutable_scope() = to_proto(scope);
  *request.mutable_environment() = to_proto(context_.environment);
  request.set_with_token(true);
  TRY(LaunchPlan plan, daemon->prepare(request));
  if (plan.needs_variable.empty()) return plan;
  auto& variable = *request.mutable_variable();
  variable.set_name(plan.needs_variable);
  if (auto value = context_.environment.get(plan.needs_variable)) variable.set_value(*std::move(value));
  TRY(plan, daemon->prepare(request));
  if (plan.needs_variable.empty()) return plan;
  return failure(Reason::config_conflict,
                 "the configuration of '" + printable(scope.str()) + "' names another variable than before",
                 Remedy::try_again({}));
}

int Hook::env(const EnvCommand& command) {
  // Checked first, so that no token is handed out without a reader.
  auto done = check_writable(command.fd);
  if (!done) {
    say(done.error());
    return exit_usage;
  }
  // The reader of the descriptor will hold the token. The parent process started this one, so it is recorded as the
  // reader.
  v1::PrepareRequest request;
  request.set_pid(getppid());
  auto plan = prepare(std::move(request), command.scope, true);
  if (!plan) {
    say(plan.error());
    return exit_code_for(plan.error().reason);
  }
  if (blocks(plan->probe)) {
    say(blocked(plan->probe));
    return exit_unhealthy;
  }
  if (plan->token) done = write_variable(command.fd, token_variable, *plan->token);
  if (done) return exit_done;
  say(done.error());
  return exit_failed;
}

int Hook::exec(const ExecCommand& command) {
  // Checked first: a missing command needs no token.
  const auto search_path = context_.environment.get("PATH");
  const auto program =
      find_command(command.command.front(), search_path ? std::string_view(*search_path) : default_search_path);
  if (!program) {
    say(program.error());
    return program.error().reason == Reason::program_missing ? exit_not_found : exit_cannot_run;
  }

  const auto stronger = stronger_logins(context_.environment, settings_places(context_.environment, command.command));
  v1::PrepareRequest request;
  request.set_pid(getpid());
  request.set_command(file_name(command.command.front()));
  for (const auto& name : stronger.variables) request.add_credentials_present(name);
  auto plan = prepare(std::move(request), command.scope, !command.quiet);
  if (!plan) {
    say(plan.error());
    return exit_own_failure;
  }
  if (blocks(plan->probe)) {
    say(blocked(plan->probe));
    return exit_own_failure;
  }
  if (!command.provision.empty()) {
    if (const auto done = provision(command.provision, plan->files); !done) {
      say(done.error());
      return exit_own_failure;
    }
  }
  if (plan->token) {
    for (const auto& setting : stronger.settings) {
      plan->warnings.push_back(setting + " is set; claude prefers it to the token");
    }
  }
  if (!command.quiet) show_banner(*plan);

  const auto failed = become(command, *program, std::move(*plan));
  say(failed.error());
  if (failed.error().reason == Reason::program_missing) return exit_not_found;
  return failed.error().reason == Reason::program_failed ? exit_cannot_run : exit_own_failure;
}

Result<> Hook::become(const ExecCommand& command, const std::string& program, LaunchPlan plan) {
  if (!plan.token_variable.empty()) plan.unset.push_back(plan.token_variable);
  LaunchEnvironment environment(context_.environment_block, plan.unset);
  int handed_over = -1;
  if (plan.token && command.via == Via::fd) {
    TRY(handed_over, pipe_with(*plan.token));
    environment.add(token_descriptor_variable, std::to_string(handed_over));
  } else if (plan.token) {
    environment.add_secret(token_variable, *plan.token);
    if (!plan.token_variable.empty()) environment.add_secret(plan.token_variable, *plan.token);
  } else if (!plan.token_variable.empty()) {
    // jackin refuses to start with an unset variable. claude takes an empty one as none.
    environment.add(plan.token_variable, {});
  }
  plan.token.reset();
  plan.files.clear();

  std::vector<char*> arguments;
  // The parameter of execve is char* for historical reasons; it changes nothing (execve(2)).
  for (const std::string& argument : command.command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);

  hand_back(context_.inherited, handed_over);
  execve(program.c_str(), arguments.data(), environment.entries());
  const int number = errno;
  if (handed_over >= 0) close(handed_over);
  Error error = error_from_errno("cannot run " + printable(program), number);
  error.reason = number == ENOENT ? Reason::program_missing : Reason::program_failed;
  return failure(error);
}

void Hook::show_banner(const LaunchPlan& plan) {
  for (const std::string& warning : plan.warnings) {
    context_.say(context_.output.styled(TextStyle::warning, "warning:") + " " + printable(warning) + "\n");
  }
  if (plan.banner.text().empty()) return;
  const TextStyle style = plan.banner.colour() == v1::BANNER_COLOUR_RED      ? TextStyle::bad
                          : plan.banner.colour() == v1::BANNER_COLOUR_YELLOW ? TextStyle::warning
                                                                             : TextStyle::dim;
  context_.say(context_.output.styled(style, printable(plan.banner.text())) + "\n");
}

void run_and_exit(const HookCommand& command, InheritedState inherited, ConnectFrom connect) {
  // A probe executes no command, and is paid before every launch.
  if (!std::holds_alternative<ProbeCommand>(command)) inherited.descriptors = open_descriptors();
  const Environment environment = Environment::of_this_process();
  Hook hook({environment, environ, inherited, [&] { return connect(environment); },
             [](const std::string& text) { std::fputs(text.c_str(), stderr); },
             output_style_of(STDERR_FILENO, environment)});
  const int exit_code = hook.run(command);
  std::fflush(nullptr);
  // Destructors take time, those of gRPC longer than a probe. The operating system frees everything at once.
  _exit(exit_code);
}

}  // namespace jackin::client

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "client/hook/arguments.hpp"
#include "client/hook/daemon_calls.hpp"
#include "client/hook/process_state.hpp"
#include "client/terminal/style.hpp"

namespace jackin::client {

/// Exit codes: a failure of `exec` itself or BLOCK; a command that cannot be executed; a missing command. As env(1) and
/// docker(1).
inline constexpr int exit_own_failure = 125;
inline constexpr int exit_cannot_run = 126;
inline constexpr int exit_not_found = 127;

/// The commands of jackin-hook; jackinctl has `exec` and `env` too. Each returns the exit code of the process. `exec`
/// does not return when it succeeds.
class Hook {
 public:
  using Connect = std::function<Result<std::unique_ptr<DaemonCalls>>()>;

  /// Takes the state in which the hook was started; `environment_block` is `environ`. `say` prints messages to stderr,
  /// in the given style. All must outlive the hook.
  struct Context {
    const Environment& environment;
    char* const* environment_block;
    const InheritedState& inherited;
    Connect connect;
    std::function<void(const std::string&)> say;
    OutputStyle output;
  };
  explicit Hook(Context context) : context_(std::move(context)) {}

  int run(const HookCommand& command);

 private:
  int probe(const ProbeCommand& command);
  int exec(const ExecCommand& command);
  int env(const EnvCommand& command);

  /// The named scope, else the default one; `says` whether a line about the default is printed.
  Result<Scope> scope_of(const NamedScope& named, DaemonCalls& daemon, bool says);
  Result<LaunchPlan> prepare(v1::PrepareRequest request, const NamedScope& named, bool says);
  Result<> become(const ExecCommand& command, const std::string& program, LaunchPlan plan);
  void say(const Error& error);
  void show_banner(const LaunchPlan& plan);

  Context context_;
  std::unique_ptr<DaemonCalls> daemon_;  // of a probe; a member, so that `probe` does not destroy it before the exit
};

/// Connects with the environment of the process. The environment outlives the calls.
using ConnectFrom = Result<std::unique_ptr<DaemonCalls>> (*)(const Environment& environment);

/// Runs `command` with the environment, the stderr and the daemon of this process, and ends the process. `inherited` is
/// the result of `harden_client`; the process has opened no descriptor since.
[[noreturn]] void run_and_exit(const HookCommand& command, InheritedState inherited, ConnectFrom connect);

}  // namespace jackin::client

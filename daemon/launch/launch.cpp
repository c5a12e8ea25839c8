// SPDX-License-Identifier: Apache-2.0
#include "daemon/launch/launch.hpp"

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <exception>
#include <utility>

#include "common/claude.hpp"
#include "common/untrusted_text.hpp"
#include "daemon/async/within.hpp"
#include "daemon/launch/onboarding.hpp"

namespace jackin::launch {
namespace {

// The longest time that a launch waits for its record to reach the disk.
constexpr auto record_limit = std::chrono::milliseconds(200);
// The pause between two attempts to write a refused record.
constexpr auto retry_pause = std::chrono::minutes(1);

// Removed in every mode: an inherited token belongs to another scope, and the launcher sets its own variables again.
// `token_descriptor_variable` names the descriptor with the token (`--via fd`).
const std::vector<std::string>& never_inherited() {
  static const std::vector<std::string> names{std::string(token_variable), std::string(token_descriptor_variable)};
  return names;
}

std::vector<std::string> warnings_about(const std::vector<std::string>& present) {
  std::vector<std::string> warnings;
  for (const auto& name : present) {
    if (is_stronger_variable(name)) warnings.push_back(name + " is set; claude prefers it to the token");
  }
  return warnings;
}

#ifdef __APPLE__
constexpr std::string_view no_login_warning =
    "claude's login is not passed on: this machine has no credentials file (claude keeps its login in the "
    "Keychain, \"Claude Code-credentials\", where only claude may read it)";
#else
constexpr std::string_view no_login_warning = "claude's login is not passed on: this machine has no credentials file";
#endif

}  // namespace

/// The attempt to write the records that the disk refused.
struct Launch::Retry {
  asio::cancellation_signal stop;
  bool runs = false;
  int writing = 0;  ///< How many attempts are under way.
};

Launch::Launch(Dependencies deps) : deps_(deps), retry_(std::make_shared<Retry>()) {}

Launch::~Launch() {
  retry_->stop.emit(asio::cancellation_type::terminal);
}

Task<LaunchPlan> Launch::prepare(LaunchRequest request) {
  LaunchPlan plan;
  plan.unset = never_inherited();
  auto read = co_await deps_.configuration.effective(request.scope, config::Configuration::patient);
  // A launch without a readable configuration would not know its mode or token.
  if (!read && read.error().reason == Reason::timed_out) co_return failure(std::move(read).error());
  CO_TRY(plan.answer, deps_.health.answer_for(request.scope, read));
  if (!read) {
    plan.banner = banner_for(plan.answer);
    co_return plan;
  }
  const config::EffectiveAuth auth = *std::move(read);

  plan.token_variable = auth.variable;
  for (const auto& oddity : auth.oddities) {
    if (oddity.at_launch) plan.warnings.push_back(oddity.message);
  }
  if (auth.mode == AuthMode::oauth_token) {
    for (auto& warning : warnings_about(request.credentials_present)) plan.warnings.push_back(std::move(warning));
    if (!deps_.configuration.last_read().knows_role(request.scope)) {
      plan.warnings.push_back("no role '" + printable(request.scope.role_name()) + "' in " +
                              printable(deps_.configuration.file_of(request.scope).string()) +
                              " or config.toml; the token of '" + printable(request.scope.workspace_name()) +
                              "' is used");
    }
    if (auth.source && request.with_token) {
      const auto* const variable = std::get_if<secrets::ClientEnvSource>(&*auth.source);
      if (variable != nullptr && (!request.variable || request.variable->name != variable->name)) {
        plan.needs_variable = variable->name;
        co_return plan;
      }
      CO_TRY(co_await resolve(request, auth, plan));
    }
  }
  if (plan.answer.decision != Decision::block) {
    co_await add_onboarding(auth, plan);
  }
  plan.banner = banner_for(plan.answer);
  co_return plan;
}

// A launch asks the source itself, also when the last answer was a block: the cause may be fixed.
Task<> Launch::resolve(const LaunchRequest& request, const config::EffectiveAuth& auth, LaunchPlan& plan) {
  auto resolved = co_await deps_.health.resolve_for_launch(request.scope, request.client, request.variable);
  auto read = deps_.configuration.last_read().effective(request.scope);
  // A file that stopped answering changes nothing for this launch.
  if (!read && read.error().reason == Reason::timed_out) read = auth;
  CO_TRY(auto answer, deps_.health.answer_for(request.scope, read));
  plan.answer = std::move(answer);
  // The record only says that the source must not be used; the error has the remedy.
  if (!resolved && plan.answer.verdict == Verdict::denied) plan.answer.remedy = resolved.error().remedy;
  if (plan.answer.decision == Decision::block) co_return Result<>();
  // A launch needs the token, whatever the earlier answer was.
  if (!resolved) co_return failure(std::move(resolved).error());

  state::HandoutRecord handout;
  handout.scope = request.scope;
  handout.fingerprint = resolved->fingerprint;
  handout.pid = request.process.pid;
  handout.start_time = request.process.start_time;
  handout.command = printable(request.command, 100);
  handout.at = deps_.clock.now();
  // Records the hand-out before it returns the token: a rotation must be able to name every process that has it. A
  // record that stays in memory, because the disk refuses it or does not answer, neither fails nor delays a launch.
  deps_.database.keep_handout(handout);
  const auto recorded = co_await async::within(deps_.clock, record_limit, write(deps_, retry_));
  if (!recorded || !*recorded) {
    plan.warnings.push_back("the record of this launch is not yet written to disk: " +
                            (recorded ? recorded->error().message : "the state database does not answer"));
    const auto executor = co_await asio::this_coro::executor;
    write_later(executor);
  }
  plan.token = std::move(resolved->token);
  co_return Result<>();
}

Task<> Launch::write(Dependencies deps, std::shared_ptr<Retry> retry) {
  // Each further attempt would occupy another thread.
  if (retry->runs && retry->writing > 0) co_return failure(Reason::busy, "an earlier record is not written yet");
  ++retry->writing;
  auto work = [&database = deps.database] { return database.write_pending_handouts(); };
  auto written = co_await deps.pool.run(std::move(work));
  --retry->writing;
  co_return written;
}

asio::awaitable<void> Launch::write_pending(Dependencies deps, std::shared_ptr<Retry> retry) {
  co_await asio::this_coro::throw_if_cancelled(false);
  Result<> written = failure(Reason::io_failed, "not yet");
  while (!written) {
    const bool waited = co_await deps.clock.wait(retry_pause);
    if (!waited) co_return;
    written = co_await write(deps, retry);
  }
  retry->runs = false;
}

void Launch::write_later(const asio::any_io_executor& executor) {
  if (std::exchange(retry_->runs, true)) return;
  asio::co_spawn(executor, write_pending(deps_, retry_),
                 asio::bind_cancellation_slot(retry_->stop.slot(), [retry = retry_](std::exception_ptr) {}));
}

asio::awaitable<void> Launch::add_onboarding(const config::EffectiveAuth& auth, LaunchPlan& plan) {
  HostLogin login;
  if (auth.mode == AuthMode::sync) {
    const auto place = host_login_place(deps_.paths.home, auth.sync_source_dir);
    const std::string folder = place.credentials.parent_path().string();
    auto work = [place] { return read_host_login(place); };
    auto read = co_await deps_.files.run(folder, std::move(work));
    if (!read && read.error().reason == Reason::timed_out) {
      plan.warnings.push_back("claude's login in " + printable(folder) + " could not be read: " + read.error().message);
    } else if (!read) {
      // The launch continues without the login; files in the folder stay.
      plan.warnings.push_back(read.error().message);
    } else {
      login = *std::move(read);
      if (!login.credentials) plan.warnings.emplace_back(no_login_warning);
    }
  }
  plan.onboarding = onboarding_for(auth.mode, std::move(login));
}

}  // namespace jackin::launch

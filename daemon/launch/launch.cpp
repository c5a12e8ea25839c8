#include "daemon/launch/launch.hpp"

#include <utility>

#include "common/untrusted_text.hpp"
#include "daemon/launch/onboarding.hpp"

namespace jackin::launch {
namespace {

// Whatever the mode: an inherited token is another scope's, and the launcher sets anew what it injects. The second is
// how `--via fd` hands a token over.
const std::vector<std::string>& never_inherited() {
  static const std::vector<std::string> names{"CLAUDE_CODE_OAUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR"};
  return names;
}

// claude takes these before the token (its documentation, "Authentication precedence").
bool beats_the_token(const std::string& name) {
  return name == "ANTHROPIC_API_KEY" || name == "ANTHROPIC_AUTH_TOKEN";
}

std::vector<std::string> warnings_about(const std::vector<std::string>& present) {
  std::vector<std::string> warnings;
  for (const auto& name : present) {
    if (beats_the_token(name)) warnings.push_back(name + " is set; claude prefers it to the token");
  }
  return warnings;
}

#ifdef __APPLE__
constexpr std::string_view no_login_warning =
    "no login of claude is passed on: there is no credentials file on this machine (claude keeps its login in the "
    "Keychain, \"Claude Code-credentials\", where only claude may read it)";
#else
constexpr std::string_view no_login_warning =
    "no login of claude is passed on: there is no credentials file on this machine";
#endif

}  // namespace

Task<LaunchPlan> Launch::prepare(LaunchRequest request) {
  LaunchPlan plan;
  plan.unset = never_inherited();
  CO_TRY(plan.answer, parts_.health.probe(request.scope));
  if (!plan.answer.mode) {
    // The configuration cannot be read: nothing is known that a launch could go by.
    plan.banner = banner_for(plan.answer);
    co_return plan;
  }
  CO_TRY(const auto auth, parts_.configuration.effective(request.scope));

  if (auth.mode == config::AuthMode::oauth_token) {
    plan.warnings = warnings_about(request.credentials_present);
    if (auth.source && request.with_token) {
      CO_TRY(co_await resolve(request, plan));
    }
  }
  if (plan.answer.decision != health::Decision::block) {
    co_await add_onboarding(auth, plan);
  }
  plan.banner = banner_for(plan.answer);
  co_return plan;
}

// A launch looks at the source itself, also when the last answer was a block: what was wrong may have been mended.
Task<> Launch::resolve(const LaunchRequest& request, LaunchPlan& plan) {
  auto resolved = co_await parts_.health.resolve_for_launch(request.scope, request.client);
  CO_TRY(auto answer, parts_.health.probe(request.scope));
  plan.answer = std::move(answer);
  if (plan.answer.decision == health::Decision::block) co_return Result<>();
  // Without a token nothing starts, whatever the answer was before.
  if (!resolved) co_return failure(std::move(resolved).error());

  state::HandoutRecord handout;
  handout.scope = request.scope;
  handout.fingerprint = resolved->fingerprint;
  handout.pid = request.process.pid;
  handout.start_time = request.process.start_time;
  handout.command = printable(request.command, 100);
  handout.at = parts_.clock.now();
  // First the record, then the token: a rotation must be able to name every process that has it.
  auto work = [this, handout] { return parts_.database.add_handout(handout); };
  CO_TRY(co_await parts_.pool.run(std::move(work)));
  plan.token = std::move(resolved->token);
  co_return Result<>();
}

asio::awaitable<void> Launch::add_onboarding(const config::EffectiveAuth& auth, LaunchPlan& plan) {
  HostLogin login;
  if (auth.mode == config::AuthMode::sync) {
    const auto place = host_login_place(parts_.paths.home, auth.sync_source_dir);
    const std::string folder = place.credentials.parent_path().string();
    auto work = [place] { return read_host_login(place); };
    auto read = co_await parts_.files.run(folder, std::move(work));
    if (!read && read.error().reason == Reason::timed_out) {
      plan.warnings.push_back("claude's login in " + printable(folder) +
                              " could not be read: its file system does not answer");
    } else if (!read) {
      // The launch goes on without: what stands in the folder stays.
      plan.warnings.push_back(read.error().message);
    } else {
      login = *std::move(read);
      if (!login.credentials) plan.warnings.emplace_back(no_login_warning);
    }
  }
  plan.onboarding = onboarding_for(auth.mode, std::move(login));
}

}  // namespace jackin::launch

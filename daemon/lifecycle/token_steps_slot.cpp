// SPDX-License-Identifier: Apache-2.0
// The steps that write the slot, or leave the token in its store when that fails.

#include <utility>

#include "common/remedy_command.hpp"
#include "common/untrusted_text.hpp"
#include "common/words.hpp"
#include "daemon/config/configuration.hpp"
#include "daemon/lifecycle/leftover.hpp"
#include "daemon/lifecycle/token_steps.hpp"

namespace jackin::lifecycle {
namespace {

// How long writing the configuration is retried after the token is stored, for example while an editor saves or a lock
// is held.
constexpr std::chrono::seconds config_retry_time{30};
constexpr std::chrono::seconds pause_between_writes{1};

// Errors whose cause may end without an action of the user.
bool may_pass(Reason reason) {
  return reason == Reason::config_locked || reason == Reason::config_invalid || reason == Reason::config_unreadable ||
         reason == Reason::permission_denied || reason == Reason::disk_full || reason == Reason::io_failed;
}

}  // namespace

config::SlotStyle style_for(const Target& target, const Destination& destination,
                            const secrets::CredentialSource& source) {
  return target.style.value_or(destination.style).for_source(source);
}

Task<config::WrittenSlot> TokenSteps::write_config(const Targets& targets, Destination& destination,
                                                   const VerifiedToken& token, const StoredToken& stored) {
  co_await operation_.run_to_the_end();
  auto& detail = operation_.detail;
  const auto file = config::file_of(request_.scope, deps_.paths).lexically_relative(deps_.paths.config_dir);
  // The daemon cannot repeat the user's consent. From here on the stored token stays, configured or not.
  detail.keep = detail.minted && !destination.plain;
  auto announced = co_await operation_.record(Step::write_config);
  operation_.enter(Step::write_config, printable(file.string()));
  co_await explain_style(targets.front(), destination, stored);
  CO_TRY(auto written, co_await write_first(targets, destination, token, stored, std::move(announced)));
  // From here on the user's configuration needs the stored token.
  operation_.keep_stored();
  for (std::size_t i = 1; i < targets.size(); ++i) {
    const auto other = co_await write(targets[i], destination, stored, config::lock_wait);
    if (other) continue;
    // This scope keeps its old token, and the item of that token stays too.
    operation_.user().notice(
        Severity::warning, "'" + printable(targets[i].scope.str()) + "' keeps the old token: " + other.error().message,
        Remedy::rotate(targets[i].scope));
  }
  detail.slots_done = true;
  co_return written;
}

asio::awaitable<void> TokenSteps::explain_style(const Target& target, const Destination& destination,
                                                const StoredToken& stored) {
  const std::string& because_of = destination.style.because_of;
  const auto style = style_for(target, destination, stored.source);
  if (style == config::SlotStyle::bridge && !because_of.empty()) {
    operation_.user().notice(Severity::info, "written in the older form, which " + because_of + " reads", {});
  }
  if (style != config::SlotStyle::external || !target.variable.empty()) co_return;
  if (target.scope.is_global()) {
    const auto affected = co_await workspaces_with_global_entry(deps_);
    std::string names;
    for (const Scope& scope : affected) names += (names.empty() ? "'" : ", '") + printable(scope.str(), 80) + "'";
    if (names.empty()) co_return;
    operation_.user().notice(Severity::warning,
                             "jackin now starts these workspaces only with the variable that a launch sets: " +
                                 cut_text(std::move(names), 1000),
                             {});
    co_return;
  }
  const std::string reason = because_of.empty() ? std::string() : ", since " + because_of + " refuses oauth_token";
  operation_.user().notice(Severity::info, "the source is in jackind-slots.toml" + reason + "; jackin needs a launch",
                           Remedy::of(RemedyAction::launch_jackin, target.scope));
}

// Writes the slot of the first target once the journal has the step, so that no slot is written without it.
Task<config::WrittenSlot> TokenSteps::write_announced(const Targets& targets, const Destination& destination,
                                                      const StoredToken& stored, std::chrono::milliseconds lock_limit,
                                                      Result<>& announced) {
  if (!announced) announced = co_await operation_.record(Step::write_config);
  if (!announced) co_return failure(announced.error());
  co_return co_await write(targets.front(), destination, stored, lock_limit);
}

Task<config::WrittenSlot> TokenSteps::write_first(const Targets& targets, Destination& destination,
                                                  const VerifiedToken& token, const StoredToken& stored,
                                                  Result<> announced) {
  const bool minted = operation_.detail.minted;
  Result<config::WrittenSlot> written;
  if (announced) {
    written = co_await write(targets.front(), destination, stored, config::lock_wait);
  } else {
    written = failure(announced.error());
  }
  if (!written && minted && may_pass(written.error().reason)) {
    operation_.user().notice(Severity::warning,
                             "the configuration cannot be written yet and is tried again for " +
                                 std::to_string(config_retry_time.count()) + " s: " + written.error().message,
                             repeats_request(written.error().remedy) ? Remedy() : written.error().remedy);
    const auto until = deps_.clock.uptime() + config_retry_time;
    while (!written && may_pass(written.error().reason) && deps_.clock.uptime() < until) {
      static_cast<void>(co_await deps_.clock.wait(pause_between_writes));
      written = co_await write_announced(targets, destination, stored, std::chrono::milliseconds(0), announced);
    }
  }
  while (!written) {
    Error error = std::move(written).error();
    // An adopted token stays where it was.
    if (!minted) co_return failure(std::move(error));
    const bool again = co_await ask_to_try_again(targets, destination, token, stored, error);
    if (!again) co_return failure(std::move(error));
    written = co_await write_announced(targets, destination, stored, config::lock_wait, announced);
  }
  co_return written;
}

// Whether writing the configuration is tried again. Otherwise the token stays in its store, and `error` says where it
// is and how to configure it. The operation discards it only when the user chooses that.
asio::awaitable<bool> TokenSteps::ask_to_try_again(const Targets& targets, Destination& destination,
                                                   const VerifiedToken& token, const StoredToken& stored,
                                                   Error& error) {
  const bool plain = destination.plain;
  const std::string command = command_line(configuration_of(request_.scope, operation_.detail));
  const std::string place = plain ? "The token was created" : "The token is stored in " + stored.display;
  const std::string keeping = plain ? "keep the token in a store, without updating the configuration"
                                    : "keep it there; update the configuration later with: " + command;
  Question question{QuestionKind::config_not_written, {}, {}};
  question.text = place + ", but the configuration cannot be written: " + error.message + ". What should jackind do?";
  question.choices.push_back({{ChoiceKind::try_again}, "try again to write the configuration"});
  question.choices.push_back({{ChoiceKind::keep}, keeping});
  question.choices.push_back({{ChoiceKind::give_up}, "give up; the token is deleted here"});
  const auto answer = co_await operation_.ask(question);
  if (answer && answer->kind == ChoiceKind::try_again) co_return true;
  if (answer && answer->kind == ChoiceKind::give_up) {
    operation_.detail.keep = false;
    static_cast<void>(co_await operation_.record(Step::give_up));
  } else {
    co_await keep_in_store_only(targets, destination, token, stored, error);
  }
  co_return false;
}

asio::awaitable<void> TokenSteps::keep_in_store_only(const Targets& targets, Destination& destination,
                                                     const VerifiedToken& token, const StoredToken& stored,
                                                     Error& error) {
  auto& detail = operation_.detail;
  StoredToken kept = stored;
  if (destination.plain) {
    destination.plain = false;
    // A plan can wait for the user as long as storing can.
    const bool is_there = operation_.user().is_there();
    if (!is_there) co_return co_await keep_elsewhere(targets, destination, token, error);
    detail.keep = true;
    auto in_store = co_await plan_and_store(destination, token.token);
    if (!in_store) {
      detail.keep = false;
      co_await operation_.take_back(request_.client);
      error.message += "; and it could not be stored: " + in_store.error().message;
      co_return co_await keep_elsewhere(targets, destination, token, error);
    }
    kept = *std::move(in_store);
  }
  co_await leave_unconfigured(targets, token, kept, error);
}

// The operation ends with the token in its store and in no slot; `error` says where, and how to configure it. If the
// journal refuses the entry, recovery finds the token and keeps it.
asio::awaitable<void> TokenSteps::leave_unconfigured(const Targets& targets, const VerifiedToken& token,
                                                     const StoredToken& kept, Error& error) {
  auto& detail = operation_.detail;
  operation_.keep_unconfigured();
  detail.place = kept.display;
  detail.remedy = configuration_of(request_.scope, detail);
  static_cast<void>(co_await operation_.record(Step::keep));
  // All readers of the place already get the new token.
  if (detail.replaces) co_await record(targets, token);
  error.message +=
      "; the new token is kept, not configured, in " + kept.display + " (" + printable(detail.reference, 500) + ")";
  error.remedy = detail.remedy;
}

Task<config::WrittenSlot> TokenSteps::write(const Target& target, const Destination& destination,
                                            const StoredToken& stored, std::chrono::milliseconds lock_limit) {
  const config::SlotStyle style = style_for(target, destination, stored.source);
  config::SlotChange change{target.scope, config::wanted_keys(style, stored.source, target.variable), target.before,
                            target.create_for};
  auto work = [&paths = deps_.paths, change = std::move(change), lock_limit] {
    return config::write_slot(paths, change, lock_limit);
  };
  co_return co_await deps_.writers.run(std::move(work));
}

}  // namespace jackin::lifecycle

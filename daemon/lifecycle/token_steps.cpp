// SPDX-License-Identifier: Apache-2.0
#include "daemon/lifecycle/token_steps.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <variant>

#include "common/claude.hpp"
#include "common/remedy_command.hpp"
#include "common/untrusted_text.hpp"
#include "common/words.hpp"
#include "daemon/config/configuration.hpp"
#include "daemon/config/settings.hpp"
#include "daemon/health/health.hpp"
#include "daemon/lifecycle/leftover.hpp"
#include "daemon/lifecycle/usage.hpp"
#include "daemon/mint/mint.hpp"

namespace jackin::lifecycle {
namespace {

// The assumed lifetime of a token of `setup-token` when claude does not report one (claude's help: "1 year").
constexpr std::chrono::days estimated_lifetime{365};

// How long writing the configuration is retried after the token is stored, for example while an editor saves or a lock
// is held.
constexpr std::chrono::seconds config_retry_time{30};
constexpr std::chrono::seconds pause_between_writes{1};

// How long storing the token is retried when no client can ask the user. The pause is longer, because each attempt may
// start a program.
constexpr std::chrono::seconds store_retry_time{30};
constexpr std::chrono::seconds pause_between_stores{5};

// Whether another attempt without the user may wait for the user's approval, for longer than a daemon may take to end.
bool may_wait_for_user(Reason reason) {
  return reason == Reason::timed_out || reason == Reason::store_unavailable;
}

// Errors whose cause may end without an action of the user.
bool may_pass(Reason reason) {
  return reason == Reason::config_locked || reason == Reason::config_invalid || reason == Reason::config_unreadable ||
         reason == Reason::permission_denied || reason == Reason::disk_full || reason == Reason::io_failed;
}

}  // namespace

Error before_any_change(Error error) {
  if (error.reason == Reason::cancelled) error.message = "cancelled; nothing was changed";
  return error;
}

Task<> TokenSteps::expect_writable(const Targets& targets) {
  for (const Target& target : targets) {
    auto look = [&paths = deps_.paths, scope = target.scope] { return config::expect_writable(paths, scope); };
    CO_TRY(co_await deps_.writers.run(std::move(look)));
  }
  co_return Result<>();
}

// `token` is null until the token exists.
secrets::PlaceRequest TokenSteps::place_request(const Destination& destination, const secrets::Store& store,
                                                const NewToken* token) const {
  secrets::PlaceRequest wanted;
  wanted.scope = request_.scope;
  wanted.operation_id = operation_.id();
  if (token != nullptr) {
    wanted.expires_on = token->expires_on;
    wanted.claude_version = token->claude_version;
  }
  // The requested vault, item and field apply only to the requested store.
  if (&store == destination.requested_store) {
    wanted.vault = destination.requested.vault;
    wanted.item_name = destination.requested.item_name;
    wanted.field = destination.requested.field;
    wanted.section = destination.requested.section;
    wanted.account = destination.requested.op_account;
  }
  return wanted;
}

Task<> TokenSteps::plan_as_requested(Destination& destination) {
  CO_TRY(const auto choice, co_await choose_store(deps_.stores, destination.requested, deps_.settings.store_default,
                                                  destination.style, request_.client));
  destination.requested_store = choice.store;
  CO_TRY(co_await plan_in(destination, *choice.store, nullptr));
  if (choice.by_default) {
    operation_.user().notice(Severity::info, "the token will be stored in " + destination.planned->place.display,
                             Remedy::change_option(RequestOption::store));
  }
  co_return Result<>();
}

Task<> TokenSteps::plan_in(Destination& destination, secrets::Store& store, const NewToken* token) {
  const secrets::PlaceRequest wanted = place_request(destination, store, token);
  CO_TRY(auto place, co_await store.plan(wanted, request_.client));
  CO_TRY(operation_.hold_item(store.changed_item(place.key)));
  destination.planned = PlannedPlace{&store, std::move(place), false};
  co_return Result<>();
}

Task<> TokenSteps::plan_successor(Destination& destination) {
  const secrets::CredentialSource& old = *destination.successor_of;
  auto* const store = store_for(deps_.stores, old);
  if (store == nullptr) {
    co_return failure(Reason::unsupported, "jackind cannot write to the source of the token: " + secrets::describe(old),
                      Remedy::rotate_into(request_.scope, SourceKind::file));
  }
  co_return co_await plan_beside(destination, *store, nullptr);
}

Task<> TokenSteps::plan_beside(Destination& destination, secrets::Store& store, const NewToken* token) {
  const secrets::PlaceRequest wanted = place_request(destination, store, token);
  CO_TRY(auto place, co_await store.plan_successor(*destination.successor_of, wanted, request_.client));
  CO_TRY(operation_.hold_item(store.changed_item(place.key)));
  const bool is_old_place = place.replaces;
  destination.planned = PlannedPlace{&store, std::move(place), is_old_place};
  if (is_old_place) {
    operation_.user().notice(Severity::info,
                             "the new token replaces the old one in: " + destination.planned->place.display,
                             Remedy::change_option(RequestOption::store));
  }
  co_return Result<>();
}

// Plans another attempt after a failure. In the store of the old token the new token again goes beside the old one or
// in its place. In any other store it gets a new place.
Task<> TokenSteps::plan_again(Destination& destination, secrets::Store& store, const NewToken& token) {
  const auto& old = destination.successor_of;
  const bool is_beside = old && &store == destination.planned->store && store_for(deps_.stores, *old) == &store;
  if (is_beside) co_return co_await plan_beside(destination, store, &token);
  co_return co_await plan_in(destination, store, &token);
}

Task<mint::ClaudeProgram> TokenSteps::locate_claude() {
  CO_TRY(auto claude, co_await mint::locate_claude(deps_.programs, request_.client, request_.claude));
  operation_.enter(Step::program, "claude " + claude.version.str() + "  " + printable(claude.path.string()));
  co_return claude;
}

Task<NewToken> TokenSteps::mint(const mint::ClaudeProgram& claude) {
  CO_TRY(co_await operation_.announce(Step::mint, {}));
  mint::MintRequest wanted;
  wanted.claude = claude;
  wanted.client = request_.client;
  wanted.relay = deps_.relay;
  wanted.socket = deps_.socket ? deps_.socket() : deps_.paths.socket();
  mint::Mint mint(deps_.terminals, deps_.clock, deps_.browser_calls);
  CO_TRY(auto minted, co_await mint.capture(std::move(wanted), operation_.user()));
  NewToken token;
  token.token = std::move(minted.token);
  token.known_shape = minted.known_shape;
  token.expires_on = date_of(deps_.clock.now()) + minted.lifetime.value_or(estimated_lifetime);
  token.is_ours = true;
  token.claude_version = claude.version.str();
  operation_.detail.minted = true;
  operation_.detail.expiry_known = minted.lifetime.has_value();
  operation_.detail.fingerprint = token.token.digest().fingerprint();
  operation_.detail.expires_on = token.expires_on;
  co_await operation_.captured();
  co_return token;
}

Task<VerifiedToken> TokenSteps::verify(const NewToken& token) {
  using Kind = ApiAnswer;
  health::UpstreamAnswer answer;
  const bool asks = request_.verify && deps_.upstream.enabled();
  if (asks) {
    operation_.enter(Step::verify, {});
    answer = co_await deps_.upstream.check(token.token);
    operation_.detail.organization = answer.organization;
  }
  if (answer.kind == Kind::rejected) {
    operation_.mark_rejected();
    co_return failure(Reason::token_rejected, answer.message + "; nothing was changed");
  }
  if (answer.kind != Kind::valid && !token.known_shape) {
    Error doubt{Reason::token_malformed,
                "the token may be incomplete, and the API has not confirmed it: " + shape_problem(token.token.view()) +
                    (asks ? "; " + answer.message : std::string()),
                asks ? Remedy::try_again() : Remedy::drop_option(RequestOption::no_verify)};
    if (!operation_.detail.minted) co_return failure(std::move(doubt));
    VerifiedToken doubtful{token, std::move(answer), std::move(doubt)};
    co_return doubtful;
  }
  if (asks && answer.kind != Kind::valid) {
    operation_.user().notice(Severity::warning, "the token could not be checked: " + answer.message,
                             Remedy::check(request_.scope));
  }
  VerifiedToken verified{token, std::move(answer), std::nullopt};
  co_return verified;
}

Task<StoredToken> TokenSteps::store_and_read_back(const Targets& targets, Destination& destination,
                                                  const VerifiedToken& verified) {
  const NewToken& token = verified.token;
  if (destination.plain) {
    StoredToken stored{secrets::LiteralSource{std::make_shared<const Secret>(token.token.clone())}, {}};
    stored.display = secrets::describe(stored.source);
    operation_.detail.reference = deps_.configuration.reference_of(stored.source);
    operation_.detail.place = stored.display;
    co_return stored;
  }
  for (;;) {
    auto stored = co_await store_once(*destination.planned, token);
    if (stored) co_return stored;
    Error error = std::move(stored).error();
    co_await operation_.take_back(request_.client);
    // If the chosen store cannot plan a place, the user chooses again.
    for (;;) {
      const auto next = co_await ask_for_another_store(destination, error);
      if (!next) {
        // A connected client has already asked its user whether to try again.
        if (!operation_.user().is_there() && !may_wait_for_user(error.reason)) {
          auto again = co_await store_again_for_a_while(destination, token, error);
          if (again) co_return again;
          error = std::move(again).error();
        }
        co_await keep_elsewhere(targets, destination, verified, error);
        co_return failure(std::move(error));
      }
      if (*next == nullptr) co_return failure(std::move(error));
      const auto planned = co_await plan_again(destination, **next, token);
      if (planned) break;
      error = planned.error();
    }
  }
}

// Tries the same store again when no user has seen `error`. Deletes the token that a failed attempt has stored.
Task<StoredToken> TokenSteps::store_again_for_a_while(Destination& destination, const NewToken& token, Error error) {
  secrets::Store& store = *destination.planned->store;
  operation_.user().notice(Severity::warning,
                           "the token is not stored yet, and storing it is tried again for " +
                               std::to_string(store_retry_time.count()) + " s: " + error.message,
                           {});
  const auto until = deps_.clock.uptime() + store_retry_time;
  while (deps_.clock.uptime() < until) {
    static_cast<void>(co_await deps_.clock.wait(pause_between_stores));
    const auto planned = co_await plan_again(destination, store, token);
    if (!planned) {
      error = planned.error();
      continue;
    }
    auto stored = co_await store_once(*destination.planned, token);
    if (stored) co_return stored;
    error = std::move(stored).error();
    co_await operation_.take_back(request_.client);
  }
  co_return failure(std::move(error));
}

// Stores the token in the file store, or in another store that works without the user. No slot names it, because the
// user did not choose this store.
asio::awaitable<void> TokenSteps::keep_elsewhere(const Targets& targets, Destination& destination,
                                                 const VerifiedToken& verified, Error& error) {
  const secrets::Store* const failed = destination.planned ? destination.planned->store : nullptr;
  std::vector<secrets::Store*> others;
  for (auto* store : deps_.stores) {
    // 1Password can wait for an approval for minutes.
    if (store != failed && store->kind() != SourceKind::op) others.push_back(store);
  }
  std::stable_partition(others.begin(), others.end(),
                        [](const secrets::Store* store) { return store->kind() == SourceKind::file; });
  for (auto* store : others) {
    const auto kept = co_await keep_in(*store, destination, verified.token);
    if (kept) {
      co_await leave_unconfigured(targets, verified, *kept, error);
      operation_.user().notice(Severity::warning, "the new token is kept, not configured, in " + kept->display,
                               error.remedy);
      co_return;
    }
    error.message += "; and it could not be kept in " + store->name() + ": " + kept.error().message;
  }
}

// Recovery keeps what this stores, if the daemon is killed. A failed attempt leaves nothing.
Task<StoredToken> TokenSteps::keep_in(secrets::Store& store, Destination& destination, const NewToken& token) {
  CO_TRY(co_await plan_in(destination, store, &token));
  operation_.detail.keep = true;
  auto stored = co_await store_once(*destination.planned, token);
  if (stored) co_return stored;
  operation_.detail.keep = false;
  co_await operation_.take_back(request_.client);
  co_return stored;
}

asio::awaitable<Error> TokenSteps::keep_doubtful(const Targets& targets, Destination& destination,
                                                 const VerifiedToken& verified) {
  Error error = *verified.doubt;
  auto& detail = operation_.detail;
  detail.keep = true;
  if (destination.plain || destination.planned->is_old_place) {
    destination.plain = false;
    destination.successor_of.reset();
    destination.planned.reset();
    const auto planned = co_await plan_as_requested(destination);
    if (!planned) {
      detail.keep = false;
      error.message += "; and no store was chosen: " + planned.error().message;
      co_await keep_elsewhere(targets, destination, verified, error);
      co_return error;
    }
  }
  const auto stored = co_await store_and_read_back(targets, destination, verified);
  if (stored) {
    co_await leave_unconfigured(targets, verified, *stored, error);
    co_return error;
  }
  error.message += "; and storing it fails: " + stored.error().message;
  if (operation_.is_kept()) {
    error.remedy = detail.remedy;
  } else {
    detail.keep = false;
  }
  co_return error;
}

Task<StoredToken> TokenSteps::store_once(PlannedPlace& planned, const NewToken& token) {
  secrets::Store& store = *planned.store;
  secrets::Place& place = planned.place;
  auto& detail = operation_.detail;
  place.request.claude_version = token.claude_version;
  place.request.expires_on = token.expires_on;
  detail.store = store.kind();
  detail.place_key = place.key;
  detail.place = place.display;
  detail.replaces = planned.is_old_place;
  detail.reference.clear();
  operation_.stores_in(store);
  CO_TRY(co_await operation_.announce(Step::store, place.display));
  auto put = co_await store.put(place, token.token, request_.client);
  if (!put) {
    // The token may have been stored anyway: an answer can be lost.
    auto found = co_await store.find_by_operation(operation_.id(), place.key, request_.client);
    operation_.may_have_stored(!found);
    if (!found || !*found) co_return failure(std::move(put).error());
    put = **std::move(found);
  }
  const secrets::StoredItem item = *std::move(put);
  operation_.has_stored(item);
  detail.reference = deps_.configuration.reference_of(item.source);
  const auto* const op = std::get_if<secrets::OpSource>(&item.source);
  detail.account = op == nullptr ? std::string() : op->account;
  CO_TRY(operation_.hold_item(detail.reference));

  // Reading changes nothing, so the step may be missing in the journal. Recovery keeps a token that it finds stored.
  static_cast<void>(co_await operation_.record(Step::read_back));
  operation_.enter(Step::read_back, {});
  CO_TRY(const auto read, co_await store.read_back(item, &token.token, request_.client));
  if (read.digest() != token.token.digest()) {
    co_return failure(Reason::read_back_mismatch,
                      store.name() + " returned a value that differs from the stored token");
  }
  StoredToken stored{item.source, item.display};
  co_return stored;
}

// Null when the user gives up. Errors: cancelled (no answer).
Task<secrets::Store*> TokenSteps::ask_for_another_store(const Destination& destination, const Error& error) {
  secrets::Store* const failed = destination.planned->store;
  const auto others = co_await other_stores(deps_.stores, failed, destination.style, request_.client);
  Question question{QuestionKind::store_failed, {}, {}};
  question.text = "The token was created but not stored: " + error.message + ". Where should jackind store it?";
  question.choices.push_back({{ChoiceKind::try_again, failed->kind()}, "try " + failed->name() + " again"});
  for (const auto* other : others) {
    question.choices.push_back({{ChoiceKind::use_store, other->kind()}, "keep it in " + other->name()});
  }
  question.choices.push_back({{ChoiceKind::give_up}, "give up; the token is lost"});
  CO_TRY(const auto answer, co_await operation_.ask(question));
  if (answer.kind == ChoiceKind::try_again) co_return failed;
  for (auto* other : others) {
    if (answer.kind == ChoiceKind::use_store && answer.store == other->kind()) co_return other;
  }
  co_return nullptr;
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
  const StyleChoice& style = destination.style;
  if (style.style == config::SlotStyle::bridge && !style.because_of.empty()) {
    operation_.user().notice(
        Severity::info,
        "written in the older form, which the installed jackin (" + printable(style.because_of.string()) + ") reads",
        {});
  }
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

Task<StoredToken> TokenSteps::plan_and_store(Destination& destination, const NewToken& token) {
  CO_TRY(co_await plan_as_requested(destination));
  co_return co_await store_once(*destination.planned, token);
}

asio::awaitable<void> TokenSteps::keep_in_store_only(const Targets& targets, Destination& destination,
                                                     const VerifiedToken& token, const StoredToken& stored,
                                                     Error& error) {
  auto& detail = operation_.detail;
  StoredToken kept = stored;
  if (destination.plain) {
    destination.plain = false;
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
  const config::SlotStyle style = target.style.value_or(destination.style.style);
  config::SlotChange change{target.scope, config::wanted_keys(style, stored.source), target.before, target.create_for};
  auto work = [&paths = deps_.paths, change = std::move(change), lock_limit] {
    return config::write_slot(paths, change, lock_limit);
  };
  co_return co_await deps_.writers.run(std::move(work));
}

asio::awaitable<void> TokenSteps::record(const Targets& targets, const VerifiedToken& verified) {
  operation_.enter(Step::record, {});
  const auto& detail = operation_.detail;
  for (const Target& target : targets) {
    const auto layer = co_await deps_.configuration.layer(target.scope);
    const auto* const source = layer ? layer->keys.source() : nullptr;
    std::string reference = source == nullptr ? std::string() : deps_.configuration.reference_of(*source);
    // For a slot that cannot be read now the recorded reference counts.
    if (!layer) {
      const auto known = deps_.health.token_of(target.scope);
      if (known) reference = known->reference;
    }
    // The slot can name the same place in another spelling.
    const bool is_in_place = detail.replaces && !reference.empty() && reference == detail.old_reference;
    if (reference != detail.reference && !is_in_place) continue;
    state::TokenRecord token;
    token.scope = target.scope;
    token.reference = reference;
    token.fingerprint = *detail.fingerprint;
    token.expires_on = verified.token.expires_on;
    token.expiry_estimated = expiry_is_estimated(verified.token);
    token.minted_by_us = verified.token.is_ours;
    token.organization = verified.answer.organization;
    token.recorded_at = deps_.clock.now();
    const auto recorded = co_await deps_.health.record(token, verified.answer);
    if (recorded) continue;
    operation_.user().notice(Severity::warning,
                             "the token is configured, but its expiry is not recorded: " + recorded.error().message,
                             Remedy::check(target.scope));
  }
}

TokenReport TokenSteps::report(const NewToken& token, const StoredToken& stored,
                               const config::WrittenSlot& written) const {
  TokenReport report;
  report.scope = request_.scope;
  report.store = secrets::kind_of(stored.source);
  report.reference = secrets::reference_of(stored.source);
  report.stored_in = stored.display;
  report.fingerprint = *operation_.detail.fingerprint;
  report.expires_on = token.expires_on;
  if (token.expires_on) report.days_left = days_between(date_of(deps_.clock.now()), *token.expires_on);
  report.expiry_estimated = expiry_is_estimated(token);
  report.claude_version = token.claude_version;
  report.slot_file = written.file_name;
  report.slot = written.slot;
  report.created = operation_.detail.minted && !std::holds_alternative<secrets::LiteralSource>(stored.source);
  return report;
}

}  // namespace jackin::lifecycle

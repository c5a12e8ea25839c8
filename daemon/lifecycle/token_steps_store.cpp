// SPDX-License-Identifier: Apache-2.0
// The steps that plan a place for the token and store it there, or elsewhere after a failure.

#include <algorithm>
#include <memory>
#include <utility>
#include <variant>

#include "daemon/config/configuration.hpp"
#include "daemon/config/settings.hpp"
#include "daemon/lifecycle/token_steps.hpp"
#include "daemon/lifecycle/usage.hpp"

namespace jackin::lifecycle {
namespace {

// How long storing the token is retried when no client can ask the user. The pause is longer, because each attempt may
// start a program.
constexpr std::chrono::seconds store_retry_time{30};
constexpr std::chrono::seconds pause_between_stores{5};

// Whether another attempt without the user may wait for the user's approval, for longer than a daemon may take to end.
bool may_wait_for_user(Reason reason) {
  return reason == Reason::timed_out || reason == Reason::store_unavailable;
}

// A longer attempt has waited for the user. What follows until the token is kept must then be short: a daemon that
// shuts down waits for 6 minutes, a store for 5 (`OpCli`, `OsCalls`). A client can stay connected during a shutdown.
constexpr std::chrono::seconds longest_brief_attempt{30};

}  // namespace

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
    const auto began = deps_.clock.uptime();
    auto stored = co_await store_once(*destination.planned, token);
    if (stored) co_return stored;
    const bool has_waited = deps_.clock.uptime() - began > longest_brief_attempt;
    Error error = std::move(stored).error();
    co_await operation_.take_back(request_.client);
    // If the chosen store cannot plan a place, the user chooses again.
    for (;;) {
      const auto next = co_await ask_for_another_store(destination, error);
      if (!next) {
        // A connected client has already asked its user whether to try again.
        if (!operation_.user().is_there() && !has_waited && !may_wait_for_user(error.reason)) {
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
    // The plan has waited for the user.
    if (deps_.clock.uptime() > until) break;
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
    error.message += "; the token could not be stored in " + store->name() + " either: " + kept.error().message;
  }
  co_await operation_.keep_uncertain();
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
    Result<> planned = failure(Reason::cancelled, "the client has disconnected");
    // A plan can wait for the user as long as storing can.
    if (operation_.user().is_there()) planned = co_await plan_as_requested(destination);
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
  const auto began = deps_.clock.uptime();
  const auto has_waited = [&] { return deps_.clock.uptime() - began > longest_brief_attempt; };
  auto put = co_await store.put(place, token.token, request_.client);
  if (!put && has_waited()) {
    // The search can wait as long. Recovery does it later; the token is stored elsewhere first.
    operation_.may_have_stored(true);
    co_return failure(std::move(put).error());
  }
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
  const auto read = co_await store.read_back(item, &token.token, request_.client);
  if (!read) {
    // The deletion can wait as long, and the item may be the only copy. Only this daemon knows an overwritten token, so
    // it restores that one at once.
    if (has_waited() && !planned.is_old_place) operation_.may_have_stored(true);
    co_return failure(read.error());
  }
  if (read->digest() != token.token.digest()) {
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

Task<StoredToken> TokenSteps::plan_and_store(Destination& destination, const NewToken& token) {
  CO_TRY(co_await plan_as_requested(destination));
  co_return co_await store_once(*destination.planned, token);
}

}  // namespace jackin::lifecycle

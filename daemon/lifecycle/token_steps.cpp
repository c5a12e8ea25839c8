// SPDX-License-Identifier: Apache-2.0
#include "daemon/lifecycle/token_steps.hpp"

#include <utility>

#include "common/claude.hpp"
#include "common/remedy.hpp"
#include "common/untrusted_text.hpp"
#include "daemon/config/configuration.hpp"
#include "daemon/config/settings.hpp"
#include "daemon/health/health.hpp"
#include "daemon/lifecycle/discarded_tokens.hpp"
#include "daemon/lifecycle/leftover.hpp"
#include "daemon/mint/mint.hpp"

namespace jackin::lifecycle {
namespace {

// How long tokens of `setup-token` are valid when claude does not report it for the token (its help: "1 year").
constexpr std::chrono::days estimated_lifetime{365};

constexpr std::string_view give_up = "give_up";
constexpr std::string_view try_again = "try_again";
// Clients that cannot ask the user know this key (jackin.v1.Question).
constexpr std::string_view keep_it = "keep";

// How long writing the configuration is retried after the token is stored, for example while an editor saves or a lock
// is held.
constexpr std::chrono::seconds config_retry_time{30};
constexpr std::chrono::seconds pause_between_writes{1};

// Errors that may go away by themselves.
bool may_pass(Reason reason) {
  return reason == Reason::config_locked || reason == Reason::config_invalid || reason == Reason::config_unreadable ||
         reason == Reason::permission_denied || reason == Reason::disk_full || reason == Reason::io_failed;
}

}  // namespace

TokenSteps::TokenSteps(Dependencies& deps, std::string kind, const TokenRequest& request, UserInteraction& user,
                       Operations::Lease& lease)
    : deps_(deps),
      request_(request),
      user_(user),
      lease_(lease),
      journal_(deps.database, deps.pool, deps.clock, deps.paths.config_dir),
      kind_(std::move(kind)),
      journal_id_(lease.operation().id),
      requested_place_(request.place),
      plain_(request.plain) {}

Task<> TokenSteps::begin() {
  CO_TRY(co_await journal_.begin(journal_id_, kind_, request_.scope));
  co_return Result<>();
}

Result<> TokenSteps::take_mint_turn() {
  TRY(mint_turn_, deps_.operations.begin_mint());
  return {};
}

Error before_any_change(Error error) {
  if (error.reason == Reason::cancelled) error.message = "cancelled; nothing was changed";
  return error;
}

Task<> TokenSteps::expect_writable() {
  for (const Target& target : targets_) {
    auto look = [&paths = deps_.paths, scope = target.scope] { return config::expect_writable(paths, scope); };
    CO_TRY(co_await deps_.writers.run(std::move(look)));
  }
  co_return Result<>();
}

Task<> TokenSteps::expect_wanted() {
  const bool ended = co_await async::cancelled_already();
  if (ended) co_return failure(before_any_change({Reason::cancelled, {}, {}}));
  co_return Result<>();
}

void TokenSteps::enter(const std::string& step, const std::string& detail) {
  lease_.enter(step);
  user_.step(step, detail);
}

Task<> TokenSteps::announce(const std::string& step, const std::string& detail) {
  CO_TRY(co_await journal_.enter(journal_id_, step, detail_));
  enter(step, detail);
  co_return Result<>();
}

secrets::PlaceRequest TokenSteps::place_request(const secrets::Store& store) const {
  secrets::PlaceRequest wanted;
  wanted.scope = request_.scope;
  wanted.operation_id = journal_id_;
  wanted.expires_on = expires_on_;
  wanted.claude_version = claude_.version.str();
  // The user's wishes about the place apply only to the requested store.
  if (&store == requested_store_) {
    wanted.vault = requested_place_.vault;
    wanted.item_name = requested_place_.item_name;
    wanted.field = requested_place_.field;
    wanted.section = requested_place_.section;
    wanted.account = requested_place_.op_account;
  }
  return wanted;
}

Task<> TokenSteps::plan_as_requested() {
  CO_TRY(const auto choice,
         co_await choose_store(deps_.stores, requested_place_, deps_.settings.store_default, style_, request_.client));
  requested_store_ = choice.store;
  CO_TRY(co_await plan_in(*choice.store));
  if (choice.by_default) {
    user_.notice(Severity::info, "the token will be kept in " + place_.display + "; --store names another", {});
  }
  co_return Result<>();
}

Task<> TokenSteps::plan_in(secrets::Store& store) {
  const secrets::PlaceRequest wanted = place_request(store);
  CO_TRY(place_, co_await store.plan(wanted, request_.client));
  CO_TRY(hold(store.changed_item(place_.key)));
  store_ = &store;
  is_in_place_ = false;
  co_return Result<>();
}

Result<> TokenSteps::hold(const std::string& item) {
  if (item.empty()) return {};
  return lease_.hold_item(item);
}

Task<> TokenSteps::locate_claude() {
  CO_TRY(claude_, co_await mint::locate_claude(deps_.programs, request_.client, request_.claude));
  enter("program", "claude " + claude_.version.str() + "  " + printable(claude_.path.string()));
  place_.request.claude_version = claude_.version.str();
  co_return Result<>();
}

Task<> TokenSteps::mint() {
  CO_TRY(co_await announce("mint", {}));
  mint::MintRequest wanted;
  wanted.claude = claude_;
  wanted.client = request_.client;
  wanted.relay = deps_.relay;
  wanted.socket = deps_.paths.socket();
  mint::Mint mint(deps_.terminals, deps_.clock, deps_.browser_calls);
  CO_TRY(auto minted, co_await mint.capture(std::move(wanted), user_));
  mint_turn_.reset();
  co_await run_to_the_end();
  token_ = std::move(minted.token);
  known_shape_ = minted.known_shape;
  expires_on_ = date_of(deps_.clock.now()) + minted.lifetime.value_or(estimated_lifetime);
  detail_.minted = true;
  detail_.expiry_known = minted.lifetime.has_value();
  detail_.fingerprint = token_.digest().fingerprint();
  detail_.expires_on = expires_on_;
  // For a start after a crash: the token stays valid at Anthropic. If this fails, a store may still accept the token.
  static_cast<void>(co_await journal_.enter(journal_id_, "captured", detail_));
  co_return Result<>();
}

// The user's consent must not be wasted: from here on nothing cancels the operation.
asio::awaitable<void> TokenSteps::run_to_the_end() {
  lease_.mark_captured();
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
}

Task<> TokenSteps::verify() {
  using Kind = health::UpstreamAnswer::Kind;
  const bool asks = request_.verify && deps_.upstream.enabled();
  if (asks) {
    enter("verify", {});
    upstream_ = co_await deps_.upstream.check(token_);
    detail_.organization = upstream_.organization;
  }
  if (upstream_.kind == Kind::rejected) {
    co_return failure(Reason::token_rejected, upstream_.message + "; nothing was changed");
  }
  if (upstream_.kind == Kind::valid) co_return Result<>();
  if (!known_shape_) {
    co_return failure(Reason::token_malformed,
                      "only the API can say whether this is a whole token, and it has not: " +
                          shape_problem(token_.view()) + (asks ? "; " + upstream_.message : std::string()),
                      asks ? "#" : "# without --no-verify");
  }
  if (asks) {
    user_.notice(Severity::warning, "the token could not be checked: " + upstream_.message,
                 "jackinctl doctor " + request_.scope.arguments());
  }
  co_return Result<>();
}

Task<> TokenSteps::keep() {
  if (plain_) {
    source_ = secrets::LiteralSource{std::make_shared<const Secret>(token_.clone())};
    stored_in_ = secrets::describe(*source_);
    detail_.reference = deps_.configuration.reference_of(*source_);
    detail_.place = stored_in_;
    co_return Result<>();
  }
  for (;;) {
    auto kept = co_await store_and_read_back();
    if (kept) co_return kept;
    Error error = std::move(kept).error();
    co_await take_back();
    // A chosen store may fail to find a place: then the user chooses the next one.
    for (;;) {
      const auto next = co_await ask_for_another_store(error);
      if (!next) co_return failure(std::move(error));
      Result<> planned;
      if (*next == store_) {
        planned = co_await plan_again();
      } else {
        planned = co_await plan_in(**next);
      }
      if (planned) break;
      error = std::move(planned).error();
    }
  }
}

Task<> TokenSteps::store_and_read_back() {
  place_.request.expires_on = expires_on_;
  detail_.store = store_->kind();
  detail_.place_key = place_.key;
  detail_.place = place_.display;
  detail_.replaces = is_in_place_;
  detail_.reference.clear();
  CO_TRY(co_await announce("store", place_.display));
  auto put = co_await store_->put(place_, token_, request_.client);
  if (put) {
    stored_ = *std::move(put);
  } else {
    // The token may have been stored anyway: an answer can be lost.
    auto found = co_await store_->find_by_operation(journal_id_, place_.key, request_.client);
    is_stuck_ = !found;
    if (!found || !*found) co_return failure(std::move(put).error());
    stored_ = **std::move(found);
  }
  source_ = stored_->source;
  stored_in_ = stored_->display;
  detail_.reference = deps_.configuration.reference_of(*source_);
  const auto* const op = std::get_if<secrets::OpSource>(&*source_);
  detail_.account = op == nullptr ? std::string() : op->account;
  CO_TRY(lease_.hold_item(detail_.reference));

  CO_TRY(co_await announce("read_back", {}));
  CO_TRY(const auto read, co_await store_->read_back(*stored_, &token_, request_.client));
  if (read.digest() != token_.digest()) {
    co_return failure(Reason::read_back_mismatch, store_->name() + " gave back something else than it was given");
  }
  co_return Result<>();
}

asio::awaitable<void> TokenSteps::take_back() {
  if (stored_) {
    const auto item = *std::exchange(stored_, std::nullopt);
    const auto undone = co_await take_out(*store_, item, place_.key, request_.client);
    is_stuck_ = !undone;
    if (!undone) detail_.remedy = undone.error().remedy;
  } else if (is_stuck_) {
    detail_.remedy = store_->search_command(journal_id_, place_.key);
    if (detail_.remedy.empty()) detail_.remedy = "# when it is deleted there: " + detail_.place;
  }
  detail_.remedy = for_scope(with_command(std::move(detail_.remedy), "jackinctl doctor"), request_.scope);
  source_.reset();
  if (is_stuck_) {
    // When a rotation overwrites the old token, the current content is in use and must not be deleted.
    if (detail_.replaces) detail_.remedy = "jackinctl doctor";
    co_await leave_to_doctor("a token may be left behind in " + detail_.place);
    // The next attempt is an operation of its own in the journal, so that recovery can distinguish the two.
    is_stuck_ = false;
    journal_id_ = new_operation_id();
    lease_.go_on_as(journal_id_);
    detail_.remedy.clear();
    static_cast<void>(co_await begin());
  }
}

asio::awaitable<void> TokenSteps::leave_to_doctor(const std::string& message) {
  user_.notice(Severity::warning, message, detail_.remedy);
  // If the disk refuses these too, the entry stays open, and the next start finds it open.
  static_cast<void>(co_await journal_.enter(journal_id_, "stuck", detail_));
  static_cast<void>(co_await journal_.end(journal_id_, Outcome::stuck));
}

Task<std::string> TokenSteps::ask(const std::string& question, const std::vector<Choice>& choices) {
  lease_.mark_asking(true);
  auto answer = co_await user_.ask(question, choices);
  lease_.mark_asking(false);
  co_return answer;
}

Task<secrets::Store*> TokenSteps::ask_for_another_store(const Error& error) {
  const auto others = co_await other_stores(deps_.stores, store_, style_, request_.client);
  std::vector<Choice> choices;
  choices.push_back({store_->kind(), "try " + store_->name() + " again"});
  for (const auto* other : others) choices.push_back({other->kind(), "keep it in " + other->name()});
  choices.push_back({std::string(give_up), "give up; the token is lost"});
  const std::string question =
      "The token was created but not stored: " + error.message + ". Where should jackind store it?";
  CO_TRY(const auto answer, co_await ask(question, choices));
  if (answer == store_->kind()) co_return store_;
  for (auto* other : others) {
    if (answer == other->kind()) co_return other;
  }
  co_return failure(Reason::cancelled, "no store was chosen");
}

Task<> TokenSteps::write_config() {
  co_await run_to_the_end();
  const auto file = config::file_of(request_.scope, deps_.paths).lexically_relative(deps_.paths.config_dir);
  // The daemon cannot repeat the user's consent. From here on the stored token stays, configured or not.
  detail_.keep = detail_.minted && !plain_;
  if (targets_.front().create_for) detail_.workdir = targets_.front().create_for->string();
  CO_TRY(co_await announce("write_config", printable(file.string())));
  if (style_.style == config::SlotStyle::bridge && !style_.because_of.empty()) {
    user_.notice(
        Severity::info,
        "written in the older form, which the installed jackin (" + printable(style_.because_of.string()) + ") reads",
        {});
  }
  CO_TRY(co_await write_first());
  // From here on the user's configuration needs it: it is not reverted.
  stored_.reset();
  for (std::size_t i = 1; i < targets_.size(); ++i) {
    const auto written = co_await write(targets_[i], config::lock_wait);
    if (written) continue;
    // It keeps its token, and the item that it names stays too.
    user_.notice(Severity::warning,
                 "'" + printable(targets_[i].scope.str()) + "' keeps the old token: " + written.error().message,
                 "jackinctl rotate " + targets_[i].scope.arguments());
  }
  detail_.slots_done = true;
  co_return Result<>();
}

Task<> TokenSteps::write_first() {
  auto written = co_await write(targets_.front(), config::lock_wait);
  if (!written && detail_.minted && may_pass(written.error().reason)) {
    user_.notice(Severity::warning,
                 "the configuration cannot be written yet and is tried again for " +
                     std::to_string(config_retry_time.count()) + " s: " + written.error().message,
                 written.error().remedy.starts_with('#') ? std::string() : written.error().remedy);
    const auto until = deps_.clock.uptime() + config_retry_time;
    while (!written && may_pass(written.error().reason) && deps_.clock.uptime() < until) {
      static_cast<void>(co_await deps_.clock.wait(pause_between_writes));
      written = co_await write(targets_.front(), std::chrono::milliseconds(0));
    }
  }
  while (!written) {
    Error error = std::move(written).error();
    // An adopted token stays where it was.
    if (!detail_.minted) co_return failure(std::move(error));
    const bool again = co_await ask_to_try_again(error);
    if (!again) co_return failure(std::move(error));
    written = co_await write(targets_.front(), config::lock_wait);
  }
  written_ = *std::move(written);
  co_return Result<>();
}

// Whether writing the configuration is tried again. Otherwise the token stays in its store, and `error` says where it
// is and how to configure it. It is discarded only when the user says so.
asio::awaitable<bool> TokenSteps::ask_to_try_again(Error& error) {
  const std::string command = configure_command(request_.scope, detail_);
  std::vector<Choice> choices;
  choices.push_back({std::string(try_again), "try again to write the configuration"});
  choices.push_back({std::string(keep_it), plain_ ? "keep the token in a store, without updating the configuration"
                                                  : "keep it there; update the configuration later with: " + command});
  choices.push_back({std::string(give_up), "give up; the token is deleted here"});
  const std::string place = plain_ ? "The token was created" : "The token is stored in " + stored_in_;
  const std::string question =
      place + ", but the configuration cannot be written: " + error.message + ". What should jackind do?";
  const auto answer = co_await ask(question, choices);
  if (answer && *answer == try_again) co_return true;
  if (answer && *answer == give_up) {
    detail_.keep = false;
    static_cast<void>(co_await journal_.enter(journal_id_, std::string(give_up), detail_));
  } else {
    co_await keep_in_store_only(error);
  }
  co_return false;
}

asio::awaitable<void> TokenSteps::keep_in_store_only(Error& error) {
  if (plain_) {
    plain_ = false;
    detail_.keep = true;
    auto stored = co_await plan_as_requested();
    if (stored) stored = co_await store_and_read_back();
    if (!stored) {
      detail_.keep = false;
      error.message += "; and it could not be stored: " + stored.error().message;
      co_return;
    }
  }
  is_kept_ = true;
  stored_.reset();
  detail_.place = stored_in_;
  detail_.remedy = configure_command(request_.scope, detail_);
  static_cast<void>(co_await journal_.enter(journal_id_, std::string(keep_it), detail_));
  // All readers of the place already get the new token.
  if (detail_.replaces) co_await record();
  error.message +=
      "; the new token is kept, not configured, in " + stored_in_ + " (" + printable(detail_.reference, 500) + ")";
  error.remedy = detail_.remedy;
}

Task<config::WrittenSlot> TokenSteps::write(const Target& target, std::chrono::milliseconds lock_limit) {
  const config::SlotStyle style = target.style.value_or(style_.style);
  config::SlotChange change{target.scope, config::wanted_keys(style, *source_), target.before, target.create_for};
  auto work = [&paths = deps_.paths, change = std::move(change), lock_limit] {
    return config::write_slot(paths, change, lock_limit);
  };
  co_return co_await deps_.writers.run(std::move(work));
}

asio::awaitable<void> TokenSteps::record() {
  enter("record", {});
  for (const Target& target : targets_) {
    // Records only slots that were written: another slot names something else.
    const auto layer = deps_.configuration.layer(target.scope);
    const auto* const source = layer ? layer->keys.source() : nullptr;
    const std::string reference = source == nullptr ? std::string() : deps_.configuration.reference_of(*source);
    // Another spelling can name the same place.
    const bool is_in_place = detail_.replaces && !reference.empty() && reference == detail_.old_reference;
    if (reference != detail_.reference && !is_in_place) continue;
    state::TokenRecord token;
    token.scope = target.scope;
    token.reference = reference;
    token.fingerprint = *detail_.fingerprint;
    token.expires_on = expires_on_;
    token.expiry_estimated = expiry_is_estimated();
    token.minted_by_us = is_ours();
    token.organization = upstream_.organization;
    token.recorded_at = deps_.clock.now();
    const auto recorded = co_await deps_.health.record(token, upstream_);
    if (recorded) continue;
    user_.notice(Severity::warning,
                 "the token is in place, but its expiry is not remembered: " + recorded.error().message,
                 "jackinctl doctor " + target.scope.arguments());
  }
}

TokenReport TokenSteps::report() const {
  TokenReport report;
  report.scope = request_.scope;
  report.store = secrets::kind_of(*source_);
  report.reference = secrets::reference_of(*source_);
  report.stored_in = stored_in_;
  report.fingerprint = *detail_.fingerprint;
  report.expires_on = expires_on_;
  if (expires_on_) report.days_left = days_between(date_of(deps_.clock.now()), *expires_on_);
  report.expiry_estimated = expiry_is_estimated();
  if (detail_.minted) report.claude_version = claude_.version.str();
  report.slot_file = written_.file_name;
  report.slot = written_.slot;
  report.created = detail_.minted && !plain_;
  report.deleted_old = deleted_old_;
  report.old_holders = old_holders_;
  return report;
}

asio::awaitable<void> TokenSteps::close(bool succeeded) {
  // A cancelled operation is closed too.
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  if (succeeded) {
    // If the disk refuses this entry, the next start finds the slot written and closes the entry then.
    if (!is_stuck_) static_cast<void>(co_await journal_.end(journal_id_, Outcome::done));
    if (!taken_up_.empty()) static_cast<void>(co_await journal_.end(taken_up_, Outcome::done));
    co_return;
  }
  if (is_kept_) {
    // If the disk refuses this entry, the next start reaches the same result.
    static_cast<void>(co_await journal_.end(journal_id_, Outcome::kept));
    co_return;
  }
  if (stored_) co_await take_back();
  if (detail_.minted) {
    const bool is_told = co_await tell_discarded();
    // Recovery reports it at the next start.
    if (!is_told) co_return;
  }
  static_cast<void>(co_await journal_.end(journal_id_, Outcome::failed));
}

// Notifies the client; if the client has disconnected, doctor lists the token. False when neither is possible.
asio::awaitable<bool> TokenSteps::tell_discarded() {
  user_.notice(
      Severity::warning,
      std::string("the new token was discarded; at Anthropic it stays valid until you remove it at ") + token_page, {});
  if (user_.is_there() || upstream_.kind == health::UpstreamAnswer::Kind::rejected) co_return true;
  const auto remembered = co_await remember_discarded(deps_, kind_, request_.scope, detail_);
  co_return remembered.has_value();
}

}  // namespace jackin::lifecycle

// SPDX-License-Identifier: Apache-2.0
#include "daemon/lifecycle/token_operation.hpp"

#include <asio/this_coro.hpp>
#include <utility>

#include "common/remedy.hpp"
#include "daemon/health/upstream.hpp"
#include "daemon/lifecycle/discarded_tokens.hpp"
#include "daemon/lifecycle/leftover.hpp"

namespace jackin::lifecycle {

TokenOperation::TokenOperation(Dependencies& deps, OperationKind kind, Operations::Lease lease, UserInteraction& user)
    : Operation(deps, kind, std::move(lease)), deps_(deps), user_(user) {
  this->lease().on_cancel([&user] { return user.cancel_elsewhere(); });
  user.begun(id());
}

void TokenOperation::enter(Step step, const std::string& detail_for_user) {
  Operation::enter(step, detail_for_user);
  user_.step(step, detail_for_user);
}

Task<> TokenOperation::announce(Step step, const std::string& detail_for_user) {
  CO_TRY(co_await record(step));
  enter(step, detail_for_user);
  co_return Result<>();
}

Result<> TokenOperation::take_mint_turn() {
  TRY(mint_turn_, deps_.operations.begin_mint());
  return {};
}

asio::awaitable<void> TokenOperation::captured() {
  mint_turn_.reset();
  co_await run_to_the_end();
  // The mint has reported it to the user.
  Operation::enter(Step::captured);
  // If this fails, a store may still accept the token.
  static_cast<void>(co_await record(Step::captured));
}

Result<> TokenOperation::hold_item(const std::string& item) {
  if (item.empty()) return {};
  return lease().hold_item(item);
}

void TokenOperation::stores_in(secrets::Store& store) {
  store_ = &store;
}

void TokenOperation::has_stored(secrets::StoredItem item) {
  stored_ = std::move(item);
}

void TokenOperation::may_have_stored(bool is_possible) {
  stored_.reset();
  is_stuck_ = is_possible;
}

asio::awaitable<void> TokenOperation::keep_uncertain() {
  for (UncertainEntry& entry : uncertain_) {
    entry.detail.keep = true;
    entry.detail.remedy = Remedy::check();
    const auto recorded = co_await journal().enter(entry.id, Step::stuck, entry.detail);
    if (!recorded) continue;
    is_left_to_recovery_ = true;
    user_.notice(Severity::warning, "the new token is kept if it is found in " + entry.detail.place,
                 entry.detail.remedy);
  }
}

void TokenOperation::keep_unconfigured() {
  is_kept_ = true;
  stored_.reset();
}

asio::awaitable<void> TokenOperation::take_back(const Environment& client) {
  const bool is_uncertain = is_stuck_ && !stored_;
  if (stored_) {
    const auto item = *std::exchange(stored_, std::nullopt);
    const auto undone = co_await undo_storing(*store_, item, detail.place_key, client);
    is_stuck_ = !undone;
    if (!undone) detail.remedy = undone.error().remedy;
  } else if (is_stuck_) {
    detail.remedy = store_->finds(id(), detail.place_key);
    if (detail.remedy.empty()) detail.remedy = Remedy::check().noting("after you delete it there: " + detail.place);
  }
  detail.remedy = for_scope(or_check(std::move(detail.remedy)), scope());
  if (!is_stuck_) co_return;
  // When a rotation overwrites the old token, the current content is in use and must not be deleted.
  if (detail.replaces) detail.remedy = Remedy::check();
  // The token is kept elsewhere, or not at all.
  const bool keeps = std::exchange(detail.keep, false);
  if (is_uncertain) uncertain_.push_back(UncertainEntry{id(), detail});
  co_await report_and_leave_to_doctor("a token may remain in " + detail.place);
  is_stuck_ = false;
  detail.remedy = {};
  detail.keep = keeps;
  static_cast<void>(co_await open_another());
}

asio::awaitable<void> TokenOperation::report_and_leave_to_doctor(const std::string& message) {
  user_.notice(Severity::warning, message, detail.remedy);
  co_await leave_to_doctor();
}

asio::awaitable<void> TokenOperation::end_stuck(const std::string& message) {
  is_stuck_ = true;
  co_await report_and_leave_to_doctor(message);
}

Task<ChoiceKey> TokenOperation::ask(const Question& question) {
  lease().mark_asking(true);
  auto answer = co_await user_.ask(question);
  lease().mark_asking(false);
  co_return answer;
}

void TokenOperation::expect_steps(const TokenRequest& request, bool adopts) {
  std::vector<Step> steps{Step::program, Step::mint, Step::captured};
  if (adopts) steps = {Step::resolve};
  if (request.verify && deps_.upstream.enabled()) steps.push_back(Step::verify);
  if (!adopts && !request.plain) steps.insert(steps.end(), {Step::store, Step::read_back});
  steps.insert(steps.end(), {Step::write_config, Step::record});
  lease().plan(std::move(steps));
}

void TokenOperation::publish(const Result<TokenReport>& report) {
  Operation::publish(report ? &*report : nullptr, report ? nullptr : &report.error());
}

asio::awaitable<void> TokenOperation::close(bool succeeded, const Environment& client) {
  // Closing must also complete in a cancelled operation.
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  if (succeeded) {
    // If the disk refuses this entry, the next start finds the slot written and closes the entry then.
    if (!is_stuck_) co_await end(Outcome::done);
    if (!completed_.empty()) static_cast<void>(co_await journal().end(completed_, Outcome::done));
    co_return;
  }
  if (is_kept_) co_return co_await end(Outcome::kept);
  if (stored_) co_await take_back(client);
  // Otherwise recovery reports it when it does not find the token.
  if (detail.minted && !is_left_to_recovery_) {
    const bool is_reported = co_await report_discarded();
    // Recovery reports it at the next start.
    if (!is_reported) co_return;
  }
  co_await end(Outcome::failed);
}

// Notifies the client; if the client has disconnected, doctor lists the token. False when neither is possible.
asio::awaitable<bool> TokenOperation::report_discarded() {
  user_.notice(
      Severity::warning,
      std::string("the new token was discarded; at Anthropic it stays valid until you remove it at ") + token_page, {});
  if (user_.is_there() || is_rejected_) co_return true;
  const auto remembered = co_await remember_discarded(deps_, kind(), scope(), detail);
  co_return remembered.has_value();
}

}  // namespace jackin::lifecycle

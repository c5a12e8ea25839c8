// SPDX-License-Identifier: Apache-2.0
#include "daemon/lifecycle/operations.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <set>
#include <utility>

#include "common/untrusted_text.hpp"
#include "common/words.hpp"

namespace jackin::lifecycle {

struct Operations::Lease::Entry {
  OperationState operation;
  std::set<Scope> scopes{};
  std::set<std::string> items{};
  std::function<bool()> cancel{};
};

namespace {

// Whether both are the same item, or one is a field of the other.
bool overlap(std::string_view one, std::string_view other) {
  if (one.size() > other.size()) std::swap(one, other);
  if (!other.starts_with(one)) return false;
  return one.size() == other.size() || (one.starts_with("op://") && other[one.size()] == '/');
}

// "setup of my-app has been running since 2026-11-23T15:04:05Z, asked for by a-client (pid 4711)"
Error busy_with(const OperationState& running, const std::string& what) {
  std::string message = what + " is busy: " + std::string(word_of(running.kind)) + " of '" +
                        printable(running.scope.str()) + "' has been running since " +
                        format_moment(running.started_at);
  if (running.asked_by.pid != 0) {
    const std::string command = printable(running.asked_by.command);
    message += ", asked for by " + (command.empty() ? "a process" : command) + " (pid " +
               std::to_string(running.asked_by.pid) + ")";
  }
  return {Reason::busy, std::move(message),
          Remedy::show_daemon().noting("this shows whether it has ended; then try again")};
}

}  // namespace

std::optional<WaitsFor> OperationState::waits_for() const {
  if (result) return std::nullopt;
  if (asks) return WaitsFor::answer;
  if (step == Step::mint && !captured) return WaitsFor::consent;
  const bool is_at_store = step == Step::store || step == Step::read_back || step == Step::resolve ||
                           step == Step::delete_old || step == Step::delete_item || step == Step::copy;
  return is_at_store ? std::optional(WaitsFor::store) : std::nullopt;
}

void OperationState::enter(Step entered, std::string its_detail) {
  step = entered;
  detail = std::move(its_detail);
  const auto at = std::find(plan.begin(), plan.end(), entered);
  if (at != plan.end()) step_number_ = static_cast<std::size_t>(at - plan.begin()) + 1;
}

Operations::Operations() = default;
Operations::~Operations() = default;

Operations::Lease::Lease(Operations& operations, std::list<Entry>::iterator entry)
    : operations_(&operations), entry_(entry) {}

Operations::Lease::Lease(Lease&& other) noexcept
    : operations_(std::exchange(other.operations_, nullptr)), entry_(other.entry_) {}

Operations::Lease::~Lease() {
  if (operations_ != nullptr) operations_->end(entry_);
}

const OperationState& Operations::Lease::operation() const {
  return entry_->operation;
}

void Operations::Lease::plan(std::vector<Step> steps) {
  entry_->operation.plan = std::move(steps);
}

void Operations::Lease::enter(Step step, std::string detail) {
  entry_->operation.enter(step, std::move(detail));
  operations_->publish(entry_->operation);
}

void Operations::Lease::go_on_as(std::string id) {
  entry_->operation.journal_id = std::move(id);
}

void Operations::Lease::mark_captured() {
  entry_->operation.captured = true;
  operations_->publish(entry_->operation);
}

void Operations::Lease::mark_asking(bool asks) {
  entry_->operation.asks = asks;
  operations_->publish(entry_->operation);
}

void Operations::Lease::on_cancel(std::function<bool()> cancel) {
  entry_->cancel = std::move(cancel);
}

void Operations::Lease::set_result(OperationResult result) {
  entry_->operation.result = std::move(result);
}

Result<> Operations::Lease::hold_scope(const Scope& scope) {
  if (entry_->scopes.contains(scope)) return {};
  TRY(operations_->expect_free(scope));
  entry_->scopes.insert(scope);
  return {};
}

Result<> Operations::Lease::hold_item(const std::string& reference) {
  for (auto other = operations_->entries_.begin(); other != operations_->entries_.end(); ++other) {
    const bool is_held = std::any_of(other->items.begin(), other->items.end(),
                                     [&](const std::string& item) { return overlap(item, reference); });
    if (other != entry_ && is_held) {
      return failure(busy_with(other->operation, "the stored item '" + printable(reference) + "'"));
    }
  }
  entry_->items.insert(reference);
  return {};
}

Result<> Operations::expect_free(const Scope& scope) const {
  const auto holder = std::find_if(entries_.begin(), entries_.end(),
                                   [&](const Lease::Entry& entry) { return entry.scopes.contains(scope); });
  if (holder == entries_.end()) return {};
  return failure(busy_with(holder->operation, "'" + printable(scope.str()) + "'"));
}

Result<Operations::Lease> Operations::begin(std::string id, OperationKind kind, const Scope& scope, Moment now,
                                            ProcessIdentity asked_by) {
  if (refused_) return failure(*refused_);
  TRY(expect_free(scope));
  Lease::Entry entry;
  entry.operation.journal_id = id;
  entry.operation.id = std::move(id);
  entry.operation.kind = kind;
  entry.operation.scope = scope;
  entry.scopes.insert(scope);
  entry.operation.started_at = now;
  entry.operation.asked_by = std::move(asked_by);
  const auto at = entries_.insert(entries_.end(), std::move(entry));
  publish(at->operation);
  return Lease(*this, at);
}

void Operations::end(std::list<Lease::Entry>::iterator entry) {
  OperationState ended = std::move(entry->operation);
  entries_.erase(entry);
  if (ended.result) {
    ended_.push_back(ended);
    if (ended_.size() > most_recent) ended_.pop_front();
  } else {
    // It did nothing, or the daemon ends.
    ended.result = OperationResult{Outcome::failed, std::nullopt, std::nullopt, ended.started_at};
  }
  publish(ended);
}

void Operations::publish(const OperationState& operation) const {
  // A listener may remove itself while it is called.
  const std::list<Listener> listeners = *listeners_;
  for (const auto& listener : listeners) listener(operation);
}

Operations::Handle Operations::watch(Listener listener) {
  const std::weak_ptr<std::list<Listener>> weak = listeners_;
  const auto at = listeners_->insert(listeners_->end(), std::move(listener));
  return {nullptr, [weak, at](void*) {
            if (const auto listeners = weak.lock()) listeners->erase(at);
          }};
}

Result<> Operations::cancel(const std::string& id) {
  const auto entry =
      std::find_if(entries_.begin(), entries_.end(), [&](const Lease::Entry& one) { return one.operation.id == id; });
  if (entry == entries_.end()) {
    return failure(Reason::unknown_operation, "no operation '" + printable(id, 60) + "' is running",
                   Remedy::of(RemedyAction::list_operations));
  }
  const OperationState& operation = entry->operation;
  const std::string name = std::string(word_of(operation.kind)) + " of '" + printable(operation.scope.str()) + "'";
  const auto too_late = [&name] {
    return failure(Reason::unsupported, "the " + name + " has changed something already and runs to its end",
                   Remedy::of(RemedyAction::list_operations));
  };
  if (operation.captured) return too_late();
  if (!entry->cancel) return failure(Reason::unsupported, "the " + name + " cannot be cancelled");
  // The function may end the operation.
  const auto cancel = entry->cancel;
  if (!cancel()) return too_late();
  return {};
}

Result<Operations::MintTurn> Operations::begin_mint() {
  if (mints_.use_count() > most_mints) {
    return failure(Reason::busy, std::to_string(most_mints) + " tokens are being created already, which is the limit",
                   Remedy::show_daemon().noting("this shows whether one has ended; then try again"));
  }
  return MintTurn(mints_);
}

void Operations::refuse(Error why) {
  refused_ = std::move(why);
}

std::vector<OperationState> Operations::recent(Moment now) const {
  constexpr auto kept = std::chrono::hours(24);
  std::vector<OperationState> recent;
  for (const auto& operation : ended_) {
    if (now - operation.result->ended_at < kept) recent.push_back(operation);
  }
  return recent;
}

std::vector<OperationState> Operations::running() const {
  std::vector<OperationState> running;
  running.reserve(entries_.size());
  for (const auto& entry : entries_) running.push_back(entry.operation);
  return running;
}

std::string new_operation_id() {
  constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz234567";  // RFC 4648, lower case
  std::array<unsigned char, 16> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  std::string id;
  unsigned buffer = 0;
  unsigned bits = 0;
  for (const unsigned char byte : bytes) {
    buffer = (buffer << 8U) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      id += alphabet[(buffer >> bits) & 31U];
    }
  }
  id += alphabet[(buffer << (5 - bits)) & 31U];
  return id;
}

}  // namespace jackin::lifecycle

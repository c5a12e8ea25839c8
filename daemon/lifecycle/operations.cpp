// SPDX-License-Identifier: Apache-2.0
#include "daemon/lifecycle/operations.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "common/untrusted_text.hpp"
#include "common/words.hpp"

namespace jackin::lifecycle {

struct Operations::Lease::Entry {
  RunningOperation operation;
  std::set<Scope> scopes;
  std::set<std::string> items;
};

namespace {

// Whether both are the same item, or one is a field of the other.
bool overlap(std::string_view one, std::string_view other) {
  if (one.size() > other.size()) std::swap(one, other);
  if (!other.starts_with(one)) return false;
  return one.size() == other.size() || (one.starts_with("op://") && other[one.size()] == '/');
}

// "setup of my-app has been running since 2026-11-23T15:04:05Z, asked for by a-client (pid 4711)"
Error busy_with(const RunningOperation& running, const std::string& what) {
  std::string message = what + " is busy: " + std::string(word_of(running.kind)) + " of '" +
                        printable(running.scope.str()) + "' has been running since " +
                        format_moment(running.started_at);
  if (running.asked_by.pid != 0) {
    const std::string command = printable(running.asked_by.command);
    message += ", asked for by " + (command.empty() ? "a process" : command) + " (pid " +
               std::to_string(running.asked_by.pid) + ")";
  }
  return {Reason::busy, std::move(message), Remedy::show_daemon().noting("shows when it has ended; then try again")};
}

}  // namespace

Operations::Operations() = default;
Operations::~Operations() = default;

Operations::Lease::Lease(Operations& operations, std::list<Entry>::iterator entry)
    : operations_(&operations), entry_(entry) {}

Operations::Lease::Lease(Lease&& other) noexcept
    : operations_(std::exchange(other.operations_, nullptr)), entry_(other.entry_) {}

Operations::Lease::~Lease() {
  if (operations_ != nullptr) operations_->entries_.erase(entry_);
}

const RunningOperation& Operations::Lease::operation() const {
  return entry_->operation;
}

void Operations::Lease::enter(Step step) {
  entry_->operation.step = step;
}

void Operations::Lease::go_on_as(std::string id) {
  entry_->operation.id = std::move(id);
}

void Operations::Lease::mark_captured() {
  entry_->operation.captured = true;
}

void Operations::Lease::mark_asking(bool asks) {
  entry_->operation.asks = asks;
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
  entry.operation.id = std::move(id);
  entry.operation.kind = kind;
  entry.operation.scope = scope;
  entry.scopes.insert(scope);
  entry.operation.started_at = now;
  entry.operation.asked_by = std::move(asked_by);
  return Lease(*this, entries_.insert(entries_.end(), std::move(entry)));
}

Result<Operations::MintTurn> Operations::begin_mint() {
  if (mints_.use_count() > most_mints) {
    return failure(Reason::busy, std::to_string(most_mints) + " tokens are being created already, which is the limit",
                   Remedy::show_daemon().noting("shows when one has ended; then try again"));
  }
  return MintTurn(mints_);
}

void Operations::refuse(Error why) {
  refused_ = std::move(why);
}

std::vector<RunningOperation> Operations::running() const {
  std::vector<RunningOperation> running;
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

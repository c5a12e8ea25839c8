// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/words.hpp"
#include "daemon/secrets/resolver.hpp"
#include "daemon/secrets/store.hpp"

namespace jackin::test {

/// A store in memory that fails when the test requests it. Its sources have the kind that a real store of its kind
/// uses.
class FakeStore final : public secrets::Store {
 public:
  explicit FakeStore(SourceKind kind = SourceKind::file) : kind_(kind) {}

  struct Item {
    Secret token;
    std::string operation_id;
    bool ours = true;
    bool jackins = false;
  };

  secrets::Availability available{true, {}, {}};
  std::optional<Error> plan_fails;
  std::optional<Error> put_fails;        ///< Nothing is stored.
  std::optional<Error> put_fails_after;  ///< The value is stored nevertheless.
  std::optional<Error> read_fails;
  bool reads_another = false;  ///< A read returns another value than the stored one.
  std::optional<Error> remove_fails;
  std::optional<Error> find_fails;
  bool into_existing = false;  ///< The store writes the value into a field of an existing item.
  std::optional<Error> put_back_fails;
  std::chrono::seconds outlives{0};
  std::function<void()> on_plan;  ///< Called when a new place is planned.
  std::function<void()> on_put;   ///< Called when a value is to be stored.
  std::function<void()> on_find;  ///< Called when the store searches for the item of an operation.
  std::string changes;            ///< The item that contains every place.

  std::vector<secrets::PlaceRequest> planned;  ///< Every request, in order.
  std::function<void()> after_put;             ///< Called after a value was stored, before `put` returns.

  /// By the reference of their source.
  const std::map<std::string, Item>& items() const { return items_; }
  /// An item that existed before: of an earlier operation, or of another program.
  secrets::CredentialSource keep(const std::string& name, std::string_view token, bool ours = true);
  void drop(const secrets::CredentialSource& source);
  /// Marks the existing items as created by another program.
  void mark_foreign(const std::string& reference) { items_.at(reference).ours = false; }
  /// Marks the existing item as created by jackin for each workspace.
  void mark_jackins(const std::string& reference) { items_.at(reference).jackins = true; }
  int put_count() const { return put_count_; }

  SourceKind kind() const override { return kind_; }
  std::string name() const override { return "Fake " + std::string(word_of(kind_)); }
  asio::awaitable<secrets::Availability> availability(const Environment& client) override;
  Task<secrets::Place> plan(const secrets::PlaceRequest& request, const Environment& client) override;
  Task<secrets::StoredItem> put(const secrets::Place& place, const Secret& token, const Environment& client) override;
  Task<Secret> read_back(const secrets::StoredItem& item, const Secret* expected, const Environment& client) override;
  Task<std::optional<secrets::StoredItem>> find_by_operation(const std::string& operation_id,
                                                             const std::string& place_key,
                                                             const Environment& client) override;
  std::string changed_item(const std::string&) const override { return changes; }
  asio::awaitable<std::chrono::seconds> outlives_daemon(const Environment&) override { co_return outlives; }
  Task<bool> is_ours(const secrets::CredentialSource& source, const Environment& client) override;
  Task<bool> is_jackins(const secrets::CredentialSource& source, const Scope& scope,
                        const Environment& client) override;
  bool holds(const secrets::CredentialSource& source) const override;
  Task<secrets::CredentialSource> canonical(const secrets::CredentialSource& named, const Environment& client) override;
  Task<secrets::Place> plan_successor(const secrets::CredentialSource& current, const secrets::PlaceRequest& request,
                                      const Environment& client) override;
  Task<bool> remove(const secrets::CredentialSource& source, secrets::Removal removal,
                    const Environment& client) override;
  Task<> put_back(const secrets::StoredItem& item, const std::string& place_key, const Environment& client) override;

 private:
  secrets::StoredItem item_at(const std::string& name) const;
  bool is_foreign(const std::string& name) const;

  SourceKind kind_;
  std::map<std::string, Item> items_;
  std::map<std::string, std::string> names_;  // of the items that existed before, by reference
  std::map<std::string, Secret> before_;      // the overwritten values, by name
  int put_count_ = 0;
};

/// Resolves every kind of source: the values in the FakeStores, and the values that the test sets for a reference.
class FakeResolver final : public secrets::SourceResolver {
 public:
  explicit FakeResolver(std::vector<FakeStore*> stores = {}) : stores_(std::move(stores)) {}

  /// Sets the value that the source with that reference returns from now on.
  void give(const std::string& reference, std::string_view secret);
  void fail(const std::string& reference, Error error);
  /// Every requested reference, in order.
  std::vector<std::string> asked;

  bool serves(const secrets::CredentialSource&) const override { return true; }
  bool prompts = false;                                  ///< Every source may prompt the user.
  std::optional<Date> expires_on;                        ///< The expiry that the store reports for every item.
  std::function<asio::awaitable<void>()> before_answer;  ///< Awaited by each resolving.

  bool may_prompt(const secrets::CredentialSource&) const override { return prompts; }
  /// The complete environment of the client.
  Task<secrets::Inputs> inputs(const secrets::CredentialSource&, const secrets::ResolveContext& context) override {
    co_return secrets::inputs_of({}, context.client);
  }
  std::function<Result<>()>
      quick_checked;  ///< Any thread: the result of a quick check; empty: no quick check is possible.
  secrets::QuickCheck quick_check(const secrets::CredentialSource&) const override { return quick_checked; }
  std::optional<Error> text_is_wrong;  ///< The error that `check` returns for every source.
  Result<> check(const secrets::CredentialSource&) const override {
    if (text_is_wrong) return failure(*text_is_wrong);
    return {};
  }
  Task<std::optional<secrets::RecordedExpiry>> expiry(const secrets::CredentialSource&, Fingerprint,
                                                      const secrets::ResolveContext&) override {
    co_return expires_on ? std::optional(secrets::RecordedExpiry{*expires_on, false}) : std::nullopt;
  }
  Task<Secret> resolve(const secrets::CredentialSource& source, const secrets::ResolveContext& context) override;

 private:
  std::vector<FakeStore*> stores_;
  std::map<std::string, Secret> secrets_;
  std::map<std::string, Error> failures_;
};

/// A token of the known shape, made from `seed`; never a real one.
std::string token_like(char seed);

}  // namespace jackin::test

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/secrets/os_items.hpp"
#include "tests/integration/faults/file_fixture.hpp"

namespace jackin::faults {

/// An item of the operating system's store, read without the daemon.
struct StoredOsItem {
  secrets::OsStoreSource name;
  std::string operation;  ///< The id of the operation that made it; empty: jackind did not.
  std::string value;
  std::string rest;  ///< The rest of the item, in one form.
};

/// The operating system's store of any kind. Every call by jackind (OsItems) is a point of the operation, "store add"
/// and the like.
class OsFixture : public FileFixture {
 public:
  void make(Sandbox& sandbox, std::string_view adoptable) override;
  std::shared_ptr<void> add_stores(StoreSetup& setup) override;
  std::vector<StoredItem> stored_items(const Sandbox& sandbox) const override;
  bool uses(const Sandbox& sandbox, const secrets::CredentialSource& source,
            const StoredItem& stored_item) const override;
  std::optional<std::string> value(const Sandbox& sandbox, const secrets::CredentialSource& source) const override;
  std::string without(const Sandbox& sandbox, const StoredItem& stored_item,
                      const secrets::CredentialSource& source) const override;
  std::string adoptable() const override;
  std::vector<CallFault> faults_of(const std::string& call) const override;

  /// jackind's journal and files are the same in every fixture: those for files and for 1Password cover every write to
  /// them.
  bool looks_at(const Point& point) const override;

 protected:
  /// The store itself, for a daemon in that home.
  virtual std::unique_ptr<secrets::OsItems> items_for(StoreSetup& setup) = 0;
  /// Called after the daemon that used the store has ended.
  virtual void was_used() const {}
  virtual std::vector<StoredOsItem> kept(const Sandbox& sandbox) const = 0;
  /// Records that the store contains exactly these items, which jackind did not make.
  virtual void store_by_hand(const Sandbox& sandbox, const std::vector<StoredOsItem>& items) = 0;
  /// The additional faults of this store, beside those of every store.
  virtual std::vector<CallFault> own_faults_of(const std::string& call) const = 0;
};

}  // namespace jackin::faults

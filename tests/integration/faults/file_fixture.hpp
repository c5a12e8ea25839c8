// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "tests/integration/faults/store_fixture.hpp"

namespace jackin::faults {

/// Files only; every other fixture has its store in addition.
class FileFixture : public StoreFixture {
 public:
  SourceKind kind() const override { return SourceKind::file; }
  void make(Sandbox& sandbox, std::string_view adoptable) override;
  std::shared_ptr<void> add_stores(StoreSetup&) override { return nullptr; }
  std::vector<StoredItem> stored_items(const Sandbox& sandbox) const override;
  bool uses(const Sandbox& sandbox, const secrets::CredentialSource& source,
            const StoredItem& stored_item) const override;
  std::optional<std::string> value(const Sandbox& sandbox, const secrets::CredentialSource& source) const override;
  std::string without(const Sandbox& sandbox, const StoredItem& stored_item,
                      const secrets::CredentialSource& source) const override;
  bool is_store(const std::filesystem::path& below_home) const override;
  std::string adoptable() const override { return "file:~/mine/token"; }
  std::vector<CallFault> faults_of(const std::string&) const override { return {}; }
  void set_fault(const Sandbox&, const CallFault*) override {}
};

}  // namespace jackin::faults

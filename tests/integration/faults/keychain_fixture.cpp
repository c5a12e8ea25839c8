// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <cstdlib>

#include "daemon/secrets/keychain_store.hpp"
#include "tests/fakes/security_framework/fake_keychain.hpp"
#include "tests/fakes/security_framework/fake_keychain_file.hpp"
#include "tests/integration/faults/os_fixture.hpp"

namespace jackin::faults {

namespace {

using secrets::OsItems;
using test::FakeKeychain;

constexpr const char* keychain_file = ".fake-keychain.json";
constexpr std::string_view our_mark = "jackin:";

std::filesystem::path keychain_of(const Sandbox& sandbox) {
  return sandbox.home / keychain_file;
}

class KeychainFixture final : public OsFixture {
 public:
  SourceKind kind() const override { return SourceKind::keychain; }

  bool is_store(const std::filesystem::path& below_home) const override {
    return below_home == keychain_file || OsFixture::is_store(below_home);
  }

  void set_fault(const Sandbox&, const CallFault* fault) override {
    auto& keychain = FakeKeychain::instance();
    keychain.failing.clear();
    keychain.failing_after.clear();
    keychain.lying.clear();
    keychain.gives_null = false;
    if (fault == nullptr) return;
    const std::string how = fault->how;
    const auto in = [&how](std::string_view kind) { return how.substr(kind.size()); };
    if (how == "locks") keychain.locked = true;
    if (how == "gives null") keychain.gives_null = true;
    if (how == "has no keychain") keychain.has_default = false;
    if (how.starts_with("lies in ")) keychain.lying.insert(in("lies in "));
    if (how.starts_with("fails after ")) keychain.failing_after[in("fails after ")] = errSecNotAvailable;
    if (how.starts_with("refuses ")) keychain.failing[in("refuses ")] = errSecAuthFailed;
    if (how.starts_with("cannot ask in ")) keychain.failing[in("cannot ask in ")] = errSecInteractionNotAllowed;
    if (how.starts_with("is full in ")) keychain.failing[in("is full in ")] = errSecDiskFull;
  }

 protected:
  std::unique_ptr<OsItems> items_for(StoreSetup& setup) override {
    auto& keychain = FakeKeychain::instance();
    keychain.reset();
    keychain.user = [] { return errSecUserCanceled; };
    test::keep_keychain_in(keychain_of(setup.sandbox));
    return secrets::keychain();
  }

  // Ends the process when the stand-in for the framework has found a misuse.
  void was_used() const override {
    const auto& keychain = FakeKeychain::instance();
    for (const auto& fault : keychain.faults) std::fprintf(stderr, "Security.framework: %s\n", fault.c_str());
    if (!keychain.interaction_allowed) std::fprintf(stderr, "Security.framework: its dialogs stayed switched off\n");
    if (!keychain.faults.empty() || keychain.objects_left() > 0 || !keychain.interaction_allowed) std::abort();
  }

  std::vector<StoredOsItem> kept(const Sandbox& sandbox) const override {
    std::vector<StoredOsItem> found;
    for (const auto& item : test::keychain_items_in(keychain_of(sandbox))) {
      StoredOsItem kept{{item.service, item.account}, {}, item.value, {}};
      if (item.generic.starts_with(our_mark)) kept.operation = item.generic.substr(our_mark.size());
      for (const auto& text : {item.label, item.comment, item.generic, item.keychain, std::to_string(item.creator)}) {
        kept.rest += text + "|";
      }
      found.push_back(std::move(kept));
    }
    return found;
  }

  void store_by_hand(const Sandbox& sandbox, const std::vector<StoredOsItem>& items) override {
    std::vector<FakeKeychain::Item> made;
    for (const auto& item : items) {
      FakeKeychain::Item one;
      one.service = item.name.service;
      one.account = item.name.account;
      one.label = "kept by hand";
      one.value = item.value;
      made.push_back(std::move(one));
    }
    test::write_keychain(keychain_of(sandbox), made);
  }

  std::vector<CallFault> own_faults_of(const std::string& call) const override {
    std::vector<CallFault> faults{{"KeychainLocksFromThenOn", "locks", true},
                                  {"KeychainGoneFromThenOn", "has no keychain", true}};
    std::string function = "SecItemCopyMatching";
    if (call == "store look" || call == "store unlock") function = "SecKeychainCopyDefault";
    if (call == "store add") function = "SecItemAdd";
    if (call == "store replace") function = "SecItemUpdate";
    if (call == "store remove") function = "SecItemDelete";
    faults.push_back({"KeychainRefuses", "refuses " + function});
    faults.push_back({"KeychainCannotAsk", "cannot ask in " + function});
    if (function == "SecItemCopyMatching") {
      faults.push_back({"KeychainGivesNull", "gives null"});
    } else if (function != "SecKeychainCopyDefault") {
      faults.push_back({"KeychainLies", "lies in " + function});
      faults.push_back({"KeychainFailsAfterTheDeed", "fails after " + function});
      faults.push_back({"KeychainIsFull", "is full in " + function});
    }
    return faults;
  }
};

}  // namespace

std::unique_ptr<StoreFixture> keychain_fixture() {
  return std::make_unique<KeychainFixture>();
}

}  // namespace jackin::faults

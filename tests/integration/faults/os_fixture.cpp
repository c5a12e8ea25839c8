// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/faults/os_fixture.hpp"

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "daemon/secrets/os_calls.hpp"
#include "daemon/secrets/os_store.hpp"
#include "tests/support/fake_clock.hpp"

namespace jackin::faults {

namespace {

using secrets::NewOsItem;
using secrets::OsCall;
using secrets::OsItem;
using secrets::OsItems;
using secrets::OsStoreSource;

constexpr const char* users_service = "mine";
constexpr const char* adoptable_account = "adopt";

// For `CallFault::how`; the fixture handles every other value.
constexpr const char* unreachable = "unreachable";
constexpr const char* fails_after = "fails after";
constexpr const char* lies = "lies";
constexpr const char* another = "another value";
constexpr const char* no_value = "no value";

void wait_for(secrets::Interrupt& interrupt) {
  std::mutex mutex;
  std::condition_variable changed;
  bool woken = false;
  const secrets::Interrupt::Watch watch(interrupt, [&] {
    const std::lock_guard lock(mutex);
    woken = true;
    changed.notify_all();
  });
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return woken; });
}

// The store, with a point before and a point after every call.
class WatchedItems final : public OsItems {
 public:
  WatchedItems(StoreFixture& fixture, StoreSetup& setup, test::FakeClock& limits, std::unique_ptr<OsItems> real)
      : fixture_(fixture),
        sandbox_(setup.sandbox),
        on_daemons_thread_(setup.on_daemons_thread),
        running_(setup.running),
        limits_(limits),
        real_(std::move(real)) {}

  SourceKind kind() const override { return real_->kind(); }
  bool is_known_open() const override { return real_->is_known_open(); }
  Environment deciding(const Environment& client) const override { return real_->deciding(client); }

  Result<bool> is_usable(const OsCall& call) override {
    return at_point(call, "look", [&] { return real_->is_usable(call); });
  }
  Result<> unlock(const OsCall& call) override {
    return at_point(call, "unlock", [&] { return real_->unlock(call); });
  }
  Result<std::optional<OsItem>> find(const OsCall& call, const OsStoreSource& name) override {
    return at_point(call, "find", [&] { return real_->find(call, name); });
  }
  Result<Secret> read(const OsCall& call, const OsStoreSource& name) override {
    return at_point(call, has_written_ ? "read back" : "read", [&] { return real_->read(call, name); });
  }
  Result<> add(const OsCall& call, const NewOsItem& item, const Secret& value) override {
    has_written_ = true;
    return at_point(call, "add", [&] { return real_->add(call, item, value); });
  }
  Result<> replace(const OsCall& call, const OsStoreSource& name, const Secret& value) override {
    has_written_ = true;
    return at_point(call, "replace", [&] { return real_->replace(call, name, value); });
  }
  Result<bool> remove(const OsCall& call, const OsStoreSource& name) override {
    return at_point(call, "remove", [&] { return real_->remove(call, name); });
  }
  Result<bool> was_made_by(const OsCall& call, const std::string& operation) override {
    return at_point(call, "search", [&] { return real_->was_made_by(call, operation); });
  }

 private:
  static tl::unexpected<Error> no_answer() {
    return failure(Reason::source_unreachable, "the store gives no answer", Remedy::try_again());
  }

  // A call that reports success without having done its work.
  template <typename Answer>
  static Answer claimed(const std::string& how) {
    if constexpr (std::is_same_v<Answer, Result<>>) {
      if (how == lies) return {};
    }
    if constexpr (std::is_same_v<Answer, Result<Secret>>) {
      if (how == another) return Secret::copy_of("another program's value");
      if (how == no_value) return Secret();
    }
    return no_answer();
  }

  template <typename Work>
  std::invoke_result_t<Work> at_point(const OsCall& call, const std::string& name, Work work) {
    using Answer = std::invoke_result_t<Work>;
    if (!FaultInjector::current().runs()) return work();
    ++running_;
    const std::string label = "store " + name;
    const auto fault = before(label);
    Answer answer = no_answer();
    if (fault && fault->without_the_call) {
      answer = claimed<Answer>(fault->how);
    } else if (!is_unreachable_) {
      answer = work();
    }
    if (fault && fault->how == fails_after)
      answer = failure(Reason::store_failed, "the store failed", Remedy::try_again());
    if (fault && !fault->lasting) fixture_.set_fault(sandbox_, nullptr);
    if (fault && fault->too_slow) {
      on_daemons_thread_([&] { limits_.advance(secrets::OsCalls::attended_limit); });
      wait_for(call.interrupt);
      answer = no_answer();
    }
    on_daemons_thread_([&] { FaultInjector::current().reach(Point::Kind::after_call, label); });
    --running_;
    return answer;
  }

  std::optional<CallFault> before(const std::string& label) {
    FaultInjector& injector = FaultInjector::current();
    bool injected = false;
    on_daemons_thread_([&] { injected = injector.reach(Point::Kind::before_call, label); });
    if (!injected || injector.fault().kind != Fault::Kind::call) return std::nullopt;
    for (auto& fault : fixture_.faults_of(label)) {
      if (fault.name != injector.fault().call_fault) continue;
      if (fault.lasting && fault.how == unreachable) is_unreachable_ = true;
      fixture_.set_fault(sandbox_, &fault);
      return std::move(fault);
    }
    throw std::logic_error("no such fault of " + label + ": " + injector.fault().call_fault);
  }

  StoreFixture& fixture_;
  Sandbox& sandbox_;
  std::function<void(const std::function<void()>&)> on_daemons_thread_;
  std::atomic<int>& running_;
  test::FakeClock& limits_;
  std::unique_ptr<OsItems> real_;
  std::atomic<bool> has_written_{false};
  std::atomic<bool> is_unreachable_{false};
};

// The limits of calls have a clock of their own, since the calls take real time.
struct Furniture {
  test::FakeClock limits;
  std::unique_ptr<OsItems> items;
  secrets::OsCalls calls{limits};
};

}  // namespace

void OsFixture::make(Sandbox& sandbox, std::string_view adoptable) {
  FileFixture::make(sandbox, adoptable);
  // A token of the user, another item of the user, and an item that only has a name like jackind's.
  store_by_hand(sandbox, {{{users_service, adoptable_account}, {}, std::string(adoptable), {}},
                          {{users_service, "other"}, {}, "not yours", {}},
                          {{"jackin", "my-app"}, {}, "not yours either", {}}});
}

std::shared_ptr<void> OsFixture::add_stores(StoreSetup& setup) {
  const std::shared_ptr<Furniture> furniture(new Furniture, [this](const Furniture* used) {
    delete used;
    was_used();
  });
  furniture->items = std::make_unique<WatchedItems>(*this, setup, furniture->limits, items_for(setup));
  setup.stores.push_back(secrets::os_store(*furniture->items, furniture->calls, setup.attended));
  setup.resolvers.push_back(secrets::os_resolver(*furniture->items, furniture->calls));
  return furniture;
}

std::vector<StoredItem> OsFixture::stored_items(const Sandbox& sandbox) const {
  std::vector<StoredItem> found = FileFixture::stored_items(sandbox);
  for (const auto& item : kept(sandbox)) {
    found.push_back({item.name.service + "/" + item.name.account, item.operation, item.rest + "\n" + item.value});
  }
  std::sort(found.begin(), found.end(), [](const StoredItem& a, const StoredItem& b) { return a.id < b.id; });
  return found;
}

bool OsFixture::uses(const Sandbox& sandbox, const secrets::CredentialSource& source,
                     const StoredItem& stored_item) const {
  const auto* const name = std::get_if<OsStoreSource>(&source);
  if (name == nullptr) return FileFixture::uses(sandbox, source, stored_item);
  return name->service + "/" + name->account == stored_item.id;
}

std::optional<std::string> OsFixture::value(const Sandbox& sandbox, const secrets::CredentialSource& source) const {
  const auto* const name = std::get_if<OsStoreSource>(&source);
  if (name == nullptr) return FileFixture::value(sandbox, source);
  for (auto& item : kept(sandbox)) {
    if (item.name == *name) return std::move(item.value);
  }
  return std::nullopt;
}

std::string OsFixture::without(const Sandbox& sandbox, const StoredItem& stored_item,
                               const secrets::CredentialSource& source) const {
  if (!std::holds_alternative<OsStoreSource>(source)) return FileFixture::without(sandbox, stored_item, source);
  return uses(sandbox, source, stored_item) ? stored_item.bytes.substr(0, stored_item.bytes.rfind('\n'))
                                            : stored_item.bytes;
}

std::string OsFixture::adoptable() const {
  return std::string("os-store:") + users_service + "/" + adoptable_account;
}

std::vector<CallFault> OsFixture::faults_of(const std::string& call) const {
  if (!call.starts_with("store ")) return {};
  std::vector<CallFault> faults{{"StoreHangs", unreachable, false, true, true},
                                {"StoreFails", unreachable, false, true},
                                {"StoreFailsFromThenOn", unreachable, true, true}};
  if (call == "store add" || call == "store replace") faults.push_back({"StoreLiesThatItDid", lies, false, true});
  if (call == "store add" || call == "store replace" || call == "store remove") {
    faults.push_back({"StoreFailsAfterTheDeed", fails_after});
    faults.push_back({"StoreHangsAfterTheDeed", {}, false, false, true});
  }
  if (call == "store read back") {
    faults.push_back({"StoreSaysAnother", another, false, true});
    faults.push_back({"StoreSaysEmptyValue", no_value, false, true});
  }
  for (auto& fault : own_faults_of(call)) faults.push_back(std::move(fault));
  return faults;
}

bool OsFixture::looks_at(const Point& point) const {
  return point.kind != Point::Kind::disk || point.label.find(".toml") != point.label.npos;
}

}  // namespace jackin::faults

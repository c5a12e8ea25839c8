// SPDX-License-Identifier: Apache-2.0
#include "daemon/secrets/keychain_store.hpp"

#include <Security/Security.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/remedy.hpp"
#include "common/untrusted_text.hpp"
#include "daemon/secrets/cf_ref.hpp"
#include "daemon/secrets/keychain_status.hpp"

// The functions for file-based keychains are deprecated without a successor (Apple, TN3137).
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

// Exported by every version of the framework, but not declared by every version of its headers.
extern "C" OSStatus SecKeychainSetUserInteractionAllowed(Boolean state);
extern "C" OSStatus SecKeychainGetUserInteractionAllowed(Boolean* state);

namespace jackin::secrets {
namespace {

constexpr std::string_view our_mark = "jackin:";
constexpr std::string_view our_service = "jackin";
// Four characters that name the program that created an item (SecItem.h, kSecAttrCreator).
constexpr SInt32 our_creator = ('j' << 24) | ('k' << 16) | ('n' << 8) | 'd';
constexpr auto turn_limit = std::chrono::milliseconds(500);

// A dictionary under construction. It retains its values.
class Dictionary {
 public:
  Dictionary()
      : ref_(CFDictionaryCreateMutable(kCFAllocatorDefault, 0, &kCFTypeDictionaryKeyCallBacks,
                                       &kCFTypeDictionaryValueCallBacks)) {}

  void set(CFStringRef key, CFTypeRef value) { CFDictionarySetValue(ref_.get(), key, value); }
  /// False when `text` is not UTF-8.
  bool set_text(CFStringRef key, std::string_view text) {
    const auto string = cf_string(text);
    if (!string) return false;
    set(key, string.get());
    return true;
  }

  CFDictionaryRef get() const { return ref_.get(); }

 private:
  CfRef<CFMutableDictionaryRef> ref_;
};

// Core Foundation makes no copy of the bytes. `secret` must outlive the result.
CfRef<CFDataRef> data_at(const Secret& secret) {
  return CfRef<CFDataRef>(CFDataCreateWithBytesNoCopy(kCFAllocatorDefault,
                                                      reinterpret_cast<const UInt8*>(secret.view().data()),
                                                      static_cast<CFIndex>(secret.size()), kCFAllocatorNull));
}

// Exclusive use of the Keychain, with or without its dialogs.
class Turn {
 public:
  // The switch for dialogs is one per process, so the lock is too.
  static Result<Turn> take(const OsCall& call) {
    static std::timed_mutex in_use;
    std::unique_lock<std::timed_mutex> lock(in_use, std::defer_lock);
    if (call.attended) {
      lock.lock();
    } else if (!lock.try_lock_for(turn_limit)) {
      return failure(Reason::source_unreachable, "the Keychain is showing a dialog",
                     Remedy::try_again("when the dialog is answered"));
    }
    return Turn(std::move(lock), call.attended);
  }
  Turn(Turn&& other) noexcept = default;
  Turn& operator=(Turn&& other) = delete;
  ~Turn() {
    if (lock_.owns_lock() && !attended_) SecKeychainSetUserInteractionAllowed(before_);
  }

 private:
  Turn(std::unique_lock<std::timed_mutex> lock, bool attended) : lock_(std::move(lock)), attended_(attended) {
    if (attended_) return;
    SecKeychainGetUserInteractionAllowed(&before_);
    SecKeychainSetUserInteractionAllowed(0);
  }

  std::unique_lock<std::timed_mutex> lock_;
  bool attended_;
  Boolean before_ = 1;
};

class KeychainItems final : public OsItems {
 public:
  SourceKind kind() const override { return SourceKind::keychain; }
  // The Keychain belongs to the daemon's user for every client.
  Environment deciding(const Environment&) const override { return {}; }

  // Runs beside other calls: it opens no dialog, and must not wait until the user closes one.
  Result<bool> is_usable(const OsCall&) override {
    TRY(is_locked(false));
    return true;
  }

  Result<> unlock(const OsCall& call) override {
    TRY(const auto lock, Turn::take(call));
    return unlock_default(call);
  }

  Result<std::optional<OsItem>> find(const OsCall& call, const OsStoreSource& name) override {
    TRY(const auto lock, Turn::take(call));
    return find_one(call, name);
  }

  Result<Secret> read(const OsCall& call, const OsStoreSource& name) override {
    TRY(const auto lock, Turn::take(call));
    TRY(const auto found, find_one(call, name));
    if (!found) return gone(name);
    TRY(auto query, query_for(call, name));
    query.set(kSecMatchLimit, kSecMatchLimitOne);
    query.set(kSecReturnData, kCFBooleanTrue);
    CfRef<CFTypeRef> result;
    const OSStatus status = SecItemCopyMatching(query.get(), result.out());
    if (status == errSecItemNotFound) return gone(name);
    known_open_ = status == errSecSuccess;
    if (status != errSecSuccess) return failure(error_of_keychain(status, call.attended, false));
    return Secret::copy_of(bytes_of(result.get()));
  }

  Result<> add(const OsCall& call, const NewOsItem& item, const Secret& value) override {
    TRY(const auto lock, Turn::take(call));
    TRY(unlock_default(call));
    TRY(not_interrupted(call));
    TRY(auto attributes, query_for(call, item.name));
    const auto data = data_at(value);
    const std::string mark = std::string(our_mark) + item.operation;
    const CfRef<CFDataRef> generic(CFDataCreate(kCFAllocatorDefault, reinterpret_cast<const UInt8*>(mark.data()),
                                                static_cast<CFIndex>(mark.size())));
    const CfRef<CFNumberRef> creator(CFNumberCreate(kCFAllocatorDefault, kCFNumberSInt32Type, &our_creator));
    const bool is_text =
        attributes.set_text(kSecAttrLabel, item.label) && attributes.set_text(kSecAttrComment, item.notes);
    if (!is_text) return failure(Reason::invalid_argument, "the content of an item must be UTF-8");
    attributes.set(kSecAttrCreator, creator.get());
    attributes.set(kSecAttrGeneric, generic.get());
    attributes.set(kSecValueData, data.get());
    const OSStatus status = SecItemAdd(attributes.get(), nullptr);
    if (status != errSecSuccess) return failure(error_of_keychain(status, call.attended, true));
    return {};
  }

  Result<> replace(const OsCall& call, const OsStoreSource& name, const Secret& value) override {
    TRY(const auto lock, Turn::take(call));
    TRY(const auto found, find_one(call, name));
    if (!found) return gone(name);
    TRY(not_interrupted(call));
    TRY(const auto query, query_for(call, name));
    const auto data = data_at(value);
    Dictionary change;
    change.set(kSecValueData, data.get());
    const OSStatus status = SecItemUpdate(query.get(), change.get());
    if (status == errSecItemNotFound) return gone(name);
    if (status != errSecSuccess) return failure(error_of_keychain(status, call.attended, true));
    return {};
  }

  Result<bool> remove(const OsCall& call, const OsStoreSource& name) override {
    TRY(const auto lock, Turn::take(call));
    TRY(const auto found, find_one(call, name));
    if (!found) return false;
    return delete_one(call, name);
  }

  Result<bool> was_made_by(const OsCall& call, const std::string& operation) override {
    TRY(const auto lock, Turn::take(call));
    Dictionary query = query_for_all(call);
    query.set_text(kSecAttrService, our_service);
    TRY(const auto found, search(call, query));
    std::optional<OsStoreSource> made;
    for (const Found& candidate : found) {
      if (candidate.mark != std::string(our_mark) + operation) continue;
      if (!made) {
        made = candidate.item.name;
      } else if (candidate.item.name != *made) {
        TRY(delete_one(call, candidate.item.name));
      }
    }
    return made.has_value();
  }

  bool is_known_open() const override { return known_open_; }

 private:
  struct Found {
    OsItem item;
    std::string mark;
  };

  static tl::unexpected<Error> gone(const OsStoreSource& name) {
    return failure(Reason::source_gone,
                   "the Keychain has no item with the service '" + printable(name.service) + "' and the account '" +
                       printable(name.account) + "'",
                   Remedy::of(RemedyAction::rotate).noting("or put the item back into your Keychain"));
  }

  static Result<> not_interrupted(const OsCall& call) {
    if (call.interrupt.is_set()) return failure(Reason::cancelled, "cancelled");
    return {};
  }

  // False when it did not exist.
  Result<bool> delete_one(const OsCall& call, const OsStoreSource& name) {
    TRY(not_interrupted(call));
    TRY(const auto query, query_for(call, name));
    const OSStatus status = SecItemDelete(query.get());
    if (status == errSecItemNotFound) return false;
    if (status != errSecSuccess) return failure(error_of_keychain(status, call.attended, true));
    TRY(const auto left, find_one(call, name));
    if (!left) return true;
    return failure(Reason::store_failed, "the Keychain reported the deletion of the item, but the item still exists",
                   Remedy::of_secret(RemedyAction::delete_keychain_item, name.service, name.account));
  }

  // Whether the default keychain is locked. An error when there is none.
  Result<bool> is_locked(bool attended) {
    CfRef<SecKeychainRef> keychain;
    SecKeychainStatus state = 0;
    OSStatus status = SecKeychainCopyDefault(keychain.out());
    if (status == errSecSuccess) status = SecKeychainGetStatus(keychain.get(), &state);
    if (status != errSecSuccess) return failure(error_of_keychain(status, attended, false));
    const bool locked = (state & kSecUnlockStateStatus) == 0;
    known_open_ = !locked;
    return locked;
  }

  Result<> unlock_default(const OsCall& call) {
    TRY(const bool locked, is_locked(call.attended));
    if (!locked) return {};
    if (!call.attended) return failure(error_of_keychain(errSecInteractionNotAllowed, false, false));
    TRY(not_interrupted(call));
    const OSStatus status = SecKeychainUnlock(nullptr, 0, nullptr, 0);
    // There is no item yet for which the user could allow access.
    if (status == errSecAuthFailed) {
      return failure(Reason::source_unreachable, "the Keychain stays locked: wrong password", unlock_keychain());
    }
    if (status != errSecSuccess) return failure(error_of_keychain(status, true, false));
    known_open_ = true;
    return {};
  }

  static Dictionary base_query(const OsCall& call) {
    Dictionary query;
    query.set(kSecClass, kSecClassGenericPassword);
    // The file-based keychains use the process's switch; this attribute is for the others.
    if (!call.attended) query.set(kSecUseAuthenticationUI, kSecUseAuthenticationUIFail);
    return query;
  }

  static Result<Dictionary> query_for(const OsCall& call, const OsStoreSource& name) {
    Dictionary query = base_query(call);
    const bool is_text = query.set_text(kSecAttrService, name.service) && query.set_text(kSecAttrAccount, name.account);
    if (!is_text) return failure(Reason::invalid_argument, "the name of an item must be UTF-8");
    return query;
  }

  static Dictionary query_for_all(const OsCall& call) {
    Dictionary query = base_query(call);
    as_search_for_all(query);
    return query;
  }

  // All attributes and no value: for values the Keychain would show a dialog.
  static void as_search_for_all(Dictionary& query) {
    query.set(kSecMatchLimit, kSecMatchLimitAll);
    query.set(kSecReturnAttributes, kCFBooleanTrue);
  }

  Result<std::vector<Found>> search(const OsCall& call, const Dictionary& query) {
    CfRef<CFTypeRef> result;
    const OSStatus status = SecItemCopyMatching(query.get(), result.out());
    std::vector<Found> found;
    if (status == errSecItemNotFound) {
      // Without any keychain no item is certain to be gone.
      TRY(is_locked(call.attended));
      return found;
    }
    if (status != errSecSuccess) return failure(error_of_keychain(status, call.attended, false));
    if (!result) {
      return failure(Reason::source_unreachable, "the Keychain reported items but returned none", Remedy::try_again());
    }
    // The file-based keychains may return a single result without an array.
    if (CFGetTypeID(result.get()) == CFDictionaryGetTypeID()) {
      found.push_back(described(static_cast<CFDictionaryRef>(result.get())));
    } else if (CFGetTypeID(result.get()) == CFArrayGetTypeID()) {
      const auto* const all = static_cast<CFArrayRef>(result.get());
      for (CFIndex i = 0; i < CFArrayGetCount(all); ++i) {
        const void* const attributes = CFArrayGetValueAtIndex(all, i);
        if (attributes == nullptr || CFGetTypeID(attributes) != CFDictionaryGetTypeID()) continue;
        found.push_back(described(static_cast<CFDictionaryRef>(attributes)));
      }
    }
    return found;
  }

  static Found described(CFDictionaryRef attributes) {
    Found found;
    found.item.name.service = text_of(CFDictionaryGetValue(attributes, kSecAttrService));
    found.item.name.account = text_of(CFDictionaryGetValue(attributes, kSecAttrAccount));
    found.mark = std::string(bytes_of(CFDictionaryGetValue(attributes, kSecAttrGeneric)));
    found.item.ours = found.mark.starts_with(our_mark);
    return found;
  }

  Result<std::optional<OsItem>> find_one(const OsCall& call, const OsStoreSource& name) {
    TRY(auto query, query_for(call, name));
    as_search_for_all(query);
    TRY(auto found, search(call, query));
    if (found.empty()) return std::optional<OsItem>();
    if (found.size() > 1) {
      return failure(Reason::source_invalid,
                     std::to_string(found.size()) + " items in your keychains have the service '" +
                         printable(name.service) + "' and the account '" + printable(name.account) + "'",
                     Remedy::of_secret(RemedyAction::delete_keychain_item, name.service, name.account)
                         .noting("this deletes one of them"));
    }
    found.front().item.name = name;
    return std::optional(std::move(found.front().item));
  }

  std::atomic<bool> known_open_{false};
};

}  // namespace

std::unique_ptr<OsItems> keychain() {
  return std::make_unique<KeychainItems>();
}

#ifdef __APPLE__
std::unique_ptr<OsItems> system_os_items(Environment) {
  return keychain();
}
#endif

}  // namespace jackin::secrets

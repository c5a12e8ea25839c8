// SPDX-License-Identifier: Apache-2.0
#include "tests/fakes/security_framework/fake_keychain.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <mutex>
#include <set>
#include <utility>

using jackin::test::FakeKeychain;

namespace {

enum Type : CFTypeID {
  a_string = 7,
  a_data = 20,
  a_boolean = 21,
  a_number = 22,
  an_array = 19,
  a_dictionary = 18,
  a_keychain = 300
};

}  // namespace

// --- objects ---------------------------------------------------------------------------------------------------------

struct Object {
  explicit Object(Type type_) : type(type_) {}
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;
  virtual ~Object() = default;

  Type type;
  int references = 1;
  bool is_immortal = false;
};

struct __CFString : Object {
  explicit __CFString(std::string text_) : Object(a_string), text(std::move(text_)) {}
  std::string text;
};
struct __CFData : Object {
  __CFData() : Object(a_data) {}
  std::string own;
  const UInt8* bytes = nullptr;
  CFIndex size = 0;
};
struct __CFBoolean : Object {
  __CFBoolean() : Object(a_boolean) {}
};
struct __CFNumber : Object {
  explicit __CFNumber(SInt32 value_) : Object(a_number), value(value_) {}
  SInt32 value;
};
struct __CFArray : Object {
  __CFArray() : Object(an_array) {}
  ~__CFArray() override {
    for (const auto* value : values) CFRelease(value);
  }
  std::vector<const Object*> values;
};
struct __CFDictionary : Object {
  __CFDictionary() : Object(a_dictionary) {}
  ~__CFDictionary() override {
    for (const auto& [key, value] : values) {
      CFRelease(key);
      CFRelease(value);
    }
  }
  std::vector<std::pair<const __CFString*, const Object*>> values;
};
struct __SecKeychain : Object {
  __SecKeychain() : Object(a_keychain) {}
};
struct __CFAllocator {};

namespace {

std::recursive_mutex mutex;

// Every object that still has a reference.
std::set<const void*>& living() {
  static std::set<const void*> all;
  return all;
}

void fault(std::string what) {
  FakeKeychain::instance().faults.push_back(std::move(what));
}

template <typename T, typename... Arguments>
T* made(Arguments&&... arguments) {
  const std::lock_guard lock(mutex);
  auto* const object = new T(std::forward<Arguments>(arguments)...);
  living().insert(static_cast<Object*>(object));
  return object;
}

// Returns the referenced object. Returns null and records a fault when it has no references left or is of another type.
template <typename T>
T* checked(CFTypeRef reference, const char* function) {
  const std::lock_guard lock(mutex);
  if (reference == nullptr || !living().contains(reference)) {
    fault(std::string(function) + (reference == nullptr ? ": null" : ": an object that is gone"));
    return nullptr;
  }
  auto* const object = const_cast<T*>(dynamic_cast<const T*>(static_cast<const Object*>(reference)));
  if (object == nullptr) fault(std::string(function) + ": an object of another type");
  return object;
}

const Object* retained(const Object* object) {
  const std::lock_guard lock(mutex);
  if (!object->is_immortal) ++const_cast<Object*>(object)->references;
  return object;
}

CFStringRef constant(const char* text) {
  auto* const string = made<__CFString>(text);
  string->is_immortal = true;
  return string;
}
CFBooleanRef constant_boolean() {
  auto* const value = made<__CFBoolean>();
  value->is_immortal = true;
  return value;
}

bool is_utf8(const UInt8* bytes, CFIndex size) {
  for (CFIndex i = 0; i < size;) {
    const UInt8 first = bytes[i++];
    const int more = first < 0x80                    ? 0
                     : first >= 0xc2 && first < 0xe0 ? 1
                     : first >= 0xe0 && first < 0xf0 ? 2
                     : first >= 0xf0 && first < 0xf5 ? 3
                                                     : -1;
    if (more < 0 || i + more > size) return false;
    for (int j = 0; j < more; ++j) {
      if ((bytes[i++] & 0xc0) != 0x80) return false;
    }
  }
  return true;
}

}  // namespace

const CFDictionaryKeyCallBacks kCFTypeDictionaryKeyCallBacks{0};
const CFDictionaryValueCallBacks kCFTypeDictionaryValueCallBacks{0};
const CFAllocatorRef kCFAllocatorDefault = nullptr;
static const __CFAllocator null_allocator;
const CFAllocatorRef kCFAllocatorNull = &null_allocator;
const CFBooleanRef kCFBooleanTrue = constant_boolean();
const CFBooleanRef kCFBooleanFalse = constant_boolean();

void CFRelease(CFTypeRef reference) {
  const std::lock_guard lock(mutex);
  auto* const object = checked<Object>(reference, "CFRelease");
  if (object == nullptr || object->is_immortal || --object->references > 0) return;
  living().erase(reference);
  delete object;
}

CFTypeID CFGetTypeID(CFTypeRef reference) {
  const auto* const object = checked<Object>(reference, "CFGetTypeID");
  return object == nullptr ? CFTypeID{0} : CFTypeID{object->type};
}

CFStringRef CFStringCreateWithBytes(CFAllocatorRef, const UInt8* bytes, CFIndex size, CFStringEncoding encoding,
                                    Boolean) {
  if (bytes == nullptr || size < 0 || encoding != kCFStringEncodingUTF8) fault("CFStringCreateWithBytes: bad argument");
  if (!is_utf8(bytes, size)) return nullptr;
  return made<__CFString>(std::string(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)));
}
CFTypeID CFStringGetTypeID() {
  return a_string;
}
CFIndex CFStringGetLength(CFStringRef reference) {
  // In UTF-16 units. Their number never exceeds the number of bytes.
  const auto* const string = checked<__CFString>(reference, "CFStringGetLength");
  if (string == nullptr) return 0;
  return static_cast<CFIndex>(std::count_if(string->text.begin(), string->text.end(),
                                            [](char c) { return (static_cast<UInt8>(c) & 0xc0) != 0x80; }));
}
CFIndex CFStringGetMaximumSizeForEncoding(CFIndex length, CFStringEncoding) {
  return length * 4;
}
Boolean CFStringGetCString(CFStringRef reference, char* buffer, CFIndex size, CFStringEncoding encoding) {
  const auto* const string = checked<__CFString>(reference, "CFStringGetCString");
  if (string == nullptr || encoding != kCFStringEncodingUTF8) return 0;
  if (static_cast<CFIndex>(string->text.size()) + 1 > size) return 0;
  std::memcpy(buffer, string->text.c_str(), string->text.size() + 1);
  return 1;
}

CFDataRef CFDataCreate(CFAllocatorRef, const UInt8* bytes, CFIndex size) {
  auto* const data = made<__CFData>();
  data->own.assign(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  data->bytes = reinterpret_cast<const UInt8*>(data->own.data());
  data->size = size;
  return data;
}
CFDataRef CFDataCreateWithBytesNoCopy(CFAllocatorRef, const UInt8* bytes, CFIndex size, CFAllocatorRef deallocator) {
  if (deallocator != kCFAllocatorNull) fault("CFDataCreateWithBytesNoCopy: would free what is not malloc's");
  auto* const data = made<__CFData>();
  data->bytes = bytes;
  data->size = size;
  return data;
}
CFTypeID CFDataGetTypeID() {
  return a_data;
}
CFIndex CFDataGetLength(CFDataRef reference) {
  const auto* const data = checked<__CFData>(reference, "CFDataGetLength");
  return data == nullptr ? 0 : data->size;
}
const UInt8* CFDataGetBytePtr(CFDataRef reference) {
  const auto* const data = checked<__CFData>(reference, "CFDataGetBytePtr");
  return data == nullptr ? nullptr : data->bytes;
}

CFNumberRef CFNumberCreate(CFAllocatorRef, CFNumberType type, const void* value) {
  if (type != kCFNumberSInt32Type || value == nullptr) {
    fault("CFNumberCreate: bad argument");
    return nullptr;
  }
  return made<__CFNumber>(*static_cast<const SInt32*>(value));
}
CFTypeID CFNumberGetTypeID() {
  return a_number;
}
Boolean CFNumberGetValue(CFNumberRef reference, CFNumberType type, void* value) {
  const auto* const number = checked<__CFNumber>(reference, "CFNumberGetValue");
  if (number == nullptr || type != kCFNumberSInt32Type) return 0;
  *static_cast<SInt32*>(value) = number->value;
  return 1;
}

CFTypeID CFArrayGetTypeID() {
  return an_array;
}
CFIndex CFArrayGetCount(CFArrayRef reference) {
  const auto* const array = checked<__CFArray>(reference, "CFArrayGetCount");
  return array == nullptr ? 0 : static_cast<CFIndex>(array->values.size());
}
const void* CFArrayGetValueAtIndex(CFArrayRef reference, CFIndex index) {
  const auto* const array = checked<__CFArray>(reference, "CFArrayGetValueAtIndex");
  if (array == nullptr || index < 0 || static_cast<std::size_t>(index) >= array->values.size()) {
    fault("CFArrayGetValueAtIndex: out of bounds");
    return nullptr;
  }
  return array->values[static_cast<std::size_t>(index)];
}

CFMutableDictionaryRef CFDictionaryCreateMutable(CFAllocatorRef, CFIndex, const CFDictionaryKeyCallBacks* keys,
                                                 const CFDictionaryValueCallBacks* values) {
  if (keys != &kCFTypeDictionaryKeyCallBacks || values != &kCFTypeDictionaryValueCallBacks) {
    fault("CFDictionaryCreateMutable: would not retain its values");
  }
  return made<__CFDictionary>();
}
CFTypeID CFDictionaryGetTypeID() {
  return a_dictionary;
}
void CFDictionarySetValue(CFMutableDictionaryRef reference, const void* key, const void* value) {
  auto* const dictionary = checked<__CFDictionary>(reference, "CFDictionarySetValue");
  const auto* const name = checked<__CFString>(key, "CFDictionarySetValue");
  const auto* const object = checked<Object>(value, "CFDictionarySetValue");
  if (dictionary == nullptr || name == nullptr || object == nullptr) return;
  retained(object);
  for (auto& [known, old] : dictionary->values) {
    if (known->text != name->text) continue;
    CFRelease(old);
    old = object;
    return;
  }
  retained(name);
  dictionary->values.emplace_back(name, object);
}
const void* CFDictionaryGetValue(CFDictionaryRef reference, const void* key) {
  const auto* const dictionary = checked<__CFDictionary>(reference, "CFDictionaryGetValue");
  const auto* const name = checked<__CFString>(key, "CFDictionaryGetValue");
  if (dictionary == nullptr || name == nullptr) return nullptr;
  for (const auto& [known, value] : dictionary->values) {
    if (known->text == name->text) return value;
  }
  return nullptr;
}

// --- keychains -------------------------------------------------------------------------------------------------------

const CFStringRef kSecClass = constant("class");
const CFStringRef kSecClassGenericPassword = constant("genp");
const CFStringRef kSecAttrService = constant("svce");
const CFStringRef kSecAttrAccount = constant("acct");
const CFStringRef kSecAttrLabel = constant("labl");
const CFStringRef kSecAttrComment = constant("icmt");
const CFStringRef kSecAttrCreator = constant("crtr");
const CFStringRef kSecAttrGeneric = constant("gena");
const CFStringRef kSecValueData = constant("v_Data");
const CFStringRef kSecMatchLimit = constant("m_Limit");
const CFStringRef kSecMatchLimitOne = constant("m_LimitOne");
const CFStringRef kSecMatchLimitAll = constant("m_LimitAll");
const CFStringRef kSecReturnData = constant("r_Data");
const CFStringRef kSecReturnAttributes = constant("r_Attributes");
const CFStringRef kSecUseAuthenticationUI = constant("u_AuthUI");
const CFStringRef kSecUseAuthenticationUIFail = constant("u_AuthUIF");

namespace {

using Item = FakeKeychain::Item;
using Takes = std::map<CFStringRef, Type>;

// Whether the dictionary has a class where it needs one, and otherwise only keys that the function accepts, with values
// of their types.
bool is_well_formed(CFDictionaryRef reference, Takes takes, bool needs_class) {
  const auto* const dictionary = checked<__CFDictionary>(reference, "SecItem…");
  if (dictionary == nullptr) return false;
  if (needs_class) takes.insert({{kSecClass, a_string}, {kSecUseAuthenticationUI, a_string}});
  bool has_class = false;
  for (const auto& [key, value] : dictionary->values) {
    const auto taken = std::find_if(takes.begin(), takes.end(),
                                    [&, name = key](const auto& known) { return known.first->text == name->text; });
    if (taken == takes.end() || taken->second != value->type) return false;
    has_class = has_class || key->text == kSecClass->text;
  }
  return has_class == needs_class;
}

std::optional<std::string> text_in(CFDictionaryRef dictionary, CFStringRef key) {
  const auto* const value = static_cast<const Object*>(CFDictionaryGetValue(dictionary, key));
  if (value == nullptr) return std::nullopt;
  if (const auto* string = dynamic_cast<const __CFString*>(value)) return string->text;
  const auto& data = dynamic_cast<const __CFData&>(*value);
  return std::string(reinterpret_cast<const char*>(data.bytes), static_cast<std::size_t>(data.size));
}

const Takes names{{kSecAttrService, a_string}, {kSecAttrAccount, a_string}};

std::vector<Item*> matching(CFDictionaryRef query) {
  const auto service = text_in(query, kSecAttrService);
  const auto account = text_in(query, kSecAttrAccount);
  std::vector<Item*> found;
  for (auto& item : FakeKeychain::instance().items) {
    if ((!service || *service == item.service) && (!account || *account == item.account)) found.push_back(&item);
  }
  return found;
}

// Prompts the user, if a prompt is possible.
OSStatus ask() {
  auto& keychain = FakeKeychain::instance();
  if (!keychain.has_screen || !keychain.interaction_allowed) return errSecInteractionNotAllowed;
  ++keychain.dialogs;
  return keychain.user ? keychain.user() : errSecUserCanceled;
}

OSStatus unlocked() {
  auto& keychain = FakeKeychain::instance();
  if (!keychain.locked) return errSecSuccess;
  const OSStatus status = ask();
  if (status == errSecSuccess) keychain.locked = false;
  return status;
}

// The prompt of the file-based keychains before a program uses an item that another program made.
OSStatus allowed(const Item& item) {
  if (item.is_accessible) return errSecSuccess;
  const OSStatus status = ask();
  // The status of the file-based keychains when they may not prompt.
  return status == errSecInteractionNotAllowed ? OSStatus{errSecAuthFailed} : status;
}

// Exists from the beginning of a function to its end.
class Visit {
 public:
  explicit Visit(const char* function) : function_(function) {
    const auto& keychain = FakeKeychain::instance();
    if (keychain.before_each) keychain.before_each();
  }
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;
  ~Visit() {
    const auto& keychain = FakeKeychain::instance();
    if (keychain.after_each) keychain.after_each();
  }

  OSStatus failed_at_once() const { return taken_from(FakeKeychain::instance().failing); }
  /// The result of a function that has done its work.
  OSStatus done() const { return taken_from(FakeKeychain::instance().failing_after); }
  bool lies() const { return FakeKeychain::instance().lying.contains(function_); }

 private:
  OSStatus taken_from(std::map<std::string, OSStatus>& scripted) const {
    const auto found = scripted.find(function_);
    return found == scripted.end() ? OSStatus{errSecSuccess} : scripted.extract(found).mapped();
  }

  const char* function_;
};

void put(CFMutableDictionaryRef dictionary, CFStringRef key, const std::string& text, Type type) {
  if (text.empty()) return;
  const auto* const bytes = reinterpret_cast<const UInt8*>(text.data());
  const auto size = static_cast<CFIndex>(text.size());
  const CFTypeRef value = type == a_data ? static_cast<CFTypeRef>(CFDataCreate(nullptr, bytes, size))
                                         : CFStringCreateWithBytes(nullptr, bytes, size, kCFStringEncodingUTF8, 0);
  CFDictionarySetValue(dictionary, key, value);
  CFRelease(value);
}

CFDictionaryRef attributes_of(const Item& item) {
  auto* const made =
      CFDictionaryCreateMutable(nullptr, 0, &kCFTypeDictionaryKeyCallBacks, &kCFTypeDictionaryValueCallBacks);
  CFDictionarySetValue(made, kSecClass, kSecClassGenericPassword);
  put(made, kSecAttrService, item.service, a_string);
  put(made, kSecAttrAccount, item.account, a_string);
  put(made, kSecAttrLabel, item.label, a_string);
  put(made, kSecAttrComment, item.comment, a_string);
  put(made, kSecAttrGeneric, item.generic, a_data);
  if (item.creator != 0) {
    const auto* const creator = CFNumberCreate(nullptr, kCFNumberSInt32Type, &item.creator);
    CFDictionarySetValue(made, kSecAttrCreator, creator);
    CFRelease(creator);
  }
  return made;
}

}  // namespace

OSStatus SecItemCopyMatching(CFDictionaryRef query, CFTypeRef* result) {
  const Visit visit("SecItemCopyMatching");
  Takes takes = names;
  takes.insert({{kSecMatchLimit, a_string}, {kSecReturnData, a_boolean}, {kSecReturnAttributes, a_boolean}});
  if (!is_well_formed(query, takes, true)) return errSecParam;
  const bool all = text_in(query, kSecMatchLimit) == kSecMatchLimitAll->text;
  const bool value = CFDictionaryGetValue(query, kSecReturnData) == kCFBooleanTrue;
  // SecItem.h: "returning data for all matching password items is not supported".
  if (result == nullptr || (all && value)) return errSecParam;
  if (const OSStatus status = visit.failed_at_once(); status != errSecSuccess) return status;
  if (FakeKeychain::instance().gives_null) return errSecSuccess;
  const auto found = matching(query);
  if (found.empty()) return errSecItemNotFound;
  if (value) {
    const Item& item = *found.front();
    if (const OSStatus status = unlocked(); status != errSecSuccess) return status;
    if (const OSStatus status = allowed(item); status != errSecSuccess) return status;
    *result = CFDataCreate(nullptr, reinterpret_cast<const UInt8*>(item.value.data()),
                           static_cast<CFIndex>(item.value.size()));
    return errSecSuccess;
  }
  if (!all || (found.size() == 1 && FakeKeychain::instance().gives_lone_match)) {
    *result = attributes_of(*found.front());
    return errSecSuccess;
  }
  auto* const array = made<__CFArray>();
  for (const auto* item : found) array->values.push_back(attributes_of(*item));
  *result = array;
  return errSecSuccess;
}

OSStatus SecItemAdd(CFDictionaryRef attributes, CFTypeRef*) {
  const Visit visit("SecItemAdd");
  Takes takes = names;
  takes.insert({{kSecAttrLabel, a_string},
                {kSecAttrComment, a_string},
                {kSecAttrCreator, a_number},
                {kSecAttrGeneric, a_data},
                {kSecValueData, a_data}});
  if (!is_well_formed(attributes, takes, true)) return errSecParam;
  if (const OSStatus status = visit.failed_at_once(); status != errSecSuccess) return status;
  auto& keychain = FakeKeychain::instance();
  if (!keychain.has_default) return errSecNoDefaultKeychain;
  if (const OSStatus status = unlocked(); status != errSecSuccess) return status;
  if (!matching(attributes).empty()) return errSecDuplicateItem;
  if (visit.lies()) return errSecSuccess;
  Item item;
  item.service = text_in(attributes, kSecAttrService).value_or("");
  item.account = text_in(attributes, kSecAttrAccount).value_or("");
  item.label = text_in(attributes, kSecAttrLabel).value_or("");
  item.comment = text_in(attributes, kSecAttrComment).value_or("");
  item.generic = text_in(attributes, kSecAttrGeneric).value_or("");
  item.value = text_in(attributes, kSecValueData).value_or("");
  if (const auto* const creator = static_cast<CFNumberRef>(CFDictionaryGetValue(attributes, kSecAttrCreator))) {
    CFNumberGetValue(creator, kCFNumberSInt32Type, &item.creator);
  }
  keychain.items.push_back(std::move(item));
  return visit.done();
}

OSStatus SecItemUpdate(CFDictionaryRef query, CFDictionaryRef change) {
  const Visit visit("SecItemUpdate");
  if (!is_well_formed(query, names, true) || !is_well_formed(change, {{kSecValueData, a_data}}, false)) {
    return errSecParam;
  }
  if (const OSStatus status = visit.failed_at_once(); status != errSecSuccess) return status;
  const auto found = matching(query);
  if (found.empty()) return errSecItemNotFound;
  if (const OSStatus status = unlocked(); status != errSecSuccess) return status;
  for (const auto* item : found) {
    if (const OSStatus status = allowed(*item); status != errSecSuccess) return status;
  }
  if (visit.lies()) return errSecSuccess;
  for (auto* item : found) item->value = text_in(change, kSecValueData).value_or("");
  return visit.done();
}

OSStatus SecItemDelete(CFDictionaryRef query) {
  const Visit visit("SecItemDelete");
  if (!is_well_formed(query, names, true)) return errSecParam;
  if (const OSStatus status = visit.failed_at_once(); status != errSecSuccess) return status;
  const auto found = matching(query);
  if (found.empty()) return errSecItemNotFound;
  if (const OSStatus status = unlocked(); status != errSecSuccess) return status;
  for (const auto* item : found) {
    if (const OSStatus status = allowed(*item); status != errSecSuccess) return status;
  }
  if (visit.lies()) return errSecSuccess;
  std::erase_if(FakeKeychain::instance().items,
                [&](const Item& item) { return std::find(found.begin(), found.end(), &item) != found.end(); });
  return visit.done();
}

OSStatus SecKeychainCopyDefault(SecKeychainRef* keychain) {
  const Visit visit("SecKeychainCopyDefault");
  if (const OSStatus status = visit.failed_at_once(); status != errSecSuccess) return status;
  if (!FakeKeychain::instance().has_default) return errSecNoDefaultKeychain;
  *keychain = made<__SecKeychain>();
  return errSecSuccess;
}

OSStatus SecKeychainGetStatus(SecKeychainRef keychain, SecKeychainStatus* status) {
  const Visit visit("SecKeychainGetStatus");
  if (keychain != nullptr) checked<__SecKeychain>(keychain, "SecKeychainGetStatus");
  *status = kSecReadPermStatus | kSecWritePermStatus;
  if (!FakeKeychain::instance().locked) *status |= kSecUnlockStateStatus;
  return errSecSuccess;
}

OSStatus SecKeychainUnlock(SecKeychainRef, UInt32, const void*, Boolean use_password) {
  const Visit visit("SecKeychainUnlock");
  if (use_password != 0) fault("SecKeychainUnlock: with a password that we do not know");
  if (const OSStatus status = visit.failed_at_once(); status != errSecSuccess) return status;
  return unlocked();
}

extern "C" OSStatus SecKeychainSetUserInteractionAllowed(Boolean state) {
  FakeKeychain::instance().interaction_allowed = state != 0;
  return errSecSuccess;
}
extern "C" OSStatus SecKeychainGetUserInteractionAllowed(Boolean* state) {
  *state = FakeKeychain::instance().interaction_allowed ? 1 : 0;
  return errSecSuccess;
}

CFStringRef SecCopyErrorMessageString(OSStatus status, void* reserved) {
  if (reserved != nullptr) fault("SecCopyErrorMessageString: reserved");
  return status == errSecParam ? made<__CFString>("One or more parameters passed to a function were not valid.")
                               : nullptr;
}

// --- for tests -------------------------------------------------------------------------------------------------------

namespace jackin::test {

FakeKeychain& FakeKeychain::instance() {
  static FakeKeychain keychain;
  return keychain;
}

void FakeKeychain::reset() {
  *this = FakeKeychain();
}

std::size_t FakeKeychain::objects_left() const {
  const std::lock_guard lock(mutex);
  return static_cast<std::size_t>(std::count_if(living().begin(), living().end(), [](const void* object) {
    return !static_cast<const Object*>(object)->is_immortal;
  }));
}

}  // namespace jackin::test

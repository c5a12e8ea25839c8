// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CoreFoundation/CoreFoundation.h>

#include <string>
#include <string_view>
#include <utility>

namespace jackin::secrets {

/// An owning reference to a Core Foundation object: the result of a function with "Create" or "Copy" in its name
/// (Memory Management Programming Guide for Core Foundation, "The Create Rule"). The destructor releases it. Movable,
/// not copyable. May be null.
template <typename Ref>
class CfRef {
 public:
  CfRef() = default;
  explicit CfRef(Ref created) : ref_(created) {}
  CfRef(CfRef&& other) noexcept : ref_(std::exchange(other.ref_, nullptr)) {}
  CfRef& operator=(CfRef&& other) noexcept {
    std::swap(ref_, other.ref_);
    return *this;
  }
  ~CfRef() {
    if (ref_ != nullptr) CFRelease(ref_);
  }

  Ref get() const noexcept { return ref_; }
  explicit operator bool() const noexcept { return ref_ != nullptr; }

  /// For a function that returns an owned object through a pointer. Call it only while this is null.
  Ref* out() noexcept { return &ref_; }

 private:
  Ref ref_ = nullptr;
};

/// Converts text to a Core Foundation string; null when it is not UTF-8.
inline CfRef<CFStringRef> cf_string(std::string_view text) {
  const std::string bytes(text);  // Core Foundation reads a byte at the address even of an empty text
  return CfRef<CFStringRef>(CFStringCreateWithBytes(kCFAllocatorDefault, reinterpret_cast<const UInt8*>(bytes.data()),
                                                    static_cast<CFIndex>(bytes.size()), kCFStringEncodingUTF8, 0));
}

/// The text of a string that the caller keeps; empty for null and for other types.
inline std::string text_of(CFTypeRef value) {
  if (value == nullptr || CFGetTypeID(value) != CFStringGetTypeID()) return {};
  const auto* const string = static_cast<CFStringRef>(value);
  const CFIndex size = CFStringGetMaximumSizeForEncoding(CFStringGetLength(string), kCFStringEncodingUTF8) + 1;
  std::string text(static_cast<std::size_t>(size), '\0');
  if (CFStringGetCString(string, text.data(), size, kCFStringEncodingUTF8) == 0) return {};
  text.resize(text.find('\0'));
  return text;
}

/// The bytes of data that the caller keeps, valid as long as it exists; empty for null and for other types.
inline std::string_view bytes_of(CFTypeRef value) {
  if (value == nullptr || CFGetTypeID(value) != CFDataGetTypeID()) return {};
  const auto* const data = static_cast<CFDataRef>(value);
  return {reinterpret_cast<const char*>(CFDataGetBytePtr(data)), static_cast<std::size_t>(CFDataGetLength(data))};
}

}  // namespace jackin::secrets

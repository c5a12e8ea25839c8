// The part of Apple's Security.framework that jackind calls; see CoreFoundation/CoreFoundation.h. The functions behave
// as described in developer.apple.com/documentation/security; the numbers are from Security/SecBase.h.
#pragma once

#include <CoreFoundation/CoreFoundation.h>

extern "C" {

using SecKeychainRef = struct __SecKeychain*;
using SecKeychainStatus = UInt32;

enum : SecKeychainStatus { kSecUnlockStateStatus = 1, kSecReadPermStatus = 2, kSecWritePermStatus = 4 };

enum : OSStatus {
  errSecSuccess = 0,
  errSecDiskFull = -34,
  errSecParam = -50,
  errSecWrPerm = -61,
  errSecUserCanceled = -128,
  errSecNotAvailable = -25291,
  errSecReadOnly = -25292,
  errSecAuthFailed = -25293,
  errSecNoSuchKeychain = -25294,
  errSecInvalidKeychain = -25295,
  errSecDuplicateItem = -25299,
  errSecItemNotFound = -25300,
  errSecNoDefaultKeychain = -25307,
  errSecInteractionNotAllowed = -25308,
  errSecInteractionRequired = -25315,
  errSecInDarkWake = -25320,
  errSecMissingEntitlement = -34018,
};

extern const CFStringRef kSecClass;
extern const CFStringRef kSecClassGenericPassword;
extern const CFStringRef kSecAttrService;
extern const CFStringRef kSecAttrAccount;
extern const CFStringRef kSecAttrLabel;
extern const CFStringRef kSecAttrComment;
extern const CFStringRef kSecAttrCreator;
extern const CFStringRef kSecAttrGeneric;
extern const CFStringRef kSecValueData;
extern const CFStringRef kSecMatchLimit;
extern const CFStringRef kSecMatchLimitOne;
extern const CFStringRef kSecMatchLimitAll;
extern const CFStringRef kSecReturnData;
extern const CFStringRef kSecReturnAttributes;
extern const CFStringRef kSecUseAuthenticationUI;
extern const CFStringRef kSecUseAuthenticationUIFail;

OSStatus SecItemCopyMatching(CFDictionaryRef query, CFTypeRef* result);
OSStatus SecItemAdd(CFDictionaryRef attributes, CFTypeRef* result);
OSStatus SecItemUpdate(CFDictionaryRef query, CFDictionaryRef attributes_to_update);
OSStatus SecItemDelete(CFDictionaryRef query);

OSStatus SecKeychainCopyDefault(SecKeychainRef* keychain);
OSStatus SecKeychainGetStatus(SecKeychainRef keychain, SecKeychainStatus* status);
OSStatus SecKeychainUnlock(SecKeychainRef keychain, UInt32 password_size, const void* password, Boolean use_password);

CFStringRef SecCopyErrorMessageString(OSStatus status, void* reserved);

}  // extern "C"

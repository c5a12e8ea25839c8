// SPDX-License-Identifier: Apache-2.0
#include "daemon/secrets/keychain_status.hpp"

#include <string>

#include "common/outside_text.hpp"
#include "daemon/secrets/cf_ref.hpp"

namespace jackin::secrets {
namespace {

Remedy allow_it() {
  return Remedy::try_again("after you allow jackind in Keychain Access > the item > Access Control");
}

std::string words_for(OSStatus status) {
  const CfRef<CFStringRef> words(SecCopyErrorMessageString(status, nullptr));
  std::string text = outside_text(text_of(words.get()), {});
  if (!text.empty()) text += " ";
  return text + "(" + std::to_string(status) + ")";
}

}  // namespace

Remedy unlock_keychain() {
  return Remedy::of(RemedyAction::unlock_keychain);
}

Error error_of_keychain(OSStatus status, bool attended, bool writes) {
  switch (status) {
    case errSecUserCanceled:
      return {Reason::source_unreachable, "the Keychain's dialog was dismissed", Remedy::try_again("and answer it")};
    case errSecAuthFailed:
      // The Keychain returns this also when its dialogs are switched off.
      if (!attended) {
        return {Reason::source_unreachable, "the Keychain must prompt you first", allow_it()};
      }
      return {Reason::source_denied, "the Keychain refuses: wrong password, or access denied", allow_it()};
    case errSecInteractionNotAllowed:
    case errSecInteractionRequired:
      return {Reason::source_unreachable,
              attended ? "the Keychain is locked, and cannot ask in this session (as over SSH)"
                       : "the Keychain is locked, or would have to ask the user first",
              unlock_keychain()};
    case errSecInDarkWake:
      return {Reason::source_unreachable, "the Keychain is not available while the machine sleeps",
              Remedy::try_again("after the machine wakes up")};
    case errSecMissingEntitlement:
      return {Reason::source_unreachable,
              "this build of jackind does not have the code signature that the Keychain requires",
              Remedy::try_again("with a jackind that is signed, or with the store 'file'")};
    case errSecNotAvailable:
    case errSecNoDefaultKeychain:
    case errSecNoSuchKeychain:
    case errSecInvalidKeychain:
      return {
          Reason::source_unreachable, "no default keychain: " + words_for(status),
          Remedy::of(RemedyAction::list_keychains)
              .noting("then run security default-keychain -s NAME; Keychain Access creates one: File > New Keychain")};
    case errSecDuplicateItem:
      return {Reason::store_failed, "the Keychain has an item of that name already", Remedy::try_again()};
    case errSecReadOnly:
    case errSecWrPerm:
      return {Reason::store_failed, "the keychain cannot be written: " + words_for(status),
              Remedy::inspect({"~/Library/Keychains"})};
    case errSecDiskFull:
      return {Reason::disk_full, "no space is left for the Keychain",
              Remedy::of_path(RemedyAction::free_space, "~/Library/Keychains")};
    default:
      return {writes ? Reason::store_failed : Reason::source_unreachable, "the Keychain reports: " + words_for(status),
              Remedy::try_again("when Keychain Access can use it")};
  }
}

}  // namespace jackin::secrets

// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <stdio.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

#include "common/os/file_attributes.hpp"

namespace jackin::os {

int rename_without_replacing(int folder, const char* from, const char* to) {
  if (renameat2(folder, from, folder, to, RENAME_NOREPLACE) == 0) return 0;
  // The error of file systems that do not support the flag (renameat2(2)).
  if (errno != EINVAL && errno != ENOSYS) return errno;
  if (linkat(folder, from, folder, to, 0) != 0) return errno;
  unlinkat(folder, from, 0);
  return 0;
}

int sync_to_disk(int descriptor) {
  if (fsync(descriptor) == 0) return 0;
  // Some file systems do not support fsync on folders.
  return errno == EINVAL ? 0 : errno;
}

void carry_attributes(int from, int to, bool access) {
  // The kernel's limits for the list of names and for a value (xattr(7)).
  std::string names(64 * 1024, '\0');
  std::string value(64 * 1024, '\0');
  const ssize_t length = flistxattr(from, names.data(), names.size());
  if (length <= 0) return;
  names.resize(static_cast<std::size_t>(length));
  for (std::size_t at = 0; at < names.size(); at += std::strlen(&names[at]) + 1) {
    const char* name = &names[at];
    // Signatures of the old content are not valid for the new content.
    if (std::string_view(name) == "security.ima" || std::string_view(name) == "security.evm") continue;
    if (std::string_view(name) == "system.posix_acl_access" && !access) continue;
    const ssize_t size = fgetxattr(from, name, value.data(), value.size());
    if (size >= 0) (void)!fsetxattr(to, name, value.data(), static_cast<std::size_t>(size), 0);
  }
}

// The kernel does not store a list that is equivalent to the mode (acl(5), posix_acl_equiv_mode).
bool has_access_list(int descriptor) {
  return fgetxattr(descriptor, "system.posix_acl_access", nullptr, 0) > 0;
}

bool has_access_list(const char* path) {
  return getxattr(path, "system.posix_acl_access", nullptr, 0) > 0;
}

}  // namespace jackin::os

// SPDX-License-Identifier: Apache-2.0
#include <copyfile.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/acl.h>
#include <unistd.h>

#include <cerrno>

#include "common/os/file_attributes.hpp"

namespace jackin::os {
namespace {

bool is_list(acl_t list) {
  if (list == nullptr) return false;
  (void)acl_free(list);
  return true;
}

}  // namespace

int rename_without_replacing(int folder, const char* from, const char* to) {
  if (renameatx_np(folder, from, folder, to, RENAME_EXCL) == 0) return 0;
  if (errno != ENOTSUP && errno != EINVAL) return errno;
  if (linkat(folder, from, folder, to, 0) != 0) return errno;
  unlinkat(folder, from, 0);
  return 0;
}

int sync_to_disk(int descriptor) {
  // fsync only reaches the drive's cache (fsync(2) on macOS). Not every file system supports the stronger call.
  if (fcntl(descriptor, F_FULLFSYNC) == 0 || fsync(descriptor) == 0) return 0;
  return errno == EINVAL || errno == ENOTSUP ? 0 : errno;
}

void carry_attributes(int from, int to, bool access) {
  (void)fcopyfile(from, to, nullptr, COPYFILE_XATTR | (access ? COPYFILE_ACL : 0));
}

bool has_access_list(int descriptor) {
  return is_list(acl_get_fd_np(descriptor, ACL_TYPE_EXTENDED));
}

bool has_access_list(const char* path) {
  return is_list(acl_get_file(path, ACL_TYPE_EXTENDED));
}

}  // namespace jackin::os

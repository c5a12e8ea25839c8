#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <cerrno>

#include "daemon/platform/files_system.hpp"

namespace jackin::platform {

int rename_without_replacing(int folder, const char* from, const char* to) {
  if (renameat2(folder, from, folder, to, RENAME_NOREPLACE) == 0) return 0;
  // What file systems that do not know the flag answer (renameat2(2)).
  if (errno != EINVAL && errno != ENOSYS) return errno;
  if (linkat(folder, from, folder, to, 0) != 0) return errno;
  unlinkat(folder, from, 0);
  return 0;
}

int sync_to_disk(int descriptor) {
  if (fsync(descriptor) == 0) return 0;
  // Some file systems have no sync for folders.
  return errno == EINVAL ? 0 : errno;
}

}  // namespace jackin::platform

// SPDX-License-Identifier: Apache-2.0
// Wipes memory when it is given back, in all of the process: libraries copy tokens (gRPC, protobuf, curl, OpenSSL,
// libvterm), and this is the only place where every such copy passes. The functions below take the place of glibc's own
// for the program and every library it loads (glibc manual, "Replacing malloc"); what they end in are glibc's own names
// for the same. Sanitizers interpose these functions themselves, so there it is off.

#include <malloc.h>
#include <string.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>

#include "common/os/hardening.hpp"

#ifdef JACKIN_SANITIZED

namespace jackin::os {

bool wipes_freed_memory() {
  return false;
}

}  // namespace jackin::os

#else

extern "C" {

void* __libc_malloc(std::size_t size);  // NOLINT(bugprone-reserved-identifier): glibc's name
void __libc_free(void* block);          // NOLINT(bugprone-reserved-identifier): glibc's name

void free(void* block) noexcept {
  if (block == nullptr) return;
  explicit_bzero(block, malloc_usable_size(block));
  __libc_free(block);
}

void* realloc(void* block, std::size_t size) noexcept {
  if (block == nullptr) return __libc_malloc(size);
  if (size == 0) {
    free(block);
    return nullptr;
  }
  const std::size_t usable = malloc_usable_size(block);
  // In place while it fits and does not leave more than half unused; what is no longer asked for is wiped.
  if (size <= usable && size >= usable / 2) {
    explicit_bzero(static_cast<char*>(block) + size, usable - size);
    return block;
  }
  void* other = __libc_malloc(size);
  if (other == nullptr) {
    // A smaller size need never fail.
    return size <= usable ? block : nullptr;
  }
  memcpy(other, block, std::min(size, usable));
  free(block);
  return other;
}

void* reallocarray(void* block, std::size_t count, std::size_t size) noexcept {
  std::size_t total = 0;
  if (__builtin_mul_overflow(count, size, &total)) {
    errno = ENOMEM;
    return nullptr;
  }
  return realloc(block, total);
}

}  // extern "C"

namespace jackin::os {

bool wipes_freed_memory() {
  return true;
}

}  // namespace jackin::os

#endif

// SPDX-License-Identifier: Apache-2.0
// Wipes memory when it is freed, in the whole process. Libraries copy tokens (gRPC, protobuf, curl, OpenSSL, libvterm),
// and only the allocator sees every copy. The functions below replace glibc's for the program and every library it
// loads (glibc manual, "Replacing malloc"). They call glibc's functions by their internal names. Sanitizers interpose
// these functions themselves, so wiping is off there.

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
  // Reuses the block while the new size fits and at least half of the block remains in use. Wipes the bytes beyond the
  // new size.
  if (size <= usable && size >= usable / 2) {
    explicit_bzero(static_cast<char*>(block) + size, usable - size);
    return block;
  }
  void* other = __libc_malloc(size);
  if (other == nullptr) {
    // A smaller size never needs to fail.
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

// SPDX-License-Identifier: Apache-2.0
// Wipes memory when it is freed, in the whole process (see wipe_on_free_linux.cpp for the reason). On macOS each
// library resolves free by itself, so other libraries would not use a definition in this program. All of them call the
// functions of the malloc zones, which can be replaced (malloc/malloc.h).

// The header declares memset_s only with this macro.
#define __STDC_WANT_LIB_EXT1__ 1  // NOLINT(bugprone-reserved-identifier)

#include <mach/mach.h>
#include <malloc/malloc.h>
#include <string.h>

#include <algorithm>
#include <array>
#include <cstddef>

#include "common/os/hardening.hpp"

#ifdef JACKIN_SANITIZED

namespace jackin::os {

bool wipes_freed_memory() {
  return false;
}

}  // namespace jackin::os

#else

namespace {

struct Replaced {
  malloc_zone_t* zone = nullptr;
  void (*free)(malloc_zone_t*, void*) = nullptr;
  void (*free_definite_size)(malloc_zone_t*, void*, std::size_t) = nullptr;
};

// Set once, before main, while there is one thread; read-only afterwards.
std::array<Replaced, 16> replaced;
std::size_t replaced_count = 0;

const Replaced& original_of(malloc_zone_t* zone) {
  for (std::size_t i = 0; i < replaced_count; ++i) {
    if (replaced[i].zone == zone) return replaced[i];
  }
  return replaced[0];
}

void wipe(malloc_zone_t* zone, void* block) {
  if (block == nullptr) return;
  memset_s(block, zone->size(zone, block), 0, zone->size(zone, block));
}

void wiping_free(malloc_zone_t* zone, void* block) {
  wipe(zone, block);
  original_of(zone).free(zone, block);
}

void wiping_free_definite_size(malloc_zone_t* zone, void* block, std::size_t size) {
  wipe(zone, block);
  original_of(zone).free_definite_size(zone, block, size);
}

void* wiping_realloc(malloc_zone_t* zone, void* block, std::size_t size) {
  if (block == nullptr) return zone->malloc(zone, size);
  const std::size_t usable = zone->size(zone, block);
  if (size != 0 && size <= usable && size >= usable / 2) {
    memset_s(static_cast<char*>(block) + size, usable - size, 0, usable - size);
    return block;
  }
  void* other = zone->malloc(zone, size);
  if (other == nullptr) return nullptr;
  memcpy(other, block, std::min(size, usable));
  wiping_free(zone, block);
  return other;
}

bool replace_in(malloc_zone_t* zone) {
  if (replaced_count == replaced.size()) return false;
  const auto address = reinterpret_cast<vm_address_t>(zone);
  // libmalloc makes the table read-only after its initialization.
  if (vm_protect(mach_task_self(), address, sizeof *zone, FALSE, VM_PROT_READ | VM_PROT_WRITE) != KERN_SUCCESS) {
    return false;
  }
  replaced[replaced_count++] = {zone, zone->free, zone->free_definite_size};
  zone->free = wiping_free;
  if (zone->free_definite_size != nullptr) zone->free_definite_size = wiping_free_definite_size;
  zone->realloc = wiping_realloc;
  // Both would bypass the functions above. Without them the callers use those functions.
  zone->batch_free = nullptr;
  if (zone->version >= 13) zone->try_free_default = nullptr;
  vm_protect(mach_task_self(), address, sizeof *zone, FALSE, VM_PROT_READ);
  return true;
}

bool replace_everywhere() {
  vm_address_t* zones = nullptr;
  unsigned count = 0;
  if (malloc_get_all_zones(mach_task_self(), nullptr, &zones, &count) != KERN_SUCCESS || count == 0) return false;
  bool all = true;
  for (unsigned i = 0; i < count; ++i) all = replace_in(reinterpret_cast<malloc_zone_t*>(zones[i])) && all;
  return all;
}

const bool wiping = replace_everywhere();

}  // namespace

namespace jackin::os {

bool wipes_freed_memory() {
  return wiping;
}

}  // namespace jackin::os

#endif

// SPDX-License-Identifier: Apache-2.0
#include "common/os/hardening.hpp"

namespace jackin::os {

// Alone in its file: a program that links the object library wipe_on_free has that one's definition already, and the
// linker takes a member out of this archive only for what is still undefined.
bool wipes_freed_memory() {
  return false;
}

}  // namespace jackin::os

// SPDX-License-Identifier: Apache-2.0
#include "common/os/hardening.hpp"

namespace jackin::os {

// This definition has a file of its own. A program that links the object library wipe_on_free already has a definition.
// The linker takes a member from this archive only for an undefined symbol.
bool wipes_freed_memory() {
  return false;
}

}  // namespace jackin::os

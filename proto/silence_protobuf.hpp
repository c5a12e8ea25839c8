// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace jackin {

/// Keeps protobuf from printing anything. Call first in main, before any other call of the library.
void silence_protobuf();

}  // namespace jackin

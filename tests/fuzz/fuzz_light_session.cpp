// SPDX-License-Identifier: Apache-2.0
// Bytes of a hostile daemon for the transport of jackin-hook (https://llvm.org/docs/LibFuzzer.html).

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "common/secret.hpp"
#include "proto/silence_protobuf.hpp"
#include "tests/unit/client/rpc/session_input.hpp"

extern "C" int LLVMFuzzerInitialize(int* /*argc*/, char*** /*argv*/) {
  jackin::silence_protobuf();
  jackin::prepare_secrets();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (!jackin::client::handle_session_input({reinterpret_cast<const char*>(data), size})) std::abort();
  return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include "client/terminal/key.hpp"

namespace jackin::client {
namespace {

// The daemon accepts no longer code.
constexpr std::size_t most_in_code = 4096;

}  // namespace

std::optional<Secret> code_in(const Paste& paste) {
  Secret code;
  for (const char byte : paste.text.view()) {
    if (static_cast<unsigned char>(byte) > ' ' && byte != '\x7f') code.push_back(byte);
  }
  if (paste.cut || code.size() > most_in_code) return std::nullopt;
  return code;
}

}  // namespace jackin::client

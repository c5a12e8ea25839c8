// SPDX-License-Identifier: Apache-2.0
#include "client/terminal/clipboard.hpp"

#include <sodium.h>

namespace jackin::client {

std::optional<std::string> clipboard_sequence(std::string_view text) {
  // xterm accepts sequences of this length; other terminals accept longer ones.
  constexpr std::size_t most_encoded = 74994;
  std::string encoded(sodium_base64_encoded_len(text.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(encoded.data(), encoded.size(), reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                    sodium_base64_VARIANT_ORIGINAL);
  encoded.pop_back();  // the final zero
  if (encoded.size() > most_encoded) return std::nullopt;
  return "\x1b]52;c;" + encoded + "\x07";
}

}  // namespace jackin::client

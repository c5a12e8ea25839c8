// SPDX-License-Identifier: Apache-2.0
#include "common/recorded_reference.hpp"

#include "common/fingerprint.hpp"

namespace jackin {

std::string recorded_reference(std::string_view reference) {
  constexpr std::size_t digits = 32;
  if (!reference.starts_with("command:")) return std::string(reference);
  return "command-digest:" + Digest::of(reference).hex().substr(0, digits);
}

}  // namespace jackin

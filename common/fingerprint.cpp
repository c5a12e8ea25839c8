// SPDX-License-Identifier: Apache-2.0
#include "common/fingerprint.hpp"

#include <sodium.h>

#include <algorithm>

namespace jackin {

std::optional<Fingerprint> Fingerprint::parse(std::string_view text) {
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  if (text.size() != length || !std::all_of(text.begin(), text.end(), is_digit)) return std::nullopt;
  Fingerprint fingerprint;
  std::copy(text.begin(), text.end(), fingerprint.digits_.begin());
  return fingerprint;
}

Digest Digest::of(std::string_view bytes) {
  Digest digest;
  crypto_hash_sha256(digest.bytes_.data(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  return digest;
}

Fingerprint Digest::fingerprint() const {
  Fingerprint fingerprint;
  const std::string digits = hex();
  std::copy_n(digits.begin(), Fingerprint::length, fingerprint.digits_.begin());
  return fingerprint;
}

std::string Digest::hex() const {
  std::array<char, 65> text{};
  sodium_bin2hex(text.data(), text.size(), bytes_.data(), bytes_.size());
  return {text.data(), 64};
}

}  // namespace jackin

// SPDX-License-Identifier: Apache-2.0
#include "daemon/mint/browser_calls.hpp"

#include <sodium.h>

#include <array>

namespace jackin::mint {
namespace {

constexpr std::size_t nonce_bytes = 16;

std::string new_nonce() {
  std::array<unsigned char, nonce_bytes> random{};
  randombytes_buf(random.data(), random.size());
  std::array<char, 2 * nonce_bytes + 1> hex{};
  sodium_bin2hex(hex.data(), hex.size(), random.data(), random.size());
  return hex.data();
}

}  // namespace

BrowserCalls::Registration::~Registration() {
  calls_.handlers_.erase(nonce_);
}

BrowserCalls::Registration BrowserCalls::expect(Handler handler) {
  auto nonce = new_nonce();
  handlers_.emplace(nonce, std::move(handler));
  return {*this, std::move(nonce)};
}

bool BrowserCalls::deliver(std::string_view nonce, std::string url) {
  const auto found = handlers_.find(nonce);
  if (found == handlers_.end()) return false;
  found->second(std::move(url));
  return true;
}

}  // namespace jackin::mint

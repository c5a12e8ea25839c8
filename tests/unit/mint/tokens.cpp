// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/mint/tokens.hpp"

#include <cstdlib>
#include <iostream>
#include <string_view>

namespace jackin::test {
namespace {

constexpr std::string_view lower = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view digits = "0123456789";
constexpr std::string_view joints = "-_";

char one_of(Random& random, std::string_view set) {
  return set[static_cast<std::size_t>(between(random, 0, static_cast<int>(set.size()) - 1))];
}

std::string characters(Random& random, int count) {
  static const std::string all = std::string(lower) + std::string(upper) + std::string(digits) + std::string(joints);
  std::string text;
  for (int i = 0; i < count; ++i) text += one_of(random, all);
  return text;
}

}  // namespace

std::string random_token(Random& random) {
  return "sk-ant-oat01-" + characters(random, 93) + "AA";
}

std::string mixed_token(Random& random) {
  std::string body;
  int last = -1;
  while (body.size() < 92) {
    const int kind = between(random, 0, 3);
    if (kind == last) continue;
    body += one_of(random, kind == 0 ? lower : kind == 1 ? upper : kind == 2 ? digits : joints);
    last = kind;
  }
  return "sk-ant-oat01-" + body + "7AA";
}

std::string random_authorize_url(Random& random) {
  return "https://claude.com/cai/oauth/authorize?code=true&client_id=9d1c250a-e61b-44d9-88ed-5944d1962f5e"
         "&response_type=code&redirect_uri=https%3A%2F%2Fplatform.claude.com%2Foauth%2Fcode%2Fcallback"
         "&scope=user%3Ainference&code_challenge=" +
         characters(random, 43) + "&code_challenge_method=S256&state=" + characters(random, 43);
}

Random::result_type test_seed() {
  const char* given = std::getenv("JACKIN_TEST_SEED");
  const Random::result_type seed = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  std::cout << "JACKIN_TEST_SEED=" << seed << '\n';
  return seed;
}

Random::result_type test_rounds(Random::result_type usual) {
  const char* given = std::getenv("JACKIN_TEST_ROUNDS");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : usual;
}

}  // namespace jackin::test

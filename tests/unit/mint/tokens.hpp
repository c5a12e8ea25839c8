// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <random>
#include <string>

namespace jackin::test {

using Random = std::mt19937_64;

inline int between(Random& random, int least, int most) {
  return std::uniform_int_distribution<int>(least, most)(random);
}
inline bool chance(Random& random, double probability) {
  return std::bernoulli_distribution(probability)(random);
}

/// A made-up token of the known shape.
std::string random_token(Random& random);

/// A token in which no two neighbours are of one class, so that no piece of it resembles a word.
std::string mixed_token(Random& random);

/// A made-up authorize URL as claude shows it, about 370 characters.
std::string random_authorize_url(Random& random);

/// The seed for a test's random draws: JACKIN_TEST_SEED, else a new one. It is printed, so that a failure can be
/// repeated.
Random::result_type test_seed();

/// The number of random draws of a test: JACKIN_TEST_ROUNDS, else `usual`.
Random::result_type test_rounds(Random::result_type usual);

}  // namespace jackin::test

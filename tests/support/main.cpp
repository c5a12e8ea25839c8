// SPDX-License-Identifier: Apache-2.0
// main of every test program. It does what the main of the programs does first.

#include <gtest/gtest.h>

#include <csignal>

#include "common/secret.hpp"

int main(int argc, char** argv) {
  // A program that does not read its input must not end the test by a signal.
  std::signal(SIGPIPE, SIG_IGN);
  jackin::prepare_secrets();
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}

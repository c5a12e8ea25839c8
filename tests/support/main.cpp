// SPDX-License-Identifier: Apache-2.0
// main of every test program: what the programs' own main does before anything else.

#include <gtest/gtest.h>

#include <csignal>

#include "common/secret.hpp"

int main(int argc, char** argv) {
  // A program that does not read its input is no reason to die.
  std::signal(SIGPIPE, SIG_IGN);
  jackin::prepare_secrets();
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}

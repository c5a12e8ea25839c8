// main of every test program: what the programs' own main does before anything else.

#include <gtest/gtest.h>

#include "common/secret.hpp"

int main(int argc, char** argv) {
  jackin::prepare_secrets();
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}

// SPDX-License-Identifier: Apache-2.0
#include "client/terminal/key.hpp"

#include <gtest/gtest.h>

#include <string>

namespace jackin::client {
namespace {

std::string code_of(const std::string& text, bool cut = false) {
  const auto code = code_in({Secret::copy_of(text), cut});
  return code ? std::string(code->view()) : "too long";
}

TEST(Paste, CodeIn_BlanksAndLineEnds_Dropped) {
  EXPECT_EQ(code_of("code#state"), "code#state");
  EXPECT_EQ(code_of(" \tco\r\nde#st\x7f ate\n"), "code#state");
  EXPECT_EQ(code_of(" \r\n"), "");
}

TEST(Paste, CodeIn_TooLong_NoCode) {
  EXPECT_EQ(code_of(std::string(4096, 'x')).size(), 4096U);
  EXPECT_EQ(code_of(std::string(4097, 'x')), "too long");
  EXPECT_EQ(code_of("x", true), "too long");
}

}  // namespace
}  // namespace jackin::client

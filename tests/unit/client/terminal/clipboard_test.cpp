// SPDX-License-Identifier: Apache-2.0
#include "client/terminal/clipboard.hpp"

#include <gtest/gtest.h>

namespace jackin::client {
namespace {

TEST(Clipboard, Text_EncodedInBase64) {
  EXPECT_EQ(clipboard_sequence("hello").value_or(""), "\x1b]52;c;aGVsbG8=\x07");
}

TEST(Clipboard, TextTooLong_NoSequence) {
  EXPECT_FALSE(clipboard_sequence(std::string(100000, 'x')));
}

}  // namespace
}  // namespace jackin::client

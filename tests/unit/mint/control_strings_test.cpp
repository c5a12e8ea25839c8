// SPDX-License-Identifier: Apache-2.0
#include "daemon/mint/control_strings.hpp"

#include <gtest/gtest.h>

namespace jackin::mint {
namespace {

struct Split {
  std::string rest;
  std::vector<std::string> strings;
  friend bool operator==(const Split&, const Split&) = default;
};

Split split(std::string_view bytes, std::size_t most) {
  Split result;
  ControlStrings strings(
      [&](std::span<const char> span) {
        EXPECT_NE(span.back(), '\x1b');
        result.rest.append(span.data(), span.size());
      },
      [&](char kind, std::string_view contents) { result.strings.push_back(kind + std::string(contents)); });
  for (std::size_t at = 0; at < bytes.size(); at += most) strings.write(bytes.substr(at, most));
  return result;
}

TEST(ControlStrings, AnySplit_Removed) {
  constexpr std::string_view bytes =
      "a\x1b]0;title\x07"
      "b\x1b]11;?\x1b\\c\x1bPq\x1b\\\x1b[31md\x1b_apc\x1b[1me\x1b]cut\x18"
      "f\x1b\x1b[mg\x1b";
  const Split expected{"abc\x1b[31md\x1b[1mef\x1b[mg", {"]0;title", "]11;?", "Pq"}};
  for (const std::size_t most : {1, 2, 3, 5, 1000}) EXPECT_EQ(split(bytes, most), expected) << most;
}

TEST(ControlStrings, Long_Cut) {
  const auto result = split("\x1b]" + std::string(100'000, 'x') + "\x07y", 1000);
  EXPECT_EQ(result.rest, "y");
  EXPECT_EQ(result.strings.at(0).size(), 257U);
}

}  // namespace
}  // namespace jackin::mint

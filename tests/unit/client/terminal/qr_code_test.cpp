// SPDX-License-Identifier: Apache-2.0
#include "client/terminal/qr_code.hpp"

#include <gtest/gtest.h>

#include <string>

#include "client/terminal/text.hpp"

namespace jackin::client {
namespace {

// The modules of a line: its upper and its lower row.
std::pair<std::string, std::string> modules(const std::string& line) {
  const auto begin = line.find('m') + 1;
  std::string inner = line.substr(begin, line.rfind('\x1b') - begin);
  std::string upper;
  std::string lower;
  while (!inner.empty()) {
    const std::string one = cut_to(inner, 1);
    upper += one == "█" || one == "▀" ? '#' : '.';
    lower += one == "█" || one == "▄" ? '#' : '.';
    inner.erase(0, one.size());
  }
  return {upper, lower};
}

TEST(QrCode, FinderPattern_InsideQuietZone) {
  const QrCode code = qr_code("https://claude.ai/oauth/authorize?code=true");
  ASSERT_FALSE(code.lines.empty());
  const auto blank = modules(code.lines[0]);
  EXPECT_EQ(blank.first, std::string(static_cast<std::size_t>(code.columns), '.'));
  EXPECT_EQ(blank.second, blank.first);
  const auto [first, second] = modules(code.lines[1]);
  EXPECT_EQ(first.substr(0, 10), "..#######.");
  EXPECT_EQ(second.substr(0, 10), "..#.....#.");
  EXPECT_EQ(first.substr(first.size() - 10), ".#######..");
}

TEST(QrCode, AuthorizeUrl_LinesOfEqualWidth) {
  const QrCode code = qr_code("https://claude.ai/oauth/authorize?" + std::string(340, 'x'));
  ASSERT_FALSE(code.lines.empty());
  EXPECT_EQ(static_cast<int>(code.lines.size()), (code.columns + 1) / 2);
  for (const std::string& line : code.lines) {
    EXPECT_EQ(static_cast<int>(modules(line).first.size()), code.columns);
  }
}

TEST(QrCode, TextTooLong_NoCode) {
  EXPECT_TRUE(qr_code(std::string(8000, 'x')).lines.empty());
}

}  // namespace
}  // namespace jackin::client

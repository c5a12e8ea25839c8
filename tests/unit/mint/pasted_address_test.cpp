// SPDX-License-Identifier: Apache-2.0
#include "daemon/mint/pasted_address.hpp"

#include <gtest/gtest.h>

#include <string>

namespace jackin::mint {
namespace {

std::string code_of(std::string_view text) {
  const auto code = code_in_address(text);
  return code ? std::string(code->view()) : "none";
}

TEST(PastedAddress, CallbackPage_CodeAndState) {
  EXPECT_EQ(code_of("https://platform.claude.com/oauth/code/callback?code=aB-1_x&state=s-T_2"), "aB-1_x#s-T_2");
  EXPECT_EQ(code_of("http://localhost:41234/callback?state=s&code=c"), "c#s");
  EXPECT_EQ(code_of("localhost:41234/callback?code=c&state=s#top"), "c#s");
  EXPECT_EQ(code_of("https://x.example/?other=1&code=c&more&state=s&"), "c#s");
}

TEST(PastedAddress, QueryAlone_CodeAndState) {
  EXPECT_EQ(code_of("code=c&state=s"), "c#s");
  EXPECT_EQ(code_of("?state=s&code=c"), "c#s");
}

TEST(PastedAddress, BlanksAndLineEnds_Skipped) {
  EXPECT_EQ(code_of(" https://x.example/cb?code=abc\r\n  def&state=s\r"), "abcdef#s");
}

TEST(PastedAddress, PercentEncoded_Decoded) {
  EXPECT_EQ(code_of("https://x.example/cb?code=a%2Bb%2f&state=s%3D"), "a+b/#s=");
  for (const auto* broken : {"?code=a%2&state=s", "?code=a%zz&state=s", "?code=a%0d&state=s", "?code=a%00&state=s",
                             "?code=a&state=%1b", "?code=a&state=%ff"}) {
    EXPECT_EQ(code_of(broken), "none") << broken;
  }
}

TEST(PastedAddress, AnythingElse_Nothing) {
  for (const auto* other :
       {"", "\r", "aB-1_x#s-T_2", "code#state", "https://x.example/", "https://x.example/cb?code=c",
        "https://x.example/cb?state=s", "https://x.example/cb?code=&state=s",
        "https://x.example/cb?code=c&state=", "https://x.example/cb?error=access_denied&state=s",
        "https://claude.ai/oauth/authorize?code=true&client_id=1&response_type=code&code_challenge=x&state=s"}) {
    EXPECT_EQ(code_of(other), "none") << other;
  }
}

}  // namespace
}  // namespace jackin::mint

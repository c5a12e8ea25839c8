// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/api_url.hpp"

#include <gtest/gtest.h>

namespace jackin::config {
namespace {

TEST(ApiUrl, HttpsOrLoopback_Accepted) {
  for (const std::string_view good :
       {"https://api.anthropic.com", "https://a:8443/x", "http://127.0.0.1:1234", "http://localhost",
        "http://LOCALHOST:80/", "http://[::1]:9", "http://127.9.9.9"}) {
    EXPECT_TRUE(is_acceptable_api_url(good)) << good;
  }
  for (const std::string_view bad : {"",
                                     "api.anthropic.com",
                                     "http://api.anthropic.com",
                                     "ftp://127.0.0.1",
                                     "https://",
                                     "https://user@host",
                                     "http://127.0.0.1@evil.test",
                                     "http://127.0.0.1.evil.test",
                                     "http://localhost.evil.test",
                                     "http://127.0.0.1:",
                                     "http://127.0.0.1:0",
                                     "http://127.0.0.1:99999",
                                     "http://127.0.0.1:1x",
                                     "http://128.0.0.1",
                                     "http://127.0.0",
                                     "http://127.0.0.1.",
                                     "http://[::2]",
                                     "http://[::1",
                                     "http://[::1]x",
                                     "https://h\\@evil",
                                     "https://h x",
                                     "https://h/?q",
                                     "https://h/#f",
                                     "http://0127.0.0.1\n"}) {
    EXPECT_FALSE(is_acceptable_api_url(bad)) << bad;
  }
  EXPECT_TRUE(is_loopback_url("https://127.0.0.1:1"));
  EXPECT_FALSE(is_loopback_url("https://api.anthropic.com"));
}

}  // namespace
}  // namespace jackin::config

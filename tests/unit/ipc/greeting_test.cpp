// SPDX-License-Identifier: Apache-2.0
#include "daemon/ipc/greeting.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/ipc/raw_client.hpp"

namespace jackin::ipc {
namespace {

std::string with_header(std::string header) {
  return "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + header;
}

TEST(Greeting, UntilSettingsHeader_Incomplete) {
  const std::string whole = test::http2_greeting().substr(0, greeting_size);
  for (std::size_t size = 0; size < greeting_size; ++size) {
    EXPECT_EQ(judge_greeting(whole.substr(0, size)), Greeting::incomplete) << size;
  }
  EXPECT_EQ(judge_greeting(whole), Greeting::http2);
}

TEST(Greeting, EmptySettings_Http2) {
  EXPECT_EQ(judge_greeting(with_header(std::string("\0\0\0\x04\0\0\0\0\0", 9))), Greeting::http2);
}

TEST(Greeting, OtherBytes_Foreign) {
  EXPECT_EQ(judge_greeting("G"), Greeting::foreign);
  EXPECT_EQ(judge_greeting("GET / HTTP/1.1\r\nHost: localhost\r\n"), Greeting::foreign);
  EXPECT_EQ(judge_greeting("PRI * HTTP/1"), Greeting::foreign);
  EXPECT_EQ(judge_greeting(std::string(33, '\0')), Greeting::foreign);
}

TEST(Greeting, NoSettings_Foreign) {
  EXPECT_EQ(judge_greeting(with_header(std::string("\0\0\x08\x06\0\0\0\0\0", 9))), Greeting::foreign)
      << "another frame";
  EXPECT_EQ(judge_greeting(with_header(std::string("\0\0\0\x04\x01\0\0\0\0", 9))), Greeting::foreign)
      << "an acknowledgement";
  EXPECT_EQ(judge_greeting(with_header(std::string("\0\0\0\x04\0\0\0\0\x01", 9))), Greeting::foreign) << "of a stream";
  EXPECT_EQ(judge_greeting(with_header(std::string("\0\0\x05\x04\0\0\0\0\0", 9))), Greeting::foreign)
      << "not whole settings";
  EXPECT_EQ(judge_greeting(with_header(std::string("\xff\0\0\x04\0\0\0\0\0", 9))), Greeting::foreign) << "too long";
}

}  // namespace
}  // namespace jackin::ipc

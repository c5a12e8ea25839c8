// SPDX-License-Identifier: Apache-2.0
#include "client/hook/token_handover.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <string>

namespace jackin::client {
namespace {

std::string rest_of(int fd) {
  std::string all;
  char buffer[256];
  for (ssize_t count = 0; (count = read(fd, buffer, sizeof buffer)) > 0;) {
    all.append(buffer, static_cast<std::size_t>(count));
  }
  return all;
}

TEST(TokenHandover, Pipe_Token_OnlyContent) {
  const std::string text(108, 't');
  const auto fd = pipe_with(Secret::copy_of(text));
  ASSERT_TRUE(fd);
  EXPECT_EQ(rest_of(*fd), text);
  EXPECT_EQ(fcntl(*fd, F_GETFD) & FD_CLOEXEC, 0);
  close(*fd);
}

TEST(TokenHandover, Pipe_TokenLargerThanPipe_Rejected) {
  EXPECT_FALSE(pipe_with(Secret::copy_of(std::string(1 << 20, 't'))));
}

TEST(TokenHandover, WriteVariable_NameValueAndNul) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  ASSERT_TRUE(write_variable(ends[1], "NAME", Secret::copy_of("value")));
  close(ends[1]);
  EXPECT_EQ(rest_of(ends[0]), std::string("NAME=value\0", 11));
  close(ends[0]);
}

TEST(TokenHandover, WriteVariable_Terminal_Rejected) {
  const int master = posix_openpt(O_RDWR | O_NOCTTY);
  ASSERT_EQ(grantpt(master), 0);
  ASSERT_EQ(unlockpt(master), 0);
  const int terminal = open(ptsname(master), O_RDWR | O_NOCTTY);
  const auto done = write_variable(terminal, "NAME", Secret::copy_of("value"));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().reason, Reason::invalid_argument);
  close(terminal);
  close(master);
}

TEST(TokenHandover, CheckWritable_ReadOnlyOrClosed_Rejected) {
  const int fd = open("/dev/null", O_RDONLY);
  EXPECT_EQ(check_writable(fd).error().reason, Reason::invalid_argument);
  close(fd);
  EXPECT_EQ(check_writable(fd).error().reason, Reason::invalid_argument);
}

}  // namespace
}  // namespace jackin::client

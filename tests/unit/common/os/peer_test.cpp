// SPDX-License-Identifier: Apache-2.0
#include "common/os/peer.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/os/descriptor.hpp"

namespace jackin::os {
namespace {

TEST(PeerCredentials, ConnectedSocket_PeersIds) {
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  const Descriptor one(ends[0]);
  const Descriptor other(ends[1]);
  const auto peer = peer_credentials(one.get());
  ASSERT_TRUE(peer);
  EXPECT_EQ(peer->uid, geteuid());
  EXPECT_EQ(peer->pid, getpid());
}

TEST(PeerCredentials, UnconnectedSocket_Fails) {
  const Descriptor lonely(socket(AF_UNIX, SOCK_STREAM, 0));
  const auto peer = peer_credentials(lonely.get());
  ASSERT_FALSE(peer);
  EXPECT_EQ(peer.error().reason, Reason::io_failed);
}

TEST(PeerCredentials, NotASocket_Fails) {
  EXPECT_FALSE(peer_credentials(-1));
  EXPECT_FALSE(peer_credentials(STDERR_FILENO));
}

}  // namespace
}  // namespace jackin::os

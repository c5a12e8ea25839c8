// SPDX-License-Identifier: Apache-2.0
#include "common/os/listener_owner.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>

namespace jackin::os {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view heading =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

// A row as a little-endian machine prints it; 1F90 is port 8080.
std::string row(const std::string& local, const std::string& state, int uid) {
  return "   0: " + local + " 00000000:0000 " + state + " 00000000:00000000 00:00000000 00000000  " +
         std::to_string(uid) + "        0 38245 1 0000000000000000 100 0 0 10 0\n";
}

std::string table(const std::string& rows) {
  return std::string(heading) + rows;
}

const std::string v4_loopback = "0100007F:1F90";
const std::string v4_any = "00000000:1F90";
const std::string v6_loopback = "00000000000000000000000001000000:1F90";
const std::string v6_any = "00000000000000000000000000000000:1F90";
const ListenAddress here{"127.0.0.1", 8080};
const ListenAddress here_v6{"::1", 8080};

TEST(ListenerOwner, Users_ListeningRow_UserOfRow) {
  const std::string tcp = table(row("0100007F:1F91", "0A", 7) + row(v4_loopback, "01", 8) + row(v4_loopback, "0A", 9));
  EXPECT_THAT(users_who_listen_at(here, tcp, ""), ElementsAre(9));
  EXPECT_THAT(users_who_listen_at(here_v6, "", table(row(v6_loopback, "0A", 9))), ElementsAre(9));
}

TEST(ListenerOwner, Users_NarrowerAddress_TakesPrecedence) {
  const std::string any = table(row(v4_any, "0A", 7));
  const std::string any_v6 = table(row(v6_any, "0A", 8));
  EXPECT_THAT(users_who_listen_at(here, table(row(v4_any, "0A", 7) + row(v4_loopback, "0A", 9)), any_v6),
              ElementsAre(9));
  EXPECT_THAT(users_who_listen_at(here, any, any_v6), ElementsAre(7));
  EXPECT_THAT(users_who_listen_at(here, "", any_v6), ElementsAre(8));
  EXPECT_THAT(users_who_listen_at(here_v6, any, any_v6), ElementsAre(8));
  EXPECT_THAT(users_who_listen_at(here, "", table(row("0000000000000000FFFF00000100007F:1F90", "0A", 5))),
              ElementsAre(5));
}

TEST(ListenerOwner, Users_SharedPort_AllCount) {
  EXPECT_THAT(users_who_listen_at(here, table(row(v4_loopback, "0A", 0) + row(v4_loopback, "0A", 9)), ""),
              ElementsAre(0, 9));
}

TEST(ListenerOwner, Users_MalformedTable_Ignored) {
  EXPECT_THAT(users_who_listen_at(here, "nonsense\n\n0100007F:1F90\n", table("0: 0100007F:1F90 x 0A\n")), IsEmpty());
  EXPECT_THAT(users_who_listen_at({"localhost", 8080}, table(row(v4_any, "0A", 7)), ""), IsEmpty());
}

#ifdef __linux__
TEST(ListenerOwner, Users_OwnSocket_ThisUser) {
  asio::io_context io;
  asio::ip::tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
  const auto port = acceptor.local_endpoint().port();
  EXPECT_THAT(*users_who_listen_at({"127.0.0.1", port}), ElementsAre(geteuid()));
  acceptor.close();
  EXPECT_THAT(*users_who_listen_at({"127.0.0.1", port}), IsEmpty());
}
#endif

}  // namespace
}  // namespace jackin::os

// SPDX-License-Identifier: Apache-2.0
#include "client/rpc/status.hpp"

#include <gtest/gtest.h>

#include "jackin/v1/common.pb.h"

namespace jackin::client {
namespace {

grpc::Status with_detail(const std::string& reason, const std::string& message) {
  v1::ErrorDetail detail;
  detail.set_reason(reason);
  detail.set_message(message);
  return {grpc::StatusCode::ABORTED, "x", detail.SerializeAsString()};
}

TEST(ErrorFromStatus, Detail_ReasonTaken) {
  EXPECT_EQ(error_from_status(with_detail("busy", "a setup runs")).reason, Reason::busy);
}

TEST(ErrorFromStatus, UnknownReason_Internal) {
  const Error error = error_from_status(with_detail("brand_new", "something new"));
  EXPECT_EQ(error.reason, Reason::internal);
  EXPECT_EQ(error.message, "something new");
}

TEST(ErrorFromStatus, Message_EscapeSequence_Removed) {
  EXPECT_EQ(error_from_status(with_detail("busy", "a\x1b[31mb")).message, "ab");
}

TEST(ErrorFromStatus, ConnectionLost_Unreachable) {
  EXPECT_EQ(error_from_status({grpc::StatusCode::UNAVAILABLE, "Socket closed"}).reason, Reason::daemon_unreachable);
}

TEST(ErrorFromStatus, UnknownCall_DaemonMismatch) {
  const Error error = error_from_status({grpc::StatusCode::UNIMPLEMENTED, ""});
  EXPECT_EQ(error.reason, Reason::daemon_mismatch);
  EXPECT_FALSE(error.remedy.empty());
}

TEST(ErrorFromStatus, MalformedDetail_ReasonFromCode) {
  EXPECT_EQ(error_from_status({grpc::StatusCode::DEADLINE_EXCEEDED, "", "\xff\xff\xff"}).reason, Reason::timed_out);
}

TEST(WasLost, ConnectionGoneOrServerEnds_True) {
  EXPECT_TRUE(was_lost({grpc::StatusCode::UNAVAILABLE, "Socket closed"}));
  EXPECT_TRUE(was_lost({grpc::StatusCode::CANCELLED, ""}));
  EXPECT_TRUE(was_lost(with_detail("daemon_unreachable", "jackind ends"))) << "it says itself that it goes";
}

TEST(WasLost, DaemonAnswered_False) {
  EXPECT_FALSE(was_lost(grpc::Status::OK));
  EXPECT_FALSE(was_lost(with_detail("busy", "a setup runs")));
  EXPECT_FALSE(was_lost(with_detail("cancelled", "cancelled")));
  EXPECT_FALSE(was_lost({grpc::StatusCode::DEADLINE_EXCEEDED, ""})) << "it may be at it still";
  EXPECT_FALSE(was_lost({grpc::StatusCode::UNIMPLEMENTED, ""}));
}

TEST(WasLost, UnavailableWithDetail_False) {
  const auto spoken = with_detail("store_unavailable", "the store is locked");
  EXPECT_FALSE(was_lost({grpc::StatusCode::UNAVAILABLE, "x", spoken.error_details()}));
  EXPECT_FALSE(was_lost({grpc::StatusCode::CANCELLED, "x", spoken.error_details()}));
}

}  // namespace
}  // namespace jackin::client

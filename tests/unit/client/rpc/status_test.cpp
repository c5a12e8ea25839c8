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

TEST(ErrorFromStatus, TakesTheDaemonsOwnWord) {
  EXPECT_EQ(error_from_status(with_detail("busy", "a setup runs")).reason, Reason::busy);
}

TEST(ErrorFromStatus, TakesAReasonOfANewerDaemonForInternal) {
  const Error error = error_from_status(with_detail("brand_new", "something new"));
  EXPECT_EQ(error.reason, Reason::internal);
  EXPECT_EQ(error.message, "something new");
}

TEST(ErrorFromStatus, PrintsNothingRawEvenFromTheDaemon) {
  EXPECT_EQ(error_from_status(with_detail("busy", "a\x1b[31mb")).message, "ab");
}

TEST(ErrorFromStatus, TakesALostConnectionForAnUnreachableDaemon) {
  EXPECT_EQ(error_from_status({grpc::StatusCode::UNAVAILABLE, "Socket closed"}).reason, Reason::daemon_unreachable);
}

TEST(ErrorFromStatus, TakesAnUnknownCallForAnotherVersion) {
  const Error error = error_from_status({grpc::StatusCode::UNIMPLEMENTED, ""});
  EXPECT_EQ(error.reason, Reason::daemon_mismatch);
  EXPECT_FALSE(error.remedy.empty());
}

TEST(ErrorFromStatus, SurvivesDetailsThatAreNone) {
  EXPECT_EQ(error_from_status({grpc::StatusCode::DEADLINE_EXCEEDED, "", "\xff\xff\xff"}).reason, Reason::timed_out);
}

TEST(WasLost, WhenTheConnectionIsGoneOrTheServerEnds) {
  EXPECT_TRUE(was_lost({grpc::StatusCode::UNAVAILABLE, "Socket closed"}));
  EXPECT_TRUE(was_lost({grpc::StatusCode::CANCELLED, ""}));
  EXPECT_TRUE(was_lost(with_detail("daemon_unreachable", "jackind ends"))) << "it says itself that it goes";
}

TEST(WasLost, NotWhenTheDaemonAnswered) {
  EXPECT_FALSE(was_lost(grpc::Status::OK));
  EXPECT_FALSE(was_lost(with_detail("busy", "a setup runs")));
  EXPECT_FALSE(was_lost(with_detail("cancelled", "cancelled")));
  EXPECT_FALSE(was_lost({grpc::StatusCode::DEADLINE_EXCEEDED, ""})) << "it may be at it still";
  EXPECT_FALSE(was_lost({grpc::StatusCode::UNIMPLEMENTED, ""}));
}

TEST(WasLost, NotWhenItSpokeThoughGrpcCallsItGone) {
  const auto spoken = with_detail("store_unavailable", "the store is locked");
  EXPECT_FALSE(was_lost({grpc::StatusCode::UNAVAILABLE, "x", spoken.error_details()}));
  EXPECT_FALSE(was_lost({grpc::StatusCode::CANCELLED, "x", spoken.error_details()}));
}

}  // namespace
}  // namespace jackin::client

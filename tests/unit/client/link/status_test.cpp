#include "client/link/status.hpp"

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

}  // namespace
}  // namespace jackin::client

// SPDX-License-Identifier: Apache-2.0
#include "daemon/ipc/status.hpp"

#include <gtest/gtest.h>

#include "client/rpc/status.hpp"
#include "common/scope.hpp"
#include "jackin/v1/common.pb.h"

namespace jackin::ipc {
namespace {

TEST(Status, ErrorAndStatus_RoundTrip) {
  const Error error{Reason::slot_exists, "my-app has a token already", Remedy::rotate(*Scope::workspace("my-app"))};
  const Error received = client::error_from_status(to_status(error));
  EXPECT_EQ(received.reason, error.reason);
  EXPECT_EQ(received.message, error.message);
  EXPECT_EQ(received.remedy, error.remedy);
}

TEST(Status, Reasons_Distinguished) {
  for (int value = 0; value <= static_cast<int>(Reason::daemon_mismatch); ++value) {
    const auto reason = static_cast<Reason>(value);
    const auto status = to_status({reason, "x", {}});
    EXPECT_FALSE(status.ok()) << to_code(reason);
    EXPECT_EQ(client::error_from_status(status).reason, reason) << to_code(reason);
  }
}

TEST(Status, Text_Printable) {
  const auto status = to_status({Reason::internal, "a\x1b[31mb\nsk-ant-oat01-abcdefgh",
                                 Remedy::edit_file("sk-ant-oat01-abcdefgh").noting("x\x07y")});
  v1::ErrorDetail detail;
  ASSERT_TRUE(detail.ParseFromString(status.error_details()));
  for (const std::string& text : {status.error_message(), detail.message(), detail.remedy().paths(0)}) {
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_EQ(text.find('\n'), std::string::npos);
    EXPECT_EQ(text.find("abcdefgh"), std::string::npos);
  }
  EXPECT_EQ(detail.remedy().note(), "xy");
}

TEST(Status, Size_BelowMetadataLimit) {
  const std::string long_text(100'000, 'x');
  const auto status =
      to_status({Reason::internal, long_text, Remedy::inspect({long_text, long_text}).noting(long_text)});
  EXPECT_LT(status.error_message().size() + status.error_details().size(), 8u * 1024);
}

}  // namespace
}  // namespace jackin::ipc

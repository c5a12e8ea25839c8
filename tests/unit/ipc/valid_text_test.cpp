// SPDX-License-Identifier: Apache-2.0
#include "daemon/ipc/valid_text.hpp"

#include <gtest/gtest.h>

#include "jackin/v1/health.pb.h"
#include "jackin/v1/launch.pb.h"

namespace jackin::ipc {
namespace {

TEST(ValidText, Strings_InvalidBytesShown_BytesUnchanged) {
  v1::DoctorEvent event;
  v1::ScopeHealth& scope = *event.mutable_scope();
  scope.mutable_scope()->set_workspace("caf\xe9");
  scope.mutable_probe()->set_summary("cannot read /caf\xe9");
  v1::Finding& finding = *scope.add_findings();
  finding.set_message("caf\xe9");
  finding.mutable_remedy()->set_note("caf\xe9");
  make_text_valid(event);
  EXPECT_EQ(scope.scope().workspace(), "caf\xe9");
  EXPECT_EQ(scope.probe().summary(), R"(cannot read /caf\xe9)");
  EXPECT_EQ(finding.message(), R"(caf\xe9)");
  EXPECT_EQ(finding.remedy().note(), R"(caf\xe9)");
  v1::DoctorEvent received;
  EXPECT_TRUE(received.ParseFromString(event.SerializeAsString()));
}

TEST(ValidText, RepeatedStrings_Converted_TokenUntouched) {
  v1::PrepareReply reply;
  reply.set_token("\xff\xfe");
  reply.add_warnings("fine");
  reply.add_warnings("\xff");
  make_text_valid(reply);
  EXPECT_EQ(reply.token(), "\xff\xfe");
  EXPECT_EQ(reply.warnings(0), "fine");
  EXPECT_EQ(reply.warnings(1), R"(\xff)");
}

}  // namespace
}  // namespace jackin::ipc

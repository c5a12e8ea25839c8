// SPDX-License-Identifier: Apache-2.0
#include "common/recorded_reference.hpp"

#include <gtest/gtest.h>

namespace jackin {
namespace {

TEST(RecordedReference, Command_ReplacedByDigest) {
  const std::string record = recorded_reference("command:curl -H 'X-Token: hunter2'");
  EXPECT_TRUE(record.starts_with("command-digest:")) << record;
  EXPECT_EQ(record.find("hunter2"), std::string::npos);
  EXPECT_EQ(record, recorded_reference("command:curl -H 'X-Token: hunter2'"));
  EXPECT_NE(record, recorded_reference("command:curl -H 'X-Token: hunter3'"));
  EXPECT_EQ(recorded_reference(record), record);
}

TEST(RecordedReference, OtherKinds_Unchanged) {
  for (const std::string reference :
       {"op://v/i/f", "os-store:jackin/x", "file:~/t", "env:X", "literal:a3f9c2b81e74", ""}) {
    EXPECT_EQ(recorded_reference(reference), reference);
  }
}

}  // namespace
}  // namespace jackin

// SPDX-License-Identifier: Apache-2.0
#include "common/error.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <set>

#include "common/result.hpp"

namespace jackin {
namespace {

TEST(Error, Reasons_HaveDistinctCodes) {
  std::set<std::string_view> codes;
  for (int value = 0; value <= static_cast<int>(Reason::daemon_mismatch); ++value) {
    const auto reason = static_cast<Reason>(value);
    EXPECT_TRUE(codes.insert(to_code(reason)).second) << value << " " << to_code(reason);
    EXPECT_EQ(reason_from_code(to_code(reason)), reason);
  }
  EXPECT_FALSE(reason_from_code(""));
  EXPECT_FALSE(reason_from_code("no_such_reason"));
}

TEST(Error, ErrorFromErrno_MapsReason) {
  EXPECT_EQ(error_from_errno("cannot write", ENOSPC).reason, Reason::disk_full);
  EXPECT_EQ(error_from_errno("cannot write", EDQUOT).reason, Reason::disk_full);
  EXPECT_EQ(error_from_errno("cannot write", EACCES).reason, Reason::permission_denied);
  EXPECT_EQ(error_from_errno("cannot write", EROFS).reason, Reason::permission_denied);
  EXPECT_EQ(error_from_errno("cannot write", EIO).reason, Reason::io_failed);
  EXPECT_EQ(error_from_errno("cannot write", ENOSPC).message, "cannot write: No space left on device");
}

Result<int> doubled(Result<int> input) {
  TRY(const int value, std::move(input));
  return 2 * value;
}

Result<> checked(Result<> input) {
  TRY(std::move(input));
  return {};
}

TEST(Try, Result_ValueUsedErrorReturned) {
  EXPECT_EQ(doubled(4), 8);
  const auto failed = doubled(failure(Reason::busy, "held", Remedy::try_again("later")));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().reason, Reason::busy);
  EXPECT_EQ(failed.error().remedy, Remedy::try_again("later"));
  EXPECT_TRUE(checked({}));
  EXPECT_FALSE(checked(failure(Reason::busy, "held")));
}

}  // namespace
}  // namespace jackin

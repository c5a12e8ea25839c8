// SPDX-License-Identifier: Apache-2.0
#include "daemon/state/journal_detail.hpp"

#include <gtest/gtest.h>

#include "tests/support/temp_dir.hpp"

namespace jackin::state {
namespace {

TEST(JournalDetail, ToJsonAndBack_RoundTrip) {
  JournalDetail detail;
  detail.store = SourceKind::file;
  detail.place_key = "key";
  detail.reference = "file:~/x \"quoted\" ü";
  detail.place = "file ~/x";
  detail.fingerprint = Fingerprint::parse("a3f9c2b81e74");
  detail.expires_on = parse_date("2027-11-23");
  detail.minted = true;
  detail.expiry_known = true;
  detail.organization = "org-1";
  detail.slots_done = true;
  detail.config_folder = "/home/me/.config/jackin";
  detail.keep = true;
  detail.account = "work";
  detail.workdir = "/src";
  detail.remedy = Remedy::of_path(RemedyAction::remove_file, "~/x").noting("or so");
  EXPECT_EQ(journal_detail_from(to_json(detail)), detail);
  EXPECT_EQ(journal_detail_from(to_json({})), JournalDetail{});
}

TEST(JournalDetail, PathsAndNamesNotUtf8_RoundTrip) {
  JournalDetail detail;
  detail.place_key = "/home/caf\xe9/x\\y";
  detail.old_reference = "file:/home/caf\xff/t";
  detail.others = {Scope::workspace("caf\xe9").value(), Scope::role("\xff", "dev").value()};
  EXPECT_EQ(journal_detail_from(to_json(detail)), detail);
}

TEST(JournalDetail, IsAbout_NamedFolder) {
  const test::TempDir folder;
  JournalDetail detail;
  EXPECT_EQ(is_about(detail, folder / "any"), true) << "of an older jackind";
  detail.config_folder = folder / "one\xff";
  EXPECT_EQ(is_about(detail, folder / "two"), false);
  EXPECT_EQ(is_about(journal_detail_from(to_json(detail)).value(), folder / "one\xff"), true);
  std::filesystem::create_directory(folder / "real");
  std::filesystem::create_directory_symlink("real", folder / "link");
  detail.config_folder = folder / "real";
  EXPECT_EQ(is_about(detail, folder / "link"), true);
}

TEST(JournalDetail, ExpiryEstimated_UnlessKnown) {
  EXPECT_TRUE(journal_detail_from(R"({"minted":true})")->expiry_estimated()) << "as older releases wrote it";
  EXPECT_FALSE(journal_detail_from(R"({"minted":true,"expiry_known":true})")->expiry_estimated());
  EXPECT_FALSE(journal_detail_from("{}")->expiry_estimated());
}

TEST(JournalDetail, Malformed_TreatedAsEmpty) {
  for (const auto* text : {"", "nonsense", "[]", "7", "{\"store\":"}) EXPECT_FALSE(journal_detail_from(text)) << text;
  EXPECT_EQ(journal_detail_from(R"({"store":7,"minted":"yes","fingerprint":"zz","newer":{}})"), JournalDetail{});
}

}  // namespace
}  // namespace jackin::state

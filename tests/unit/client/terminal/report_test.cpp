// SPDX-License-Identifier: Apache-2.0
#include "client/terminal/report.hpp"

#include <gtest/gtest.h>

namespace jackin::client {
namespace {

TEST(Report, Values_AlignedAndEmptyLeftOut) {
  Report report;
  report.add("workspace", "my-app");
  report.add("claude", "");
  report.add("fingerprint", "a3f9c2b81e74");
  EXPECT_EQ(report.text(),
            "workspace     my-app\n"
            "fingerprint   a3f9c2b81e74\n");
}

TEST(Report, Value_ControlCharacters_Removed) {
  Report report;
  report.add("source", "a\x1b[2J\nb");
  EXPECT_EQ(report.text(), "source        a[2Jb\n");
}

TEST(Table, Columns_FitContentAndEmptyLeftOut) {
  Table table({"SCOPE", "ROLE", "MODE"}, {0});
  table.add({{"my-app"}, {""}, {"oauth_token"}});
  table.add({{"x"}, {""}, {"sync"}});
  EXPECT_EQ(table.text(OutputStyle{}, 0),
            "SCOPE   MODE\n"
            "my-app  oauth_token\n"
            "x       sync\n");
}

TEST(Table, TooWide_ElasticColumnShortened) {
  Table table({"SCOPE", "SOURCE", "DAYS"}, {1});
  table.add({{"my-app"}, {"1Password Personal/Claude/credential"}, {"23"}});
  EXPECT_EQ(table.text(OutputStyle{}, 34),
            "SCOPE   SOURCE                DAYS\n"
            "my-app  1Password Personal/…  23\n");
}

TEST(Table, FarTooWide_ExpendableColumnLeftOut) {
  Table table({"SCOPE", "SOURCE", "CHECKED", "DAYS"}, {1, 0}, {2});
  table.add({{"a-name-of-some-length"}, {"1Password Personal/Claude/credential"}, {"5 min ago"}, {"23"}});
  EXPECT_EQ(table.text(OutputStyle{}, 40),
            "SCOPE          SOURCE    CHECKED    DAYS\n"
            "a-name-of-so…  1Passwo…  5 min ago  23\n");
  EXPECT_EQ(table.text(OutputStyle{false, false}, 30),
            "SCOPE     SOURCE    DAYS\n"
            "a-nam...  1Pass...  23\n");
}

TEST(Table, ColourOff_NoEscapeSequence) {
  Table table({"HEALTH"}, {0});
  table.add({{"ok", TextStyle::good}});
  EXPECT_EQ(table.text(OutputStyle{false}, 0), "HEALTH\nok\n");
  EXPECT_EQ(table.text(OutputStyle{true}, 0), "\x1b[2mHEALTH\x1b[0m\n\x1b[32mok\x1b[0m\n");
}

}  // namespace
}  // namespace jackin::client

// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/jackin_schema.hpp"

#include <gtest/gtest.h>

namespace jackin::config {
namespace {

std::string refused_parts(const std::string& text, bool is_global = false) {
  const auto document = Document::parse(text, "file");
  EXPECT_TRUE(document) << text;
  std::string all;
  for (const Refusal& refusal : refusals(document->root(), is_global)) {
    all += (all.empty() ? "" : "; ") + std::to_string(refusal.place.line) + ":" + std::to_string(refusal.place.column) +
           " " + refusal.what;
  }
  return all;
}

const std::string with_workdir = "workdir = \"/a\"\n";

TEST(JackinSchema, ValidFiles_NotRefused) {
  EXPECT_EQ(refused_parts(with_workdir +
                          "version = \"v1alpha8\"\nunknown = 1\n[unknown_table]\nx = 1\n[claude]\nauth_forward = "
                          "\"sync\"\nsync_source_dir = \"/x\"\n[keep_awake]\nenabled = true\n[docker]\nprofile = "
                          "\"x\"\n[github]\nauth_forward = \"token\"\n[github.env]\nGH_TOKEN = \"$X\"\n"
                          "[env]\nA = \"x\"\nB = { value = \"$Y\", on_demand = true }\nC = { op = \"op://v/i/f\", "
                          "path = \"p\", account = \"a\" }\n[roles.dev.claude]\n[roles.dev.env]\nA = \"y\"\n"),
            "");
  EXPECT_EQ(refused_parts("[roles.dev]\ngit = \"x\"\ntrusted = true\n[roles.dev.env]\nA = \"x\"\n[telemetry]\nlevel = "
                          "\"info\"\n[git]\ndco = true\n[docker.mounts]\nx = 1\n",
                          true),
            "");
}

TEST(JackinSchema, Slot_Refused) {
  EXPECT_EQ(refused_parts(with_workdir + "[claude]\noauth_token = { file = \"~/x\" }\n"),
            "3:1 unknown key 'oauth_token' in [claude]");
  EXPECT_EQ(refused_parts(with_workdir + "[roles.dev.claude]\noauth_token = \"x\"\n"),
            "3:1 unknown key 'oauth_token' in [roles.dev.claude]");
}

TEST(JackinSchema, ReferenceWithoutPath_Refused) {
  EXPECT_EQ(refused_parts(with_workdir + "[env]\nX = { op = \"op://v/i/f\" }\n"),
            "3:1 'X' in an [env] has 'op' without 'path'");
  EXPECT_EQ(refused_parts("[roles.dev]\ngit = \"x\"\n[roles.dev.env]\nX = { op = \"op://v/i/f\" }\n", true),
            "4:1 'X' in an [env] has 'op' without 'path'");
}

TEST(JackinSchema, UnknownKeysInKnownTables_Refused) {
  EXPECT_EQ(refused_parts(with_workdir + "[codex]\nmodel = 1\n"), "3:1 unknown key 'model' in [codex]");
  EXPECT_EQ(refused_parts(with_workdir + "[keep_awake]\nalways = true\n"), "3:1 unknown key 'always' in [keep_awake]");
  EXPECT_EQ(refused_parts(with_workdir + "[roles.dev]\ngit = \"x\"\n"), "3:1 unknown key 'git' in [roles.dev]");
  EXPECT_EQ(refused_parts(with_workdir + "[env]\nX = { value = \"x\", note = \"y\" }\n"),
            "3:20 unknown key 'note' in 'X' in an [env]");
  EXPECT_EQ(refused_parts(with_workdir + "[env]\nX = 1\n"), "3:1 'X' in an [env] is neither a string nor a table");
  EXPECT_EQ(refused_parts("[roles.dev]\n", true), "1:1 [roles.dev] has no 'git'");
  EXPECT_NE(refused_parts("[claude]\n"), "") << "a workspace needs a workdir";
  EXPECT_EQ(refused_parts("[claude]\n", true), "");
}

}  // namespace
}  // namespace jackin::config

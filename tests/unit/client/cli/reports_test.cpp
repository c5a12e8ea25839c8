// SPDX-License-Identifier: Apache-2.0
// The reports on stdout, byte for byte.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/cli/daemon_command.hpp"
#include "client/cli/doctor_command.hpp"
#include "client/cli/probe_command.hpp"
#include "client/cli/revoke_command.hpp"
#include "client/cli/status_command.hpp"
#include "client/cli/token_report.hpp"
#include "client/cli/watch_command.hpp"
#include "tests/support/temp_dir.hpp"

namespace jackin::client {
namespace {

using namespace std::chrono_literals;
constexpr Moment now{1'795'446'245s};  // 2026-11-23T15:04:05Z

v1::TokenReport token_report() {
  v1::TokenReport report;
  report.mutable_scope()->set_workspace("my-app");
  report.set_store(v1::SOURCE_KIND_OP);
  report.set_reference("op://vault/item/field");
  report.set_stored_in("1Password  Personal/Claude/credential");
  report.set_fingerprint("a3f9c2b81e74");
  report.set_expires_on("2027-11-23");
  report.set_days_left(365);
  report.set_expiry_estimated(true);
  report.set_claude_version("2.1.197");
  report.set_slot_file("workspaces/my-app.toml");
  report.set_slot("[claude] oauth_token");
  report.set_created(true);
  report.set_slot_style(v1::SLOT_STYLE_CANONICAL);
  return report;
}

TEST(TokenReport, Text_AllFields_AsInManual) {
  EXPECT_EQ(token_text(token_report()),
            "workspace     my-app\n"
            "claude        2.1.197\n"
            "stored in     1Password  Personal/Claude/credential\n"
            "fingerprint   a3f9c2b81e74\n"
            "expires       2027-11-23 (365 days, estimated)\n"
            "set in        workspaces/my-app.toml  [claude] oauth_token\n"
            "use it        jackin-hook exec my-app -- claude\n");
}

TEST(TokenReport, Text_UnknownFields_LeftOut) {
  v1::TokenReport report = token_report();
  report.mutable_scope()->set_role("team/dev");
  report.clear_claude_version();
  report.clear_expires_on();
  report.clear_days_left();
  EXPECT_EQ(token_text(report),
            "workspace     my-app\n"
            "role          team/dev\n"
            "stored in     1Password  Personal/Claude/credential\n"
            "fingerprint   a3f9c2b81e74\n"
            "set in        workspaces/my-app.toml  [claude] oauth_token\n"
            "use it        jackin-hook exec my-app:team/dev -- claude\n");
}

TEST(TokenReport, Json_AllFields_Keys) {
  v1::TokenReport report = token_report();
  v1::Process& holder = *report.add_old_holders();
  holder.set_pid(4711);
  holder.set_command("claude");
  EXPECT_EQ(as_line(token_json(report)),
            R"({"scope":"my-app","store":"op","reference":"op://vault/item/field","fingerprint":"a3f9c2b81e74",)"
            R"("expires_on":"2027-11-23","days_left":365,"claude_version":"2.1.197",)"
            R"("slot_file":"workspaces/my-app.toml","slot_style":"canonical","created":true,"deleted_old":false,)"
            R"("old_holders":[{"pid":4711,"command":"claude"}]})"
            "\n");
}

TEST(TokenReport, Json_UnsetFields_LeftOutDefaultsPrinted) {
  v1::TokenReport report;
  report.mutable_scope();
  EXPECT_EQ(as_line(token_json(report)),
            "{\"scope\":\"global\",\"created\":false,\"deleted_old\":false,\"old_holders\":[]}\n");
}

TEST(RotationReport, Text_OldTokenDeleted_SaidWithHolders) {
  v1::TokenReport report;
  report.mutable_scope()->set_workspace("my-app");
  report.set_fingerprint("a3f9c2b81e74");
  report.set_deleted_old(true);
  v1::Process& holder = *report.add_old_holders();
  holder.set_pid(4711);
  holder.set_command("claude");
  EXPECT_EQ(rotated_text(report),
            "workspace     my-app\n"
            "fingerprint   a3f9c2b81e74\n"
            "old item      deleted\n"
            "old token in  4711  claude\n");
  EXPECT_EQ(still_valid_text(1),
            "The old token still works at Anthropic until you end it: claude.ai > Settings > Claude Code\n");
  EXPECT_EQ(still_valid_text(2),
            "The old tokens still work at Anthropic until you end them: claude.ai > Settings > Claude Code\n");
}

v1::RevokeOutcome revoke_outcome() {
  v1::RevokeOutcome outcome;
  outcome.mutable_scope()->set_workspace("my-app");
  outcome.mutable_scope()->set_role("dev");
  outcome.set_cleared(true);
  return outcome;
}

TEST(RevokeReport, Json_Cleared_Keys) {
  EXPECT_EQ(as_line(revoked_json(revoke_outcome())), "{\"scope\":\"my-app:dev\",\"cleared\":true,\"deleted\":false}\n");
}

TEST(RevokeReport, Text_NothingCleared_SaysRevokedAlready) {
  v1::RevokeOutcome outcome = revoke_outcome();
  outcome.set_cleared(false);
  EXPECT_EQ(revoked_text(outcome, OutputStyle{}), "my-app:dev: was revoked already\n");
  outcome.mutable_error()->set_reason("busy");
  EXPECT_EQ(revoked_text(outcome, OutputStyle{}), "");
}

TEST(RevokeReport, Text_RemainsOrDeleted_Said) {
  v1::RevokeOutcome outcome = revoke_outcome();
  EXPECT_EQ(revoked_text(outcome, OutputStyle{}), "my-app:dev: token removed from the configuration\n");
  outcome.set_remains_in("1Password Personal/Claude");
  outcome.mutable_remains_remedy()->set_action(v1::REMEDY_ACTION_DELETE_TOKEN);
  *outcome.mutable_remains_remedy()->mutable_scope() = outcome.scope();
  EXPECT_EQ(revoked_text(outcome, OutputStyle{}),
            "my-app:dev: token removed from the configuration. It is still in 1Password Personal/Claude\n"
            "try: jackinctl revoke my-app --role dev --delete-item\n");
  EXPECT_EQ(as_line(revoked_json(outcome)),
            "{\"scope\":\"my-app:dev\",\"cleared\":true,\"deleted\":false,\"remains_in\":\"1Password "
            "Personal/Claude\"}\n");
  outcome.clear_remains_in();
  outcome.clear_remains_remedy();
  outcome.set_deleted(true);
  v1::Notice& notice = *outcome.add_notices();
  notice.set_severity(v1::SEVERITY_WARNING);
  notice.set_message("an older pair stays");
  notice.mutable_remedy()->set_action(v1::REMEDY_ACTION_CHECK);
  notice.mutable_remedy()->mutable_scope()->set_workspace("my-app");
  v1::Process& holder = *outcome.add_holders();
  holder.set_pid(4711);
  holder.set_command("cla\x1b[31mude");
  EXPECT_EQ(revoked_text(outcome, OutputStyle{}),
            "my-app:dev: token removed from the configuration; the stored token is deleted\n"
            "warning: an older pair stays\n"
            "try: jackinctl doctor my-app\n"
            "still uses the token: 4711  claude\n");
}

v1::ProbeReply probe_reply() {
  v1::ProbeReply probe;
  probe.mutable_scope()->set_workspace("my-app");
  probe.set_decision(v1::DECISION_WARN);
  probe.set_verdict(v1::VERDICT_EXPIRING);
  probe.set_mode(v1::AUTH_MODE_OAUTH_TOKEN);
  probe.set_source("1Password Personal/Claude/credential");
  probe.set_summary("the token expires in 23 days");
  probe.mutable_remedy()->set_action(v1::REMEDY_ACTION_ROTATE);
  probe.mutable_remedy()->mutable_scope()->set_workspace("my-app");
  probe.set_fingerprint("a3f9c2b81e74");
  probe.set_expires_on("2026-12-16");
  probe.set_days_left(23);
  probe.set_checked_at("2026-11-23T14:59:05Z");
  probe.set_fresh(true);
  return probe;
}

TEST(ProbeReport, Json_AllFields_Keys) {
  EXPECT_EQ(as_line(probe_json(probe_reply())),
            R"({"scope":"my-app","decision":"warn","verdict":"expiring","mode":"oauth_token",)"
            R"("source":"1Password Personal/Claude/credential","summary":"the token expires in 23 days",)"
            R"("remedy":"jackinctl rotate my-app","fingerprint":"a3f9c2b81e74","expires_on":"2026-12-16",)"
            R"("days_left":23,"checked_at":"2026-11-23T14:59:05Z","fresh":true})"
            "\n");
}

TEST(ProbeReport, Json_ZeroDaysLeft_Printed) {
  v1::ProbeReply probe = probe_reply();
  probe.set_days_left(0);
  EXPECT_EQ(probe_json(probe)["days_left"], 0);
  probe.clear_days_left();
  EXPECT_FALSE(probe_json(probe).contains("days_left"));
}

TEST(ProbeReport, Json_Role_InScope) {
  v1::ProbeReply probe = probe_reply();
  probe.mutable_scope()->set_role("team/dev");
  EXPECT_EQ(probe_json(probe)["scope"], "my-app:team/dev");
}

TEST(ProbeReport, Text_AllFields_Lines) {
  EXPECT_EQ(probe_text(probe_reply(), OutputStyle{}, now),
            "workspace     my-app\n"
            "health        ! expiring\n"
            "              the token expires in 23 days\n"
            "mode          oauth_token\n"
            "source        1Password Personal/Claude/credential\n"
            "fingerprint   a3f9c2b81e74\n"
            "expires       2026-12-16 (23 days)\n"
            "checked       5 min ago\n"
            "try: jackinctl rotate my-app\n");
}

TEST(StatusReport, Text_Scopes_Table) {
  v1::OverviewReply overview;
  *overview.add_scopes() = probe_reply();
  overview.mutable_scopes(0)->set_group(1);
  overview.add_groups()->add_scopes();
  *overview.mutable_groups(0)->add_scopes() = overview.scopes(0).scope();
  v1::ProbeReply& other = *overview.add_scopes();
  other.mutable_scope()->set_workspace("other");
  other.set_decision(v1::DECISION_ALLOW);
  other.set_verdict(v1::VERDICT_NOT_MANAGED);
  other.set_mode(v1::AUTH_MODE_SYNC);
  EXPECT_EQ(
      status_text(overview, OutputStyle{}, 0, now),
      "SCOPE   MODE         SOURCE                                HEALTH         DAYS LEFT      LAST CHECK  SHARED "
      "WITH\n"
      "my-app  oauth_token  1Password Personal/Claude/credential  ! expiring     █░░░░░░░░░ 23  5 min ago   global\n"
      "other   sync                                               · not managed\n");
}

TEST(StatusReport, Text_80Columns_AsInTheReadme) {
  v1::OverviewReply overview;
  const auto add = [&](const char* workspace, v1::Decision decision, v1::Verdict verdict, const char* source) -> auto& {
    v1::ProbeReply& probe = *overview.add_scopes();
    probe.mutable_scope()->set_workspace(workspace);
    probe.set_decision(decision);
    probe.set_verdict(verdict);
    probe.set_mode(verdict == v1::VERDICT_NOT_MANAGED ? v1::AUTH_MODE_SYNC : v1::AUTH_MODE_OAUTH_TOKEN);
    probe.set_source(source);
    probe.set_checked_at("2026-11-23T13:02:05Z");
    return probe;
  };
  add("", v1::DECISION_ALLOW, v1::VERDICT_NOT_MANAGED, "");
  add("billing", v1::DECISION_WARN, v1::VERDICT_EXPIRING, "1Password Work/Claude/billing").set_days_left(23);
  add("infra", v1::DECISION_BLOCK, v1::VERDICT_GONE, "file ~/secrets/infra");
  add("my-app", v1::DECISION_ALLOW, v1::VERDICT_OK, "1Password Work/Claude/my-app").set_days_left(341);
  const std::string text = "$ jackinctl status\n" + status_text(overview, OutputStyle{}, 80, now);
  EXPECT_THAT(test::read_file(JACKIN_README), testing::HasSubstr("```\n" + text + "```\n"));
}

TEST(DoctorReport, Text_LongMessage_WrappedBelowItself) {
  DoctorFindings found;
  v1::Finding& finding = *found.scopes.emplace_back().add_findings();
  finding.set_severity(v1::SEVERITY_WARNING);
  finding.set_message("the token expires in 12 days");
  EXPECT_NE(doctor_text(found, OutputStyle{}, 25).find("  ! the token expires in\n    12 days\n"), std::string::npos)
      << doctor_text(found, OutputStyle{}, 25);
}

TEST(StatusReport, Text_NoUnicode_Ascii) {
  v1::OverviewReply overview;
  *overview.add_scopes() = probe_reply();
  v1::ProbeReply& other = *overview.add_scopes();
  other = probe_reply();
  other.mutable_scope()->set_workspace("other");
  other.set_decision(v1::DECISION_BLOCK);
  other.set_verdict(v1::VERDICT_GONE);
  other.set_source("a name that is far too long for what is left of the line");
  const std::string text = status_text(overview, OutputStyle{false, false}, 80, now);
  EXPECT_EQ(text,
            "SCOPE   MODE         SOURCE                HEALTH      DAYS LEFT      LAST CHECK\n"
            "my-app  oauth_token  1Password Persona...  ! expiring  #......... 23  5 min ago\n"
            "other   oauth_token  a name that is fa...  x gone      #......... 23  5 min ago\n");
}

std::string status_json(const v1::OverviewReply& overview) {
  std::string text;
  EXPECT_TRUE(write_status_json(overview, [&](const std::string& piece) -> Result<> {
    text += piece;
    return {};
  }));
  return text;
}

TEST(StatusReport, Json_SharedSource_OtherScopesListed) {
  v1::OverviewReply overview;
  v1::SharingGroup& group = *overview.add_groups();
  for (const char* name : {"a", "b\"", "c"}) {
    v1::ProbeReply& probe = *overview.add_scopes();
    probe = probe_reply();
    probe.mutable_scope()->set_workspace(name);
    probe.set_group(1);
    *group.add_scopes() = probe.scope();
  }
  *overview.add_scopes() = probe_reply();
  overview.add_scopes()->set_group(7);  // a group that does not exist
  const Json json = Json::parse(status_json(overview));
  EXPECT_EQ(json["scopes"][0]["shared_with"], Json::array({"b\"", "c"}));
  EXPECT_EQ(json["scopes"][1]["shared_with"], Json::array({"a", "c"}));
  EXPECT_EQ(json["scopes"][2]["shared_with"], Json::array({"a", "b\""}));
  EXPECT_EQ(json["scopes"][3]["shared_with"], Json::array());
  EXPECT_EQ(json["scopes"][4]["shared_with"], Json::array());
  EXPECT_EQ(json["scopes"][0]["verdict"], "expiring");
  EXPECT_EQ(status_json({}), "{\"scopes\":[]}\n");
}

TEST(StatusReport, Json_WriteFails_Stops) {
  v1::OverviewReply overview;
  for (int i = 0; i < 3; ++i) *overview.add_scopes() = probe_reply();
  int written = 0;
  const auto refused = write_status_json(overview, [&](const std::string&) -> Result<> {
    ++written;
    return failure(Reason::cancelled, "the output pipe is closed");
  });
  EXPECT_FALSE(refused);
  EXPECT_EQ(written, 1);
}

TEST(StatusReport, Text_ManySharers_FewNamed) {
  v1::OverviewReply overview;
  v1::SharingGroup& group = *overview.add_groups();
  for (int i = 0; i < 3000; ++i) {
    v1::ProbeReply& probe = *overview.add_scopes();
    probe.mutable_scope()->set_workspace("w" + std::to_string(i));
    probe.set_group(1);
    *group.add_scopes() = probe.scope();
  }
  const std::string text = status_text(overview, OutputStyle{}, 0, now);
  EXPECT_NE(text.find("w1, w2, w3 and 2996 more\n"), std::string::npos);
  EXPECT_NE(text.find("w0, w1, w3 and 2996 more\n"), std::string::npos);
}

DoctorFindings doctor_findings() {
  DoctorFindings found;
  found.single = true;
  v1::ScopeHealth& scope = found.scopes.emplace_back();
  scope.mutable_scope()->set_workspace("my-app");
  scope.set_decision(v1::DECISION_WARN);
  scope.set_verdict(v1::VERDICT_CHANGED);
  v1::Finding& finding = *scope.add_findings();
  finding.set_severity(v1::SEVERITY_WARNING);
  finding.set_code("fingerprint_changed");
  finding.set_message("the token was replaced outside of jackind");
  finding.mutable_remedy()->set_action(v1::REMEDY_ACTION_CHECK);
  finding.mutable_remedy()->mutable_scope()->set_workspace("my-app");
  return found;
}

TEST(DoctorReport, SingleScope_OnlyItsFindings) {
  EXPECT_EQ(as_line(doctor_json(doctor_findings())),
            R"({"scope":"my-app","decision":"warn","verdict":"changed","findings":[{"severity":"warning",)"
            R"("code":"fingerprint_changed","message":"the token was replaced outside of jackind",)"
            R"("remedy":"jackinctl doctor my-app"}]})"
            "\n");
  EXPECT_EQ(doctor_text(doctor_findings(), OutputStyle{}),
            "! my-app  changed\n"
            "  ! the token was replaced outside of jackind\n"
            "    try: jackinctl doctor my-app\n");
}

TEST(DoctorReport, AllScopes_SystemSectionsIncluded) {
  DoctorFindings found = doctor_findings();
  found.single = false;
  found.system.emplace();
  v1::Finding& finding = *found.system->add_programs();
  finding.set_severity(v1::SEVERITY_INFO);
  finding.set_code("claude_found");
  finding.set_message("claude 2.1.197 at /usr/bin/claude");
  const Json json = doctor_json(found);
  std::vector<std::string> keys;
  for (const auto& item : json.items()) keys.push_back(item.key());
  EXPECT_EQ(keys, (std::vector<std::string>{"daemon", "programs", "stores", "leftovers", "scopes"}));
  EXPECT_EQ(json["programs"][0]["severity"], "info");
  EXPECT_EQ(json["stores"], Json::array());
  EXPECT_NE(doctor_text(found, OutputStyle{}).find("programs\n  · claude 2.1.197 at /usr/bin/claude\n"),
            std::string::npos);
}

TEST(DoctorReport, HasFault_BlockOrErrorFinding_True) {
  DoctorFindings found = doctor_findings();
  EXPECT_FALSE(found.has_fault());
  found.scopes[0].set_decision(v1::DECISION_BLOCK);
  EXPECT_TRUE(found.has_fault());
  found = doctor_findings();
  found.scopes[0].mutable_findings(0)->set_severity(v1::SEVERITY_ERROR);
  EXPECT_TRUE(found.has_fault());
  found = doctor_findings();
  found.system.emplace();
  EXPECT_FALSE(found.has_fault());
  found.system->add_leftovers()->set_severity(v1::SEVERITY_ERROR);
  EXPECT_TRUE(found.has_fault());
}

TEST(DaemonReport, TextAndJson_AddressAndOperations_Printed) {
  v1::StatusReply status;
  status.set_pid(42);
  status.set_version("0.1.0");
  status.set_protocol("1.0");
  status.set_socket("/run/jackind.sock");
  status.set_config_dir("/c");
  status.set_state_dir("/s");
  status.set_data_dir("/d");
  status.set_base_url("https://api.anthropic.com");
  status.set_base_url_is_default(true);
  status.set_started_at("2026-11-23T15:04:05Z");
  EXPECT_EQ(as_line(daemon_json(status)),
            R"({"pid":42,"version":"0.1.0","protocol":"1.0","socket":"/run/jackind.sock","config_dir":"/c",)"
            R"("state_dir":"/s","data_dir":"/d","base_url":"https://api.anthropic.com",)"
            R"("started_at":"2026-11-23T15:04:05Z","operations":[]})"
            "\n");
  EXPECT_EQ(daemon_text(status, now).find("API"), std::string::npos);
  status.set_base_url("http://127.0.0.1:9");
  status.set_base_url_is_default(false);
  EXPECT_NE(daemon_text(status, now).find("API           http://127.0.0.1:9\n"), std::string::npos);
  v1::Operation& operation = *status.add_operations();
  operation.set_id("x1");
  operation.set_kind(v1::OPERATION_KIND_SETUP);
  operation.mutable_scope()->set_workspace("my-app");
  operation.set_step(v1::STEP_MINT);
  operation.set_started_at("2026-11-23T15:02:05Z");
  operation.mutable_client()->set_pid(7);
  operation.mutable_client()->set_command("jackinctl");
  EXPECT_EQ(daemon_json(status)["operations"].dump(),
            R"([{"id":"x1","kind":"setup","scope":"my-app","step":"mint","started_at":"2026-11-23T15:02:05Z",)"
            R"("started_by":{"pid":7,"command":"jackinctl"}}])");
  EXPECT_NE(daemon_text(status, now).find("running       setup my-app, at mint, 2 min ago, for jackinctl[7]\n"),
            std::string::npos);
}

}  // namespace
}  // namespace jackin::client

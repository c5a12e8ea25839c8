// SPDX-License-Identifier: Apache-2.0
#include "client/cli/token_report.hpp"

#include "client/rpc/proto_conversion.hpp"
#include "client/terminal/report.hpp"
#include "common/untrusted_text.hpp"
#include "proto/enum_conversion.hpp"

namespace jackin::client {
namespace {

std::string clean(const std::string& text) {
  return printable(text, 1000);
}

std::string expiry(const v1::TokenReport& report) {
  if (report.expires_on().empty()) return {};
  std::string text = report.expires_on();
  if (report.has_days_left()) {
    const auto days = report.days_left();
    text += " (" + (days == 0 ? std::string("less than a day") : std::to_string(days) + (days == 1 ? " day" : " days"));
    text += report.expiry_estimated() ? ", estimated)" : ")";
  }
  return text;
}

Report lines_of(const v1::TokenReport& report) {
  const v1::Scope& scope = report.scope();
  Report lines;
  if (scope.workspace().empty()) {
    lines.add("scope", "global");
  } else {
    lines.add("workspace", clean(scope.workspace()));
    lines.add("role", clean(scope.role()));
  }
  lines.add("claude", clean(report.claude_version()));
  lines.add("stored in", clean(report.stored_in()));
  lines.add("fingerprint", report.fingerprint());
  lines.add("expires", expiry(report));
  lines.add("set in", clean(report.slot_file() + "  " + report.slot()));
  return lines;
}

}  // namespace

Json token_json(const v1::TokenReport& report) {
  Json json;
  json["scope"] = scope_text(report.scope());
  put_text(json, "store", word_of_proto(report.store()));
  put_text(json, "reference", clean(report.reference()));
  put_text(json, "fingerprint", report.fingerprint());
  put_text(json, "expires_on", report.expires_on());
  if (report.has_days_left()) json["days_left"] = report.days_left();
  put_text(json, "claude_version", clean(report.claude_version()));
  put_text(json, "slot_file", clean(report.slot_file()));
  put_text(json, "slot_style", word_of_proto(report.slot_style()));
  json["created"] = report.created();
  json["deleted_old"] = report.deleted_old();
  json["old_holders"] = processes_json(report.old_holders());
  return json;
}

Json processes_json(const google::protobuf::RepeatedPtrField<v1::Process>& processes) {
  Json list = Json::array();
  for (const v1::Process& process : processes) {
    Json one;
    one["pid"] = process.pid();
    put_text(one, "command", clean(process.command()));
    list.push_back(std::move(one));
  }
  return list;
}

std::string token_text(const v1::TokenReport& report) {
  Report lines = lines_of(report);
  if (!report.scope().workspace().empty())
    lines.add("use it", "jackin-hook exec " + clean(scope_text(report.scope())) + " -- claude");
  return lines.text();
}

std::string rotated_text(const v1::TokenReport& report) {
  Report lines = lines_of(report);
  if (report.deleted_old()) lines.add("old item", "deleted");
  for (const v1::Process& process : report.old_holders()) {
    lines.add("old token in", std::to_string(process.pid()) + "  " + clean(process.command()));
  }
  return lines.text();
}

std::string still_valid_text(int tokens) {
  return tokens == 1
             ? "The old token still works at Anthropic until you end it: claude.ai > Settings > Claude Code\n"
             : "The old tokens still work at Anthropic until you end them: claude.ai > Settings > Claude Code\n";
}

}  // namespace jackin::client

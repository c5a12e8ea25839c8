// SPDX-License-Identifier: Apache-2.0
#include "client/cli/doctor_report.hpp"

#include "client/rpc/proto_conversion.hpp"
#include "client/terminal/health_mark.hpp"
#include "common/untrusted_text.hpp"
#include "proto/enum_conversion.hpp"

namespace jackin::client {
namespace {

using Findings = google::protobuf::RepeatedPtrField<v1::Finding>;

constexpr std::size_t message_limit = 1000;

Json findings_json(const Findings& findings) {
  Json list = Json::array();
  for (const v1::Finding& finding : findings) {
    Json one;
    one["severity"] = word_of_proto(finding.severity());
    one["code"] = finding.code();
    one["message"] = printable(finding.message(), message_limit);
    put_text(one, "remedy", remedy_line(finding.remedy()));
    list.push_back(std::move(one));
  }
  return list;
}

Json scope_json(const v1::ScopeHealth& scope) {
  Json json;
  json["scope"] = scope_text(scope.scope());
  json["decision"] = word_of_proto(scope.decision());
  json["verdict"] = word_of_proto(scope.verdict());
  json["findings"] = findings_json(scope.findings());
  return json;
}

void add_findings(std::string& text, const Findings& findings, const OutputStyle& output) {
  for (const v1::Finding& finding : findings) {
    const HealthMark mark = finding_mark(from_proto(finding.severity()), output);
    text += "  " + output.styled(mark.style, mark.glyph) + " " + printable(finding.message(), message_limit) + "\n";
    const std::string remedy = remedy_line(finding.remedy());
    if (!remedy.empty()) text += "    " + output.styled(TextStyle::dim, "try:") + " " + remedy + "\n";
  }
}

void add_section(std::string& text, std::string_view heading, const Findings& findings, const OutputStyle& output) {
  if (findings.empty()) return;
  text += output.styled(TextStyle::strong, heading) + "\n";
  add_findings(text, findings, output);
}

}  // namespace

Json doctor_json(const DoctorFindings& found) {
  if (found.single && found.scopes.size() == 1) return scope_json(found.scopes.front());
  Json json;
  if (found.system) {
    json["daemon"] = findings_json(found.system->daemon());
    json["programs"] = findings_json(found.system->programs());
    json["stores"] = findings_json(found.system->stores());
    json["leftovers"] = findings_json(found.system->leftovers());
  }
  json["scopes"] = Json::array();
  for (const v1::ScopeHealth& scope : found.scopes) json["scopes"].push_back(scope_json(scope));
  return json;
}

std::string doctor_text(const DoctorFindings& found, const OutputStyle& output) {
  std::string text;
  for (const v1::ScopeHealth& scope : found.scopes) {
    const HealthMark mark = health_mark(from_proto(scope.decision()), from_proto(scope.verdict()), output);
    text += output.styled(mark.style, mark.glyph) + " " + output.styled(TextStyle::strong, scope_text(scope.scope())) +
            "  " + spaced(word_of_proto(scope.verdict())) + "\n";
    add_findings(text, scope.findings(), output);
  }
  if (found.system) {
    add_section(text, "daemon", found.system->daemon(), output);
    add_section(text, "programs", found.system->programs(), output);
    add_section(text, "stores", found.system->stores(), output);
    add_section(text, "leftovers", found.system->leftovers(), output);
  }
  return text.empty() ? "nothing to check\n" : text;
}

}  // namespace jackin::client

// SPDX-License-Identifier: Apache-2.0
#include "client/cli/probe_report.hpp"

#include <map>
#include <vector>

#include "client/cli/scope_names.hpp"
#include "client/rpc/proto_conversion.hpp"
#include "client/terminal/health_mark.hpp"
#include "client/terminal/report.hpp"
#include "client/terminal/text.hpp"
#include "common/untrusted_text.hpp"
#include "proto/enum_conversion.hpp"

namespace jackin::client {
namespace {

constexpr int widest_event = 9;  // "removed", "changed", "current", and two blanks
constexpr std::size_t most_sharers_shown = 3;

std::optional<int> days_left_of(const v1::ProbeReply& probe) {
  if (!probe.has_days_left()) return std::nullopt;
  return probe.days_left();
}

// The daemon does not check tokens that it does not manage. Users could mistake "never" in that column for a fault.
bool is_managed(const v1::ProbeReply& probe) {
  return probe.verdict() != v1::VERDICT_NOT_MANAGED;
}

std::string expiry_text(const v1::ProbeReply& probe) {
  if (probe.expires_on().empty()) return {};
  std::string text = probe.expires_on();
  if (probe.has_days_left()) text += " (" + std::to_string(probe.days_left()) + " days)";
  return text;
}

HealthMark mark_of(const v1::ProbeReply& probe, const OutputStyle& output = {}) {
  return health_mark(from_proto(probe.decision()), from_proto(probe.verdict()), output);
}

std::string verdict_text(const v1::ProbeReply& probe) {
  return spaced(word_of_proto(probe.verdict()));
}

std::string health_text(const v1::ProbeReply& probe, const OutputStyle& output) {
  return mark_of(probe, output).glyph + " " + verdict_text(probe);
}

// A few of the scopes with the same source.
std::string sharers_text(const v1::ProbeReply& probe, const v1::OverviewReply& overview) {
  const Scopes& group = group_of(probe, overview);
  if (group.empty()) return {};
  const std::string own = scope_text(probe.scope());
  std::vector<std::string> some;
  for (auto at = group.begin(); at != group.end() && some.size() < most_sharers_shown; ++at) {
    if (const std::string name = scope_text(*at); name != own) some.push_back(name);
  }
  return few_names(some, static_cast<std::size_t>(group.size()) - 1);
}

}  // namespace

Json probe_json(const v1::ProbeReply& probe) {
  Json json;
  json["scope"] = scope_text(probe.scope());
  json["decision"] = word_of_proto(probe.decision());
  json["verdict"] = word_of_proto(probe.verdict());
  put_text(json, "mode", word_of_proto(probe.mode()));
  put_text(json, "source", printable(probe.source()));
  put_text(json, "summary", printable(probe.summary()));
  put_text(json, "remedy", remedy_line(probe.remedy()));
  put_text(json, "fingerprint", probe.fingerprint());
  put_text(json, "expires_on", probe.expires_on());
  if (probe.has_days_left()) json["days_left"] = probe.days_left();
  put_text(json, "checked_at", probe.checked_at());
  json["fresh"] = probe.fresh();
  return json;
}

std::string probe_text(const v1::ProbeReply& probe, const OutputStyle& output, Moment now) {
  Report report;
  report.add(probe.scope().workspace().empty() ? "scope" : "workspace",
             probe.scope().workspace().empty() ? "global" : printable(probe.scope().workspace()));
  report.add("role", printable(probe.scope().role()));
  report.add("health", health_text(probe, output));
  report.add("", printable(probe.summary()));
  report.add("mode", word_of_proto(probe.mode()));
  report.add("source", printable(probe.source()));
  report.add("fingerprint", probe.fingerprint());
  report.add("expires", expiry_text(probe));
  if (is_managed(probe)) {
    report.add("checked", time_ago(parse_moment(probe.checked_at()), now) + (probe.fresh() ? "" : " (stale)"));
  }
  std::string text = report.text();
  const std::string remedy = remedy_line(probe.remedy());
  if (!remedy.empty()) text += output.styled(TextStyle::dim, "try:") + " " + remedy + "\n";
  return text;
}

Json watch_json(const v1::WatchEvent& event) {
  Json json;
  json["event"] = word_of_proto(event.event());
  json.update(probe_json(event.probe()));
  return json;
}

std::string watch_text(const v1::WatchEvent& event, const OutputStyle& output) {
  const v1::ProbeReply& probe = event.probe();
  const std::string scope = output.styled(TextStyle::strong, scope_text(probe.scope()));
  const std::string what = padded(word_of_proto(event.event()), widest_event);
  if (event.event() == v1::HEALTH_EVENT_REMOVED) return what + scope + "\n";
  const HealthMark mark = mark_of(probe, output);
  std::string line = what + scope + "  " + output.styled(mark.style, mark.glyph) + " " + verdict_text(probe);
  if (!probe.summary().empty()) line += ": " + printable(probe.summary());
  return line + "\n";
}

Result<> write_status_json(const v1::OverviewReply& overview,
                           const std::function<Result<>(const std::string&)>& write) {
  std::map<const Scopes*, SharersJson> sharers;
  std::string piece = R"({"scopes":[)";
  for (const v1::ProbeReply& probe : overview.scopes()) {
    piece += as_text(probe_json(probe));
    piece.pop_back();
    const Scopes& group = group_of(probe, overview);
    piece += R"(,"shared_with":)" + sharers.try_emplace(&group, group).first->second.without(scope_text(probe.scope()));
    const bool is_last = &probe == &overview.scopes(overview.scopes_size() - 1);
    piece += is_last ? "}" : "},";
    TRY(write(piece));
    piece.clear();
  }
  return write(piece + "]}\n");
}

std::string status_text(const v1::OverviewReply& overview, const OutputStyle& output, int columns, Moment now) {
  if (overview.scopes().empty()) return "no workspaces\n";
  Table table({"SCOPE", "MODE", "SOURCE", "HEALTH", "DAYS LEFT", "LAST CHECK", "SHARED WITH"}, {2, 6, 0}, {5, 6, 1});
  for (const v1::ProbeReply& probe : overview.scopes()) {
    const auto days_left = days_left_of(probe);
    const auto checked_at = parse_moment(probe.checked_at());
    table.add({{scope_text(probe.scope()), TextStyle::strong},
               {word_of_proto(probe.mode())},
               {printable(probe.source())},
               {health_text(probe, output), mark_of(probe).style},
               {days_left_bar(days_left, output), style_of_days_left(days_left)},
               {is_managed(probe) ? time_ago(checked_at, now) : std::string(), TextStyle::dim},
               {sharers_text(probe, overview), TextStyle::dim}});
  }
  return table.text(output, columns);
}

}  // namespace jackin::client

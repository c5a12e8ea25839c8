// SPDX-License-Identifier: Apache-2.0
#include "client/cli/revoke_report.hpp"

#include "client/rpc/proto_conversion.hpp"
#include "common/untrusted_text.hpp"

namespace jackin::client {
namespace {

constexpr std::size_t text_limit = 1000;

std::string try_line(const v1::Remedy& remedy, const OutputStyle& output, const TypedCommand& typed) {
  const std::string line = remedy_line(remedy, typed);
  return line.empty() ? line : output.styled(TextStyle::dim, "try:") + " " + line + "\n";
}

}  // namespace

Json revoked_json(const v1::RevokeOutcome& outcome) {
  Json json;
  json["scope"] = scope_text(outcome.scope());
  json["cleared"] = outcome.cleared();
  json["deleted"] = outcome.deleted();
  put_text(json, "remains_in", printable(outcome.remains_in(), text_limit));
  return json;
}

std::string revoked_text(const v1::RevokeOutcome& outcome, const OutputStyle& output, const TypedCommand& typed) {
  std::string text;
  if (outcome.cleared() || !outcome.has_error()) {
    text = output.styled(TextStyle::strong, scope_text(outcome.scope())) + ": ";
    text += outcome.cleared() ? "token removed from the configuration" : "was revoked already";
    if (outcome.deleted()) text += "; the stored token is deleted";
  }
  if (!outcome.remains_in().empty()) {
    text += ". It is still in " + printable(outcome.remains_in(), text_limit);
  }
  if (!text.empty()) text += "\n";
  if (!outcome.has_error()) text += try_line(outcome.remains_remedy(), output, typed);
  for (const v1::Notice& notice : outcome.notices()) {
    const bool warning = notice.severity() == v1::SEVERITY_WARNING;
    text += output.styled(warning ? TextStyle::warning : TextStyle::dim, warning ? "warning:" : "note:") + " " +
            printable(notice.message(), text_limit) + "\n";
    text += try_line(notice.remedy(), output, typed);
  }
  for (const v1::Process& holder : outcome.holders()) {
    text += "still runs with it: " + std::to_string(holder.pid()) + "  " + printable(holder.command()) + "\n";
  }
  return text;
}

}  // namespace jackin::client

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "client/view/look.hpp"
#include "common/dates.hpp"

namespace jackin::client {

/// A verdict at a glance: ✓ ok, · nothing to say, ! look at it, ✗ will not start; in ASCII + - ! x. `decision` and
/// `verdict` as the protocol spells them; unknown ones count as worth a look.
struct HealthMark {
  std::string glyph;
  Tone tone = Tone::plain;
};
HealthMark health_mark(std::string_view decision, std::string_view verdict, const Look& look = {});

/// The same of a finding: "error", "warning", else "info".
HealthMark finding_mark(std::string_view severity, const Look& look);

/// "not_managed" as "not managed".
std::string spaced(std::string_view code);

/// How much of a token's year is left, as ten blocks and a number: "████████░░ 290", in ASCII "########.. 290". Past:
/// "expired". Empty when unknown.
std::string days_left_bar(std::optional<int> days_left, const Look& look = {});

/// Red at 7 days and less, yellow at 30 and less, else plain.
Tone tone_of_days_left(std::optional<int> days_left);

/// "just now", "5 min ago", "3 h ago", "12 days ago"; "never" for nothing.
std::string time_ago(std::optional<Moment> moment, Moment now);

}  // namespace jackin::client

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "client/view/look.hpp"
#include "common/dates.hpp"

namespace jackin::client {

/// A verdict at a glance: ✓ ok, · nothing to say, ! look at it, ✗ will not start. `decision` and `verdict` as the
/// protocol spells them; unknown ones count as worth a look.
struct HealthMark {
  std::string glyph;
  Tone tone = Tone::plain;
};
HealthMark health_mark(std::string_view decision, std::string_view verdict);

/// "not_managed" as "not managed".
std::string spaced(std::string_view code);

/// How much of a token's year is left, as ten blocks and a number: "████████░░ 290". Past: "expired". Empty when
/// unknown.
std::string days_left_bar(std::optional<int> days_left);

/// Red at 7 days and less, yellow at 30 and less, else plain.
Tone tone_of_days_left(std::optional<int> days_left);

/// "just now", "5 min ago", "3 h ago", "12 days ago"; "never" for nothing.
std::string time_ago(std::optional<Moment> moment, Moment now);

}  // namespace jackin::client

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "client/terminal/style.hpp"
#include "common/dates.hpp"

namespace jackin::client {

/// A verdict at a glance: ✓ ok, · nothing to say, ! look at it, ✗ will not start; in ASCII + - ! x. `decision` and
/// `verdict` as the protocol spells them; unknown ones count as worth a look.
struct HealthMark {
  std::string glyph;
  TextStyle style = TextStyle::plain;
};
HealthMark health_mark(std::string_view decision, std::string_view verdict, const OutputStyle& output = {});

/// The same of a finding: "error", "warning", else "info".
HealthMark finding_mark(std::string_view severity, const OutputStyle& output);

/// "not_managed" as "not managed".
std::string spaced(std::string_view code);

/// How much of a token's year is left, as ten blocks and a number: "████████░░ 290", in ASCII "########.. 290". Past:
/// "expired". Empty when unknown.
std::string days_left_bar(std::optional<int> days_left, const OutputStyle& output = {});

/// Red at 7 days and less, yellow at 30 and less, else plain.
TextStyle style_of_days_left(std::optional<int> days_left);

/// "just now", "5 min ago", "3 h ago", "12 days ago"; "never" for nothing.
std::string time_ago(std::optional<Moment> moment, Moment now);

}  // namespace jackin::client

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "client/terminal/style.hpp"
#include "common/dates.hpp"
#include "common/verdict.hpp"

namespace jackin::client {

/// A verdict as one character: ✓ ok, · neutral, ! needs attention, ✗ launch blocked; in ASCII + - ! x. An empty
/// optional is a value that this version does not know; it counts as "needs attention".
struct HealthMark {
  std::string glyph;
  TextStyle style = TextStyle::plain;
};
HealthMark health_mark(std::optional<Decision> decision, std::optional<Verdict> verdict,
                       const OutputStyle& output = {});

/// A finding as one character: ✗ error, ! warning, · any other; in ASCII x ! -.
HealthMark finding_mark(std::optional<Severity> severity, const OutputStyle& output);

/// Replaces underscores by spaces: "not_managed" becomes "not managed".
std::string spaced(std::string_view code);

/// The days left as a bar of ten blocks and a number; a full bar is a year: "████████░░ 290", in ASCII "########..
/// 290". Returns "expired" for a negative number, and nothing for an unknown one.
std::string days_left_bar(std::optional<int> days_left, const OutputStyle& output = {});

/// Red at 7 days or less, yellow at 30 or less, else plain.
TextStyle style_of_days_left(std::optional<int> days_left);

/// "just now", "5 min ago", "3 h ago", "12 days ago"; "never" for an empty value.
std::string time_ago(std::optional<Moment> moment, Moment now);

}  // namespace jackin::client

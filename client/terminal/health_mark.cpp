// SPDX-License-Identifier: Apache-2.0
#include "client/terminal/health_mark.hpp"

#include <algorithm>

namespace jackin::client {
namespace {

constexpr int bar_blocks = 10;
constexpr int year_days = 365;

}  // namespace

HealthMark health_mark(std::optional<Decision> decision, std::optional<Verdict> verdict, const OutputStyle& output) {
  if (decision == Decision::block) return {output.unicode ? "✗" : "x", TextStyle::bad};
  if (decision == Decision::allow && verdict == Verdict::ok) return {output.unicode ? "✓" : "+", TextStyle::good};
  if (decision == Decision::allow) return {output.unicode ? "·" : "-", TextStyle::dim};
  return {"!", TextStyle::warning};
}

HealthMark finding_mark(std::optional<Severity> severity, const OutputStyle& output) {
  if (severity == Severity::error) return {output.unicode ? "✗" : "x", TextStyle::bad};
  if (severity == Severity::warning) return {"!", TextStyle::warning};
  return {output.unicode ? "·" : "-", TextStyle::dim};
}

std::string spaced(std::string_view code) {
  std::string words(code);
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

std::string days_left_bar(std::optional<int> days_left, const OutputStyle& output) {
  if (!days_left) return {};
  if (*days_left < 0) return "expired";
  // Rounded up, so that the bar is empty only on the last day.
  const int full = std::min(bar_blocks, (*days_left * bar_blocks + year_days - 1) / year_days);
  std::string bar;
  for (int i = 0; i < bar_blocks; ++i) bar += output.unicode ? (i < full ? "█" : "░") : (i < full ? "#" : ".");
  return bar + " " + std::to_string(*days_left);
}

TextStyle style_of_days_left(std::optional<int> days_left) {
  if (!days_left || *days_left > 30) return TextStyle::plain;
  return *days_left <= 7 ? TextStyle::bad : TextStyle::warning;
}

std::string time_ago(std::optional<Moment> moment, Moment now) {
  using namespace std::chrono;
  if (!moment) return "never";
  const auto age = now - *moment;
  if (age < -minutes(1)) return "in the future";  // The clock was set back since that time.
  if (age < minutes(1)) return "just now";
  if (age < hours(1)) return std::to_string(duration_cast<minutes>(age).count()) + " min ago";
  if (age < hours(48)) return std::to_string(duration_cast<hours>(age).count()) + " h ago";
  return std::to_string(duration_cast<days>(age).count()) + " days ago";
}

}  // namespace jackin::client

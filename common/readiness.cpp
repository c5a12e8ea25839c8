// SPDX-License-Identifier: Apache-2.0
#include "common/readiness.hpp"

#include <nlohmann/json.hpp>
#include <vector>

#include "common/remedy_json.hpp"

namespace jackin {
namespace {

// Tabs divide the fields. Errors are printable, so they contain neither tabs nor line ends.
std::vector<std::string_view> split_fields(std::string_view line) {
  std::vector<std::string_view> fields;
  while (true) {
    const auto tab = line.find('\t');
    fields.push_back(line.substr(0, tab));
    if (tab == std::string_view::npos) return fields;
    line.remove_prefix(tab + 1);
  }
}

}  // namespace

std::string readiness_line(Readiness readiness) {
  return readiness == Readiness::ready ? "ready\n" : "exists\n";
}

std::string readiness_line(const Error& error) {
  return "error\t" + std::string(to_code(error.reason)) + "\t" + error.message + "\t" + to_json(error.remedy).dump() +
         "\n";
}

Result<Readiness> parse_readiness(std::string_view text) {
  if (text == "ready\n") return Readiness::ready;
  if (text == "exists\n") return Readiness::exists;
  if (text.ends_with('\n')) {
    const auto fields = split_fields(text.substr(0, text.size() - 1));
    if (fields.size() == 4 && fields[0] == "error") {
      return failure(reason_from_code(fields[1]).value_or(Reason::internal), std::string(fields[2]),
                     remedy_from_json(nlohmann::json::parse(fields[3], nullptr, false)));
    }
  }
  return failure(Reason::internal, "jackind ended before it was ready",
                 Remedy::of(RemedyAction::run_daemon).noting("this shows the reason in the foreground"));
}

}  // namespace jackin

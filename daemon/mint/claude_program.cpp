// SPDX-License-Identifier: Apache-2.0
#include "daemon/mint/claude_program.hpp"

#include <optional>
#include <string_view>
#include <utility>

#include "common/claude.hpp"
#include "common/untrusted_text.hpp"

namespace jackin::mint {
namespace {

constexpr std::chrono::seconds version_limit{10};

Task<std::filesystem::path> find_path(ProgramRunner& programs, const Environment& client, const std::string& wanted) {
  std::string name = wanted.empty() ? std::string("claude") : wanted;
  Remedy by_hand = Remedy::of_name(RemedyAction::locate_program, name);
  const bool is_usual = name == "claude";
  auto found = co_await programs.locate(std::move(name), client.value_of("PATH"));
  if (found) co_return std::move(found->path);
  Error error = std::move(found).error();
  if (is_usual && error.reason == Reason::program_missing) {
    error.message = "Claude Code is not installed (" + error.message + ")";
    if (error.remedy.empty()) error.remedy = Remedy::of_name(RemedyAction::install_program, "claude");
  }
  if (error.remedy.empty()) error.remedy = std::move(by_hand);
  co_return failure(std::move(error));
}

// "2.1.197 (Claude Code)": the number before the name. A wrapper may print text before or after it. Without the name
// the first number is the version.
std::optional<DottedVersion> version_in(std::string_view output) {
  const auto at = output.find(product_mark);
  if (at == output.npos) return DottedVersion::find_beside_product_name(output);
  std::string_view beside = output.substr(0, at);
  beside.remove_prefix(beside.find_last_of('\n') + 1);
  while (beside.ends_with(' ')) beside.remove_suffix(1);
  return DottedVersion::find_in(beside.substr(beside.find_last_of(" \t\r") + 1));
}

Error no_version(const std::filesystem::path& path, const std::string& why) {
  return {Reason::program_failed,
          printable(path.string()) + " does not report its version" + (why.empty() ? "" : ": ") + why,
          Remedy::of_name(RemedyAction::check_program, path.string())};
}

}  // namespace

Task<ClaudeProgram> locate_claude(ProgramRunner& programs, const Environment& client, const std::string& wanted) {
  co_await asio::this_coro::throw_if_cancelled(false);
  CO_TRY(auto path, co_await find_path(programs, client, wanted));
  ProgramCall call;
  call.program = path;
  call.arguments = {"--version"};
  call.environment = claude_environment(client);
  call.limit = version_limit;
  CO_TRY(const ProgramResult result, co_await programs.run(std::move(call)));
  if (result.exit_code != 0) co_return failure(no_version(path, result.errors.shown({})));
  const auto version = version_in(result.output.view());
  if (!version) co_return failure(no_version(path, {}));
  ClaudeProgram program{std::move(path), *version};
  co_return program;
}

}  // namespace jackin::mint

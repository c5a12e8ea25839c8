#include "daemon/mint/claude_program.hpp"

#include <utility>

#include "common/scope.hpp"
#include "common/untrusted_text.hpp"

namespace jackin::mint {
namespace {

constexpr std::chrono::seconds version_limit{10};

Result<std::filesystem::path> find_path(const Environment& client, const std::string& wanted) {
  auto found = locate_program(wanted.empty() ? "claude" : wanted, client.value_of("PATH"));
  if (!found && found.error().reason == Reason::program_missing && found.error().remedy.empty()) {
    found.error().remedy = "npm install -g @anthropic-ai/claude-code";
  }
  return found;
}

Error no_version(const std::filesystem::path& path, const std::string& why) {
  return {Reason::program_failed,
          printable(path.string()) + " does not say its version" + (why.empty() ? "" : ": ") + why,
          shell_quoted(path.string()) + " --version"};
}

}  // namespace

Task<ClaudeProgram> locate_claude(ProgramRunner& programs, const Environment& client, const std::string& wanted) {
  co_await asio::this_coro::throw_if_cancelled(false);
  CO_TRY(auto path, find_path(client, wanted));
  ProgramCall call;
  call.program = path;
  call.arguments = {"--version"};
  call.environment = given_to_claude(client);
  call.limit = version_limit;
  CO_TRY(const ProgramResult result, co_await programs.run(std::move(call)));
  if (result.exit_code != 0) co_return failure(no_version(path, result.errors));
  const auto version = DottedVersion::find_in(result.output.view());
  if (!version) co_return failure(no_version(path, {}));
  ClaudeProgram program{std::move(path), *version};
  co_return program;
}

}  // namespace jackin::mint

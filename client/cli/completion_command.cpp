// SPDX-License-Identifier: Apache-2.0
// `jackinctl completion SHELL`, and `jackinctl __complete SHELL …`, which the printed scripts call.

#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "client/cli/bash_line.hpp"
#include "client/cli/completion.hpp"
#include "client/cli/program.hpp"
#include "client/terminal/text.hpp"
#include "common/os/find_paths.hpp"
#include "common/paths.hpp"
#include "common/presence.hpp"
#include "common/scope.hpp"
#include "jackin/v1/health.grpc.pb.h"

namespace jackin {
extern const std::string_view completion_for_bash;
extern const std::string_view completion_for_zsh;
extern const std::string_view completion_for_fish;
}  // namespace jackin

namespace jackin::client {
namespace {

namespace fs = std::filesystem;

// The time limit for the daemon's answer: the user waits for the completion.
constexpr std::chrono::milliseconds reply_limit{1000};
constexpr std::size_t longest_header = 500;

// The names come from the files, so no daemon is needed.
std::vector<std::string> workspaces(const CommandContext& cli) {
  const auto paths = find_paths(cli.environment);
  if (!paths) return {};
  const auto files = workspace_files(paths->workspaces_dir());
  if (!files) return {};
  // A name that contains terminal control characters is not offered.
  std::vector<std::string> names;
  std::copy_if(files->names.begin(), files->names.end(), std::back_inserter(names),
               [](const std::string& name) { return drawable(name) == name; });
  return names;
}

// Roles that have a table of their own in the workspace's file. A role in another form, such as an inline table, is not
// offered.
void add_roles_of_file(const CommandContext& cli, const std::string& workspace, std::set<std::string>& names) {
  const auto paths = find_paths(cli.environment);
  if (!paths || !Scope::workspace(workspace)) return;
  const auto path = paths->workspaces_dir() / (workspace + ".toml");
  std::error_code error;
  // Opening a FIFO would block until it has a writer.
  if (!fs::is_regular_file(path, error)) return;
  std::ifstream file(path);
  static const std::regex header(
      R"re(\s*\[\s*roles\s*\.\s*(?:"([a-z0-9/-]+)"|'([a-z0-9/-]+)'|([a-z0-9-]+))\s*[.\]].*)re");
  for (std::string line; std::getline(file, line);) {
    // Table headers are short, but a value may have any length.
    if (line.ends_with('\r')) line.pop_back();
    std::smatch found;
    if (line.size() > longest_header || !std::regex_match(line, found, header)) continue;
    for (std::size_t i = 1; i < found.size(); ++i) {
      if (found[i].matched && Scope::role(workspace, found[i].str())) names.insert(found[i].str());
    }
  }
}

// The roles that a running daemon knows, if it answers at once.
void add_roles_of_daemon(const CommandContext& cli, const std::string& workspace, std::set<std::string>& names) {
  const auto paths = find_paths(cli.environment);
  if (!paths) return;
  const auto connection = Connection::reach(cli.environment, *paths);
  if (!connection) return;
  v1::OverviewRequest request;
  request.set_workspace(workspace);
  v1::OverviewReply overview;
  grpc::ClientContext context;
  set_deadline(context, reply_limit);
  if (!v1::HealthService::NewStub(connection->channel())->Overview(&context, request, &overview).ok()) return;
  for (const v1::ProbeReply& probe : overview.scopes()) {
    const bool is_wanted = probe.scope().workspace() == workspace && !probe.scope().role().empty();
    if (is_wanted && Scope::role(workspace, probe.scope().role())) names.insert(probe.scope().role());
  }
}

std::vector<std::string> roles(const CommandContext& cli, const std::string& workspace) {
  if (!Scope::workspace(workspace)) return {};
  std::set<std::string> names;
  add_roles_of_file(cli, workspace, names);
  add_roles_of_daemon(cli, workspace, names);
  return {names.begin(), names.end()};
}

// The line that makes a script offer paths. It starts with a tab, which no candidate contains. Then follow the kind,
// the part of the word before the path, and the typed part of the path.
std::string path_line(PathKind kind, std::string_view before, std::string_view typed) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  if (kind == PathKind::none || std::any_of(typed.begin(), typed.end(), is_control)) return {};
  return std::string(kind == PathKind::folder ? "\tfolder\t" : "\tfile\t") + std::string(before) + "\t" +
         std::string(typed) + "\n";
}

// Candidates as the scripts for zsh and fish read them.
std::string for_words(const std::string& shell, const Completion& found, const std::string& word) {
  std::string text = path_line(found.path, std::string_view(word).substr(0, found.path_begins),
                               std::string_view(word).substr(found.path_begins));
  for (const Candidate& candidate : found.candidates) {
    if (shell == "zsh") {
      text += (candidate.ends_word ? ".\t" : "+\t") + candidate.word + "\t" + candidate.description + "\n";
    } else {
      text += candidate.word + (candidate.description.empty() ? "" : "\t" + candidate.description) + "\n";
    }
  }
  return text;
}

// `arguments` is the line up to the cursor, COMP_WORDBREAKS, and the command's name as it is written in the line.
std::string for_bash_script(const CLI::App& app, const std::vector<std::string>& arguments, const LiveNames& names) {
  if (arguments.size() < 3) return {};
  BashLine line = read_bash_line(arguments[0], arguments[1]);
  const std::string word = line.words.back();
  const std::size_t kept = std::min(line.kept, word.size());
  if (line.is_redirection) {
    return path_line(PathKind::file, "", std::string_view(word).substr(kept));
  }
  // Words before the name, such as variable assignments, are not arguments of jackinctl.
  const auto name = read_bash_line(arguments[2], "").words.back();
  const auto begin = std::find(line.words.begin(), line.words.end(), name);
  if (begin == line.words.end() || std::next(begin) == line.words.end()) return {};
  line.words.erase(line.words.begin(), std::next(begin));
  const Completion found = complete(app, line.words, names);
  const std::size_t path_begins = std::max(found.path_begins, kept);
  std::string text = path_line(found.path, std::string_view(word).substr(kept, path_begins - kept),
                               std::string_view(word).substr(path_begins));
  for (const Candidate& candidate : found.candidates) {
    if (const auto offer = for_bash(line, candidate.word, candidate.ends_word)) text += *offer + "\n";
  }
  return text;
}

}  // namespace

void add_completion(CLI::App& parent, Chosen& chosen) {
  CLI::App* command = parent.add_subcommand("completion", "Print a shell's completion script");
  const auto shell = std::make_shared<std::string>();
  command->add_option("shell", *shell, "Shell to print it for")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}).description(""))
      ->type_name("bash|zsh|fish");
  command->callback([shell, &chosen] {
    chosen = [shell](const CommandContext& cli) {
      const auto script = *shell == "bash"  ? completion_for_bash
                          : *shell == "zsh" ? completion_for_zsh
                                            : completion_for_fish;
      return cli.report(std::string(script), Format::text);
    };
  });
}

int run_complete(const CLI::App& app, std::vector<std::string> arguments, const CommandContext& cli) {
  if (arguments.size() < 2) return exit_done;
  const std::string shell = arguments.front();
  arguments.erase(arguments.begin());
  const LiveNames names{[&cli] { return workspaces(cli); },
                        [&cli](const std::string& workspace) { return roles(cli, workspace); }};
  const std::string text = shell == "bash" ? for_bash_script(app, arguments, names)
                                           : for_words(shell, complete(app, arguments, names), arguments.back());
  // The shell discards errors of a completion.
  static_cast<void>(cli.print(text));
  return exit_done;
}

}  // namespace jackin::client

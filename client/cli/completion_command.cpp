// `jackinctl completion SHELL`, and what the scripts that it prints ask: `jackinctl __complete SHELL …`.

#include <CLI/CLI.hpp>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "client/cli/bash_line.hpp"
#include "client/cli/completion.hpp"
#include "client/cli/managed_scopes.hpp"
#include "client/cli/program.hpp"
#include "common/paths.hpp"
#include "common/scope.hpp"

namespace jackin {
extern const std::string_view completion_for_bash;
extern const std::string_view completion_for_zsh;
extern const std::string_view completion_for_fish;
}  // namespace jackin

namespace jackin::client {
namespace {

namespace fs = std::filesystem;

// The names of the files: no daemon is needed for them.
std::vector<std::string> workspaces(const Surroundings& around) {
  std::vector<std::string> names;
  const auto paths = find_paths(around.environment);
  if (!paths) return names;
  std::error_code error;
  for (fs::directory_iterator at(paths->workspaces_dir(), error), end; !error && at != end; at.increment(error)) {
    std::error_code ignored;
    const std::string name = at->path().stem().string();
    if (at->path().extension() == ".toml" && at->is_regular_file(ignored) && Scope::workspace(name)) {
      names.push_back(name);
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

// As the daemon knows them, when one runs.
std::vector<std::string> roles(const Surroundings& around, const std::string& workspace) {
  std::vector<std::string> names;
  const auto connection = around.connect(Autostart::no);
  if (!connection) return names;
  const auto overview = overview_of(*connection);
  if (!overview) return names;
  for (const v1::ProbeReply& probe : overview->scopes()) {
    const bool is_wanted = probe.scope().workspace() == workspace && !probe.scope().role().empty();
    if (is_wanted && Scope::role(workspace, probe.scope().role())) names.push_back(probe.scope().role());
  }
  return names;
}

bool is_one_line(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

}  // namespace

void add_completion(CLI::App& parent, Chosen& chosen) {
  CLI::App* command = parent.add_subcommand("completion", "Prints what a shell needs to complete jackinctl's words");
  const auto shell = std::make_shared<std::string>();
  command->add_option("shell", *shell, "The shell")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}).description(""))
      ->type_name("bash|zsh|fish");
  command->callback([shell, &chosen] {
    chosen = [shell](const Surroundings& around) {
      const auto script = *shell == "bash"  ? completion_for_bash
                          : *shell == "zsh" ? completion_for_zsh
                                            : completion_for_fish;
      return around.report(std::string(script), Format::text);
    };
  });
}

int run_complete(const CLI::App& app, std::vector<std::string> arguments, const Surroundings& around) {
  if (arguments.size() < 2) return exit_done;
  const std::string shell = arguments.front();
  BashLine line;
  if (shell == "bash") {
    line = read_bash_line(arguments[1]);
  } else {
    line.words = std::move(arguments);
  }
  // What stands before the program's name, as variables do, and the name; the shell's stands in its place.
  const auto is_program = [](const std::string& word) { return fs::path(word).filename() == "jackinctl"; };
  const auto program = std::find_if(line.words.begin(), line.words.end(), is_program);
  const bool is_named = shell == "bash" && program != line.words.end();
  line.words.erase(line.words.begin(), std::next(is_named ? program : line.words.begin()));
  if (line.words.empty()) return exit_done;
  const Completion found = complete(app, line.words,
                                    {[&around] { return workspaces(around); },
                                     [&around](const std::string& workspace) { return roles(around, workspace); }});
  std::string text = found.is_folder ? "folder\n" : "";
  for (const Candidate& candidate : found.candidates) {
    if (!is_one_line(candidate.word)) continue;
    if (shell == "bash") {
      if (const auto word = for_bash(line, candidate.word, candidate.ends_word)) text += *word + "\n";
    } else if (shell == "zsh") {
      text += (candidate.ends_word ? ".\t" : "+\t") + candidate.word + "\t" + candidate.description + "\n";
    } else {
      text += candidate.word + (candidate.description.empty() ? "" : "\t" + candidate.description) + "\n";
    }
  }
  return around.report(text, Format::text);
}

}  // namespace jackin::client

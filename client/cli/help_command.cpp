// SPDX-License-Identifier: Apache-2.0
// `jackinctl help` and `jackinctl version`: the same texts as `--help` and `--version`.

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "client/cli/program.hpp"
#include "common/untrusted_text.hpp"
#include "common/version.hpp"

namespace jackin::client {
namespace {

int show_help(const CLI::App& app, const std::vector<std::string>& words, const CommandContext& cli) {
  const CLI::App* reached = &app;
  std::string name = app.get_name();
  for (const std::string& word : words) {
    const auto below = reached->get_subcommands([&word](const CLI::App* one) { return one->get_name() == word; });
    if (below.empty()) {
      return cli.fail(
          {Reason::invalid_argument, "unknown command '" + printable(word) + "'", Remedy::show_help({"jackinctl"})},
          Format::text);
    }
    reached = below.front();
    name += " " + word;
  }
  // `App::help` prints the help of the parsed command, which is `help`.
  return cli.report(reached->get_formatter()->make_help(reached, name, CLI::AppFormatMode::Normal), Format::text);
}

}  // namespace

void add_help(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand("help", "Print the help of a command");
  const auto words = std::make_shared<std::vector<std::string>>();
  command->add_option("command", *words, "Words of the command (default: jackinctl itself)")->type_name("COMMAND");
  command->callback([&app, words, &chosen] {
    chosen = [&app, words](const CommandContext& cli) { return show_help(app, *words, cli); };
  });
}

void add_version(CLI::App& app, Chosen& chosen) {
  app.add_subcommand("version", "Print the version")->callback([&chosen] {
    chosen = [](const CommandContext& cli) {
      return cli.report("jackinctl " + std::string(version()) + "\n", Format::text);
    };
  });
}

}  // namespace jackin::client

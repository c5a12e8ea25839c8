// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "client/cli/command_line.hpp"
#include "client/cli/program.hpp"
#include "client/core/health.hpp"
#include "client/rpc/proto_conversion.hpp"

namespace jackin::client {
namespace {

int run_list(Format format, const CommandContext& cli) {
  const auto answer = overview(cli.connector(), v1::OverviewRequest());
  if (!answer) return cli.fail(answer.error(), format);
  std::string text;
  Json names = Json::array();
  for (const v1::ProbeReply& probe : answer->scopes()) {
    if (probe.scope().workspace().empty() || !probe.scope().role().empty()) continue;
    const std::string name = scope_text(probe.scope());
    text += name + "\n";
    names.push_back(name);
  }
  if (format == Format::text) return cli.report(text, format);
  Json json;
  json["workspaces"] = std::move(names);
  return cli.report(as_line(json), format);
}

}  // namespace

void add_list(CLI::App& parent, Chosen& chosen) {
  CLI::App* command = parent.add_subcommand("list", "List the names of the workspaces");
  const auto format = std::make_shared<Format>(Format::text);
  add_format(*command, *format);
  command->callback(
      [format, &chosen] { chosen = [format](const CommandContext& cli) { return run_list(*format, cli); }; });
}

}  // namespace jackin::client

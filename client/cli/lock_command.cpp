// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "client/cli/command_line.hpp"
#include "client/cli/program.hpp"
#include "client/core/daemon_control.hpp"

namespace jackin::client {
namespace {

std::string text_of(std::uint32_t dropped) {
  if (dropped == 0) return "no token was cached\n";
  return std::to_string(dropped) + (dropped == 1 ? " token" : " tokens") + " dropped from memory\n";
}

int run_lock(Format format, const CommandContext& cli) {
  // Without a running daemon no token is cached, so none is started.
  const auto connection = cli.connect(Autostart::no);
  if (!connection) return cli.fail(connection.error(), format);

  const auto dropped = drop_cached_tokens(*connection);
  if (!dropped) return cli.fail(dropped.error(), format);
  if (format == Format::text) return cli.report(text_of(*dropped), format);
  Json json;
  json["dropped"] = *dropped;
  return cli.report(as_line(json), format);
}

}  // namespace

void add_lock(CLI::App& parent, Chosen& chosen) {
  CLI::App* command = parent.add_subcommand("lock", "Wipe the cached tokens from memory");
  const auto format = std::make_shared<Format>(Format::text);
  add_format(*command, *format);
  command->callback(
      [format, &chosen] { chosen = [format](const CommandContext& cli) { return run_lock(*format, cli); }; });
}

}  // namespace jackin::client

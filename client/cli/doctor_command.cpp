// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <memory>

#include "client/cli/command_line.hpp"
#include "client/cli/doctor_report.hpp"
#include "client/cli/program.hpp"
#include "client/core/health.hpp"
#include "client/rpc/exit_code.hpp"
#include "client/rpc/proto_conversion.hpp"
#include "client/terminal/text.hpp"
#include "common/untrusted_text.hpp"

namespace jackin::client {
namespace {

struct DoctorArguments {
  ScopeArguments scope;
  bool all = false;
  bool offline = false;
  bool acknowledge = false;
  Format format = Format::text;
};

Result<v1::DoctorRequest> doctor_request(const DoctorArguments& arguments, const Environment& environment) {
  v1::DoctorRequest request;
  if (arguments.all && arguments.scope.given()) {
    return failure(Reason::invalid_argument, "give a workspace or --all, not both");
  }
  if (arguments.acknowledge && (arguments.all || arguments.scope.given())) {
    return failure(Reason::invalid_argument, "--acknowledge cannot be combined with a workspace, --global or --all",
                   Remedy::of(RemedyAction::acknowledge));
  }
  if (arguments.scope.given()) {
    TRY(const Scope scope, scope_of(arguments.scope));
    *request.mutable_scope() = to_proto(scope);
  }
  request.set_all(arguments.all);
  request.set_offline(arguments.offline);
  request.set_acknowledge(arguments.acknowledge);
  *request.mutable_environment() = to_proto(environment);
  return request;
}

// A progress line that is visible while doctor works, on a terminal only.
class ProgressLine {
 public:
  explicit ProgressLine(const CommandContext& cli) : cli_(cli), shown_(is_screen(cli.err, cli.environment)) {}

  void show(const v1::Progress& progress) {
    if (!shown_) return;
    const std::string line = "checking " + std::to_string(progress.done() + 1) + " of " +
                             std::to_string(progress.total()) + ": " + printable(progress.text());
    cli_.complain("\r" + shortened(line, size_of_terminal(cli_.err).columns - 1) + "\x1b[K");
  }
  void clear() {
    if (shown_) cli_.complain("\r\x1b[K");
  }

 private:
  const CommandContext& cli_;
  bool shown_;
};

int run_doctor(const DoctorArguments& arguments, const CommandContext& cli) {
  const auto request = doctor_request(arguments, cli.environment);
  if (!request) return cli.fail(request.error(), arguments.format);
  const auto connection = cli.connect();
  if (!connection) return cli.fail(connection.error(), arguments.format);

  ProgressLine progress(cli);
  const auto found =
      examine(*connection, *request, [&progress](const v1::Progress& reached) { progress.show(reached); });
  progress.clear();
  if (!found) return cli.fail(found.error(), arguments.format);

  return cli.report(
      arguments.format == Format::json ? as_line(doctor_json(*found)) : doctor_text(*found, cli.output_style()),
      arguments.format, found->has_fault() ? exit_unhealthy : exit_done);
}

}  // namespace

void add_doctor(CLI::App& parent, Chosen& chosen) {
  CLI::App* command = parent.add_subcommand("doctor", "Check tokens, sources and the system now");
  command->footer(
      "Examples:\n"
      "  jackinctl doctor\n"
      "  jackinctl doctor my-app\n"
      "  jackinctl doctor --all --offline\n"
      "\n"
      "Exit codes: 0 no fault, 1 failed, 2 wrong usage, 3 a fault was found, 4 no daemon, 5 cancelled.");
  const auto arguments = std::make_shared<DoctorArguments>();
  add_scope(*command, arguments->scope);
  command->add_flag("--all", arguments->all, "Check every workspace, role and the global default");
  command->add_flag("--offline", arguments->offline, "Do not ask the API; a store may still use the network");
  command->add_flag("--acknowledge", arguments->acknowledge, "Stop listing the discarded tokens");
  add_format(*command, arguments->format);
  command->callback([arguments, &chosen] {
    chosen = [arguments](const CommandContext& cli) { return run_doctor(*arguments, cli); };
  });
}

}  // namespace jackin::client

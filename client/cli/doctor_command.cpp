// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <utility>

#include "client/cli/command_line.hpp"
#include "client/cli/doctor_report.hpp"
#include "client/cli/program.hpp"
#include "client/rpc/exit_code.hpp"
#include "client/rpc/liveness.hpp"
#include "client/rpc/proto_conversion.hpp"
#include "client/terminal/text.hpp"
#include "common/untrusted_text.hpp"
#include "jackin/v1/health.grpc.pb.h"

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
    return failure(Reason::invalid_argument, "either one scope or --all");
  }
  if (arguments.acknowledge && (arguments.all || arguments.scope.given())) {
    return failure(Reason::invalid_argument, "--acknowledge is about the leftovers, which doctor lists without a scope",
                   "jackinctl doctor --acknowledge");
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

  // No deadline: each check has its own.
  grpc::ClientContext context;
  Liveness liveness(*connection, context);
  const auto stub = v1::Health::NewStub(connection->channel());
  const auto stream = stub->Doctor(&context, *request);
  DoctorFindings found;
  found.single = request->has_scope();
  ProgressLine progress(cli);
  v1::DoctorEvent event;
  while (stream->Read(&event)) {
    liveness.heard();
    if (event.has_progress()) progress.show(event.progress());
    if (event.has_scope()) found.scopes.push_back(event.scope());
    if (event.has_system()) found.system = event.system();
  }
  liveness.no_more();
  progress.clear();
  // Results arrive in the order in which the checks finish.
  std::stable_sort(found.scopes.begin(), found.scopes.end(), [](const v1::ScopeHealth& a, const v1::ScopeHealth& b) {
    return std::pair(a.scope().workspace(), a.scope().role()) < std::pair(b.scope().workspace(), b.scope().role());
  });
  const auto ended = liveness.outcome(stream->Finish());
  if (!ended) return cli.fail(ended.error(), arguments.format);

  return cli.report(
      arguments.format == Format::json ? as_line(doctor_json(found)) : doctor_text(found, cli.output_style()),
      arguments.format, found.has_fault() ? exit_unhealthy : exit_done);
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

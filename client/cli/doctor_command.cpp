#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <utility>

#include "client/cli/doctor_report.hpp"
#include "client/cli/program.hpp"
#include "client/link/exit_code.hpp"
#include "client/link/liveness.hpp"
#include "client/view/command_line.hpp"
#include "client/view/text.hpp"
#include "client/view/wire.hpp"
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
    *request.mutable_scope() = to_wire(scope);
  }
  request.set_all(arguments.all);
  request.set_offline(arguments.offline);
  request.set_acknowledge(arguments.acknowledge);
  *request.mutable_environment() = to_wire(environment);
  return request;
}

// One line that is there while doctor works, on a terminal only.
class ProgressLine {
 public:
  explicit ProgressLine(const Surroundings& around)
      : around_(around), shown_(is_screen(around.err, around.environment)) {}

  void show(const v1::Progress& progress) {
    if (!shown_) return;
    const std::string line = "checking " + std::to_string(progress.done() + 1) + " of " +
                             std::to_string(progress.total()) + ": " + printable(progress.text());
    around_.complain("\r" + shortened(line, size_of_terminal(around_.err).columns - 1) + "\x1b[K");
  }
  void clear() {
    if (shown_) around_.complain("\r\x1b[K");
  }

 private:
  const Surroundings& around_;
  bool shown_;
};

int run_doctor(const DoctorArguments& arguments, const Surroundings& around) {
  const auto request = doctor_request(arguments, around.environment);
  if (!request) return around.fail(request.error(), arguments.format);
  const auto connection = around.connect();
  if (!connection) return around.fail(connection.error(), arguments.format);

  // No deadline: each check has its own.
  grpc::ClientContext context;
  Liveness liveness(*connection, context);
  const auto stub = v1::Health::NewStub(connection->channel());
  const auto stream = stub->Doctor(&context, *request);
  DoctorFindings found;
  found.single = request->has_scope();
  ProgressLine progress(around);
  v1::DoctorEvent event;
  while (stream->Read(&event)) {
    liveness.heard();
    if (event.has_progress()) progress.show(event.progress());
    if (event.has_scope()) found.scopes.push_back(event.scope());
    if (event.has_house()) found.house = event.house();
  }
  liveness.no_more();
  progress.clear();
  // They come as they are done.
  std::stable_sort(found.scopes.begin(), found.scopes.end(), [](const v1::ScopeHealth& a, const v1::ScopeHealth& b) {
    return std::pair(a.scope().workspace(), a.scope().role()) < std::pair(b.scope().workspace(), b.scope().role());
  });
  const auto ended = liveness.outcome(stream->Finish());
  if (!ended) return around.fail(ended.error(), arguments.format);

  return around.report(
      arguments.format == Format::json ? as_line(doctor_json(found)) : doctor_text(found, around.look()),
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
  command->add_flag("--offline", arguments->offline, "Do not use the network");
  command->add_flag("--acknowledge", arguments->acknowledge, "Stop listing the discarded tokens");
  add_format(*command, arguments->format);
  command->callback([arguments, &chosen] {
    chosen = [arguments](const Surroundings& around) { return run_doctor(*arguments, around); };
  });
}

}  // namespace jackin::client

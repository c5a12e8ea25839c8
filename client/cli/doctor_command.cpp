// SPDX-License-Identifier: Apache-2.0
#include "client/cli/doctor_command.hpp"

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "client/cli/command_line.hpp"
#include "client/cli/probe_command.hpp"
#include "client/cli/program.hpp"
#include "client/cli/scope_choice.hpp"
#include "client/core/health.hpp"
#include "client/rpc/exit_code.hpp"
#include "client/rpc/proto_conversion.hpp"
#include "client/terminal/health_mark.hpp"
#include "client/terminal/json.hpp"
#include "client/terminal/style.hpp"
#include "client/terminal/text.hpp"
#include "common/untrusted_text.hpp"
#include "proto/enum_conversion.hpp"

namespace jackin::client {
namespace {

constexpr std::size_t message_limit = 1000;

}  // namespace

Json findings_json(const Findings& findings) {
  Json list = Json::array();
  for (const v1::Finding& finding : findings) {
    Json one;
    one["severity"] = word_of_proto(finding.severity());
    one["code"] = finding.code();
    one["message"] = printable(finding.message(), message_limit);
    put_text(one, "remedy", remedy_line(finding.remedy()));
    list.push_back(std::move(one));
  }
  return list;
}

std::string findings_text(const Findings& findings, const OutputStyle& output, int columns) {
  std::string text;
  for (const v1::Finding& finding : findings) {
    const HealthMark mark = finding_mark(from_proto(finding.severity()), output);
    text += "  " + output.styled(mark.style, mark.glyph);
    const std::string message = printable(finding.message(), message_limit);
    std::string_view before = " ";
    for (const std::string& part : columns > 0 ? wrapped(message, columns - 5) : std::vector{message}) {
      text.append(before).append(part).append("\n");
      before = "    ";
    }
    const std::string remedy = try_line(finding.remedy(), output);
    if (!remedy.empty()) text += "    " + remedy;
  }
  return text;
}

namespace {

Json scope_json(const v1::ScopeHealth& scope) {
  Json json;
  json["scope"] = scope_text(scope.scope());
  json["decision"] = word_of_proto(scope.decision());
  json["verdict"] = word_of_proto(scope.verdict());
  json["findings"] = findings_json(scope.findings());
  return json;
}

void add_section(std::string& text, std::string_view heading, const Findings& findings, const OutputStyle& output,
                 int columns) {
  if (findings.empty()) return;
  text += output.styled(TextStyle::strong, heading) + "\n" + findings_text(findings, output, columns);
}

}  // namespace

Json doctor_json(const DoctorFindings& found) {
  if (found.single && found.scopes.size() == 1) return scope_json(found.scopes.front());
  Json json;
  if (found.system) {
    json["daemon"] = findings_json(found.system->daemon());
    json["programs"] = findings_json(found.system->programs());
    json["stores"] = findings_json(found.system->stores());
    json["leftovers"] = findings_json(found.system->leftovers());
  }
  json["scopes"] = Json::array();
  for (const v1::ScopeHealth& scope : found.scopes) json["scopes"].push_back(scope_json(scope));
  return json;
}

std::string doctor_text(const DoctorFindings& found, const OutputStyle& output, int columns) {
  std::string text;
  for (const v1::ScopeHealth& scope : found.scopes) {
    const HealthMark mark = health_mark(from_proto(scope.decision()), from_proto(scope.verdict()), output);
    text += output.styled(mark.style, mark.glyph) + " " + output.styled(TextStyle::strong, scope_text(scope.scope())) +
            "  " + spaced(word_of_proto(scope.verdict())) + "\n";
    text += findings_text(scope.findings(), output, columns);
  }
  if (found.system) {
    add_section(text, "daemon", found.system->daemon(), output, columns);
    add_section(text, "programs", found.system->programs(), output, columns);
    add_section(text, "stores", found.system->stores(), output, columns);
    add_section(text, "leftovers", found.system->leftovers(), output, columns);
  }
  return text.empty() ? "nothing to check\n" : text;
}

namespace {

struct DoctorArguments {
  ScopeArguments scope;
  bool all = false;
  bool offline = false;
  bool acknowledge = false;
  Format format = Format::text;
};

Result<v1::DoctorRequest> doctor_request(const DoctorArguments& arguments, const CommandContext& cli) {
  v1::DoctorRequest request;
  if (arguments.all && arguments.scope.given()) {
    return failure(Reason::invalid_argument, "give a workspace or --all, not both");
  }
  if (arguments.acknowledge && (arguments.all || arguments.scope.given())) {
    return failure(Reason::invalid_argument, "--acknowledge cannot be combined with a workspace, --global or --all",
                   Remedy::of(RemedyAction::acknowledge));
  }
  if (arguments.scope.given()) {
    TRY(const ScopeChoice chosen, choose_scope(arguments.scope, cli));
    *request.mutable_scope() = to_proto(chosen.scope);
  }
  request.set_all(arguments.all);
  request.set_offline(arguments.offline);
  request.set_acknowledge(arguments.acknowledge);
  *request.mutable_environment() = to_proto(cli.environment);
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
  const auto request = doctor_request(arguments, cli);
  if (!request) return cli.fail(request.error(), arguments.format);
  const auto connection = cli.connect();
  if (!connection) return cli.fail(connection.error(), arguments.format);

  ProgressLine progress(cli);
  const auto found =
      examine(*connection, *request, [&progress](const v1::Progress& reached) { progress.show(reached); });
  progress.clear();
  if (!found) return cli.fail(found.error(), arguments.format);

  return cli.report(arguments.format == Format::json ? as_line(doctor_json(*found))
                                                     : doctor_text(*found, cli.output_style(), cli.columns()),
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
  add_scope(*command, arguments->scope, "all, and the system");
  command->add_flag("--all", arguments->all, "Check every workspace, role and the global default");
  command->add_flag("--offline", arguments->offline, "Do not ask the API; a store may still use the network");
  command->add_flag("--acknowledge", arguments->acknowledge, "Stop listing the discarded tokens");
  add_format(*command, arguments->format);
  command->callback([arguments, &chosen] {
    chosen = [arguments](const CommandContext& cli) { return run_doctor(*arguments, cli); };
  });
}

}  // namespace jackin::client

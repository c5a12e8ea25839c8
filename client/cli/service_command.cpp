// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "client/cli/daemon_command.hpp"
#include "client/core/daemon_control.hpp"
#include "client/service/service_installer.hpp"
#include "client/terminal/report.hpp"
#include "common/os/find_paths.hpp"
#include "common/untrusted_text.hpp"

namespace jackin::client {
namespace {

struct Installed {
  ServiceOutcome outcome;
  v1::StatusReply daemon;
};

EndRunning ending(Format format, const CommandContext& cli) {
  return [format, &cli]() -> Result<> {
    const auto ended = end_daemon(format, cli);
    if (!ended && ended.error().reason != Reason::daemon_unreachable) return failure(ended.error());
    return {};
  };
}

Result<v1::StatusReply> answer(const CommandContext& cli) {
  auto status =
      reach_daemon(cli.environment).and_then([](const Connection& connection) { return status_of(connection); });
  if (!status) {
    Error error = status.error();
    error.message = "the service is installed, but jackind does not answer: " + error.message;
    error.remedy = Remedy::of(RemedyAction::show_daemon_log);
    return failure(std::move(error));
  }
  return status;
}

Result<Installed> install(Format format, const CommandContext& cli) {
  TRY(const auto service, describe_service(cli.environment, own_program_dir()));
  Installed installed;
  TRY(installed.outcome, service_installer(cli.environment)->install(service, ending(format, cli)));
  TRY(installed.daemon, answer(cli));
  return installed;
}

Json json_of(const ServiceOutcome& outcome) {
  Json json;
  json["changed"] = outcome.changed;
  json["files"] = Json::array();
  for (const auto& file : outcome.files) json["files"].push_back(printable(file.string(), 1000));
  return json;
}

void add_files(Report& report, std::string_view key, const ServiceOutcome& outcome, const CommandContext& cli) {
  const auto paths = find_paths(cli.environment);
  for (const auto& file : outcome.files) {
    report.add(key, printable(paths ? abbreviate_home(file, paths->home) : file.string(), 1000));
  }
}

}  // namespace

int install_service(Format format, const CommandContext& cli) {
  const auto installed = install(format, cli);
  if (!installed) return cli.fail(installed.error(), format);
  if (format == Format::json) {
    Json json = json_of(installed->outcome);
    json["daemon"] = daemon_json(installed->daemon);
    return cli.report(as_line(json), format);
  }
  Report report;
  report.add("service", installed->outcome.changed ? "installed" : "was installed already");
  add_files(report, "file", installed->outcome, cli);
  return cli.report(report.text() + daemon_text(installed->daemon, cli.now()), format);
}

int uninstall_service(Format format, const CommandContext& cli) {
  const auto outcome = service_installer(cli.environment)->uninstall(ending(format, cli));
  if (!outcome) return cli.fail(outcome.error(), format);
  if (format == Format::json) return cli.report(as_line(json_of(*outcome)), format);
  Report report;
  report.add("service", outcome->changed ? "removed; tokens and configuration are kept" : "is not installed");
  add_files(report, "removed", *outcome, cli);
  return cli.report(report.text(), format);
}

}  // namespace jackin::client

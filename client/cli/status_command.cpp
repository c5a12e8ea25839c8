// SPDX-License-Identifier: Apache-2.0
#include "client/cli/status_command.hpp"

#include <CLI/CLI.hpp>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "client/cli/command_line.hpp"
#include "client/cli/probe_command.hpp"
#include "client/cli/program.hpp"
#include "client/cli/scope_names.hpp"
#include "client/core/health.hpp"
#include "client/rpc/exit_code.hpp"
#include "client/rpc/proto_conversion.hpp"
#include "client/terminal/health_mark.hpp"
#include "client/terminal/json.hpp"
#include "client/terminal/report.hpp"
#include "client/terminal/text.hpp"
#include "common/text_characters.hpp"
#include "common/untrusted_text.hpp"
#include "proto/enum_conversion.hpp"

namespace jackin::client {
namespace {

constexpr std::size_t most_sharers_shown = 3;

std::optional<int> days_left_of(const v1::ProbeReply& probe) {
  if (!probe.has_days_left()) return std::nullopt;
  return probe.days_left();
}

// A few of the scopes with the same source.
std::string sharers_text(const v1::ProbeReply& probe, const v1::OverviewReply& overview) {
  const Scopes& group = group_of(probe, overview);
  if (group.empty()) return {};
  const std::string own = scope_text(probe.scope());
  std::vector<std::string> some;
  for (auto at = group.begin(); at != group.end() && some.size() < most_sharers_shown; ++at) {
    if (const std::string name = scope_text(*at); name != own) some.push_back(name);
  }
  return few_names(some, static_cast<std::size_t>(group.size()) - 1);
}

}  // namespace

SharersJson::SharersJson(const Scopes& group) {
  for (const v1::Scope& scope : group) {
    const std::string name = scope_text(scope);
    const std::size_t begin = names_.size();
    names_ += as_text(Json(name)) + ",";
    pieces_[name] = {begin, names_.size()};
  }
}

std::string SharersJson::without(const std::string& scope) const {
  std::string names = names_;
  if (const auto own = pieces_.find(scope); own != pieces_.end()) {
    names.erase(own->second.begin, own->second.end - own->second.begin);
  }
  if (!names.empty()) names.pop_back();
  return "[" + names + "]";
}

Result<> write_status_json(const v1::OverviewReply& overview,
                           const std::function<Result<>(const std::string&)>& write) {
  std::map<const Scopes*, SharersJson> sharers;
  std::string piece = R"({"scopes":[)";
  for (const v1::ProbeReply& probe : overview.scopes()) {
    piece += as_text(probe_json(probe));
    piece.pop_back();
    const Scopes& group = group_of(probe, overview);
    piece += R"(,"shared_with":)" + sharers.try_emplace(&group, group).first->second.without(scope_text(probe.scope()));
    const bool is_last = &probe == &overview.scopes(overview.scopes_size() - 1);
    piece += is_last ? "}" : "},";
    TRY(write(piece));
    piece.clear();
  }
  return write(piece + "]}\n");
}

std::string status_text(const v1::OverviewReply& overview, const OutputStyle& output, int columns, Moment now) {
  if (overview.scopes().empty()) return "no workspaces\n";
  Table table({"SCOPE", "MODE", "SOURCE", "HEALTH", "DAYS LEFT", "LAST CHECK", "SHARED WITH"}, {2, 6, 0}, {5, 6, 1});
  for (const v1::ProbeReply& probe : overview.scopes()) {
    const auto days_left = days_left_of(probe);
    const auto checked_at = parse_moment(probe.checked_at());
    table.add({{scope_text(probe.scope()), TextStyle::strong},
               {word_of_proto(probe.mode())},
               {printable(probe.source())},
               {health_text(probe, output), mark_of(probe).style},
               {days_left_bar(days_left, output), style_of_days_left(days_left)},
               {is_managed(probe) ? time_ago(checked_at, now) : std::string(), TextStyle::dim},
               {sharers_text(probe, overview), TextStyle::dim}});
  }
  return table.text(output, columns);
}

namespace {

struct StatusArguments {
  std::optional<std::string> workspace;  // May be given and empty.
  Format format = Format::text;
};

int run_status(const StatusArguments& arguments, const CommandContext& cli) {
  v1::OverviewRequest request;
  if (arguments.workspace) {
    if (arguments.workspace->empty()) {
      return cli.fail(
          {Reason::invalid_argument, "the workspace is empty; name one, or leave the argument out for all workspaces",
           Remedy::of(RemedyAction::list_scopes)},
          arguments.format);
    }
    const auto scope = Scope::workspace(unescaped_bytes(*arguments.workspace));
    if (!scope) return cli.fail(scope.error(), arguments.format);
    request.set_workspace(scope->workspace_name());
  }
  const auto answer = overview(cli.connector(), request);
  if (!answer) return cli.fail(answer.error(), arguments.format);
  const v1::OverviewReply& reply = *answer;
  if (arguments.format == Format::json) {
    const auto write = [&cli](const std::string& piece) { return cli.print(piece); };
    return cli.reported(write_status_json(reply, write), arguments.format);
  }
  return cli.report(status_text(reply, cli.output_style(), cli.columns(), cli.now()), arguments.format);
}

}  // namespace

void add_status(CLI::App& parent, Chosen& chosen) {
  CLI::App* command = parent.add_subcommand("status", "Show every workspace's mode, source and health");
  command->footer(
      "Examples:\n"
      "  jackinctl status\n"
      "  jackinctl status my-app --format json\n"
      "\n"
      "Exit codes: 0 done, 1 failed, 2 wrong usage, 4 no daemon.");
  const auto arguments = std::make_shared<StatusArguments>();
  const auto take_workspace = [arguments](const std::string& word) { arguments->workspace = word; };
  command
      ->add_option_function<std::string>("workspace", take_workspace,
                                         "Workspace to show, with its roles (default: all)")
      ->type_name(std::string(workspace_type));
  add_format(*command, arguments->format);
  command->callback([arguments, &chosen] {
    chosen = [arguments](const CommandContext& cli) { return run_status(*arguments, cli); };
  });
}

}  // namespace jackin::client

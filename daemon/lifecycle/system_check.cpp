// SPDX-License-Identifier: Apache-2.0
#include "daemon/lifecycle/system_check.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <iterator>
#include <utility>

#include "common/os/hardening.hpp"
#include "common/remedy.hpp"
#include "common/secret.hpp"
#include "common/untrusted_text.hpp"
#include "common/version.hpp"
#include "daemon/config/configuration.hpp"
#include "daemon/lifecycle/discarded_tokens.hpp"
#include "daemon/lifecycle/leftover.hpp"
#include "daemon/lifecycle/operations.hpp"
#include "daemon/lifecycle/remaining_items.hpp"
#include "daemon/lifecycle/slot_style.hpp"
#include "daemon/mint/claude_program.hpp"
#include "daemon/state/journal_detail.hpp"
#include "daemon/state/move_database.hpp"

namespace jackin::lifecycle {
namespace {

using health::Finding;

constexpr std::chrono::seconds version_limit{10};

Finding about(Severity severity, std::string code, std::string message, Remedy remedy = {}) {
  return {severity, std::move(code), std::move(message), or_check(std::move(remedy))};
}

std::vector<Finding> daemon_findings(const std::vector<Error>& settings_problems, const std::string& base_url) {
  std::vector<Finding> findings;
  if (!Secret::locking_works()) {
    findings.push_back(about(Severity::warning, "memory_not_locked",
                             "tokens can reach the swap space: the limit of locked memory is too small",
                             Remedy::of(RemedyAction::raise_memory_limit).and_restart()));
  }
  if (!os::wipes_freed_memory()) {
    findings.push_back(about(Severity::warning, "memory_not_wiped", "this build does not wipe memory when it frees it",
                             Remedy::of_name(RemedyAction::install_program, "jackind")));
  }
  for (const Error& problem : settings_problems) {
    findings.push_back(about(Severity::error, std::string(to_code(problem.reason)), problem.message, problem.remedy));
  }
  if (base_url != config::default_base_url) {
    findings.push_back(about(Severity::info, "base_url",
                             "[upstream] base_url in jackind.toml sends tokens for checking to " + printable(base_url) +
                                 ", not to " + std::string(config::default_base_url)));
  }
  return findings;
}

Finding is_found(const SystemDependencies& system, const std::string& name, const std::string& version,
                 const std::filesystem::path& path) {
  return about(Severity::info, name,
               name + " " + version + " is " + printable(abbreviate_home(path, system.paths.home)));
}

// Without op, only tokens in 1Password are unavailable.
Task<Finding> op_finding(const SystemDependencies& system, const Environment& client) {
  secrets::OpCaller caller;
  caller.client = client;
  const auto version = co_await system.op.version(caller);
  const auto found = co_await system.programs.locate("op", client.value_of("PATH"));
  if (version && found) co_return is_found(system, "op", version->str(), found->path);
  const Error error = version ? found.error() : version.error();
  if (error.reason == Reason::cancelled) co_return failure(error);
  const bool is_missing = error.reason == Reason::program_missing;
  co_return about(is_missing ? Severity::info : Severity::warning, std::string(to_code(error.reason)),
                  is_missing ? "op, the 1Password CLI, is not on the PATH" : error.message, error.remedy);
}

// jackin is optional: launches work without it. When it is installed, slots are written in a form that it can read.
Task<Finding> jackin_finding(const SystemDependencies& system, const Environment& client) {
  ProgramRunner& programs = system.programs;
  const auto found = co_await programs.locate("jackin", client.value_of("PATH"));
  if (!found && found.error().reason == Reason::program_missing) {
    co_return about(Severity::info, "jackin", "jackin is not on the PATH");
  }
  if (!found && found.error().reason == Reason::cancelled) co_return failure(found.error());
  if (!found) {
    const Error& error = found.error();
    co_return about(Severity::warning, std::string(to_code(error.reason)), error.message, error.remedy);
  }
  const std::filesystem::path& path = found->path;
  ProgramCall call;
  call.program = path;
  call.arguments = {"--version"};
  call.environment = client.only({"HOME", "PATH", "LANG"});
  call.limit = version_limit;
  const auto said = co_await programs.run(std::move(call));
  if (!said && said.error().reason == Reason::cancelled) co_return failure(said.error());
  const auto version = said && said->exit_code == 0 ? DottedVersion::find_in(said->output.view()) : std::nullopt;
  if (version) co_return is_found(system, "jackin", version->str(), path);
  const std::string name = path.string();
  co_return about(Severity::warning, "program_failed", printable(name) + " does not report its version",
                  Remedy::of_name(RemedyAction::check_program, name));
}

Task<std::vector<Finding>> program_findings(const SystemDependencies& system, const Environment& client) {
  std::vector<Finding> findings;
  const auto claude = co_await mint::locate_claude(system.programs, client);
  if (claude) {
    findings.push_back(is_found(system, "claude", claude->version.str(), claude->path));
  } else if (claude.error().reason == Reason::cancelled) {
    co_return failure(claude.error());
  } else {
    // Only minting needs claude; configured tokens work without it.
    findings.push_back(about(Severity::warning, std::string(to_code(claude.error().reason)), claude.error().message,
                             claude.error().remedy));
  }
  CO_TRY(auto op, co_await op_finding(system, client));
  findings.push_back(std::move(op));
  CO_TRY(auto jackin, co_await jackin_finding(system, client));
  findings.push_back(std::move(jackin));
  co_return findings;
}

asio::awaitable<std::vector<Finding>> store_findings(const std::vector<secrets::Store*>& stores,
                                                     const Environment& client) {
  std::vector<Finding> findings;
  for (auto* store : stores) {
    const auto availability = co_await store->availability(client);
    if (availability.usable) {
      findings.push_back(about(Severity::info, "store_usable", store->name() + " can be used"));
    } else {
      findings.push_back(about(Severity::info, "store_unavailable",
                               store->name() + " cannot be used: " + availability.message, availability.remedy));
    }
  }
  co_return findings;
}

std::string leftover_message(const state::OperationRecord& record, const std::optional<state::JournalDetail>& detail) {
  std::string message = state::name_of(record.kind) + " of '" + printable(record.scope.str()) + "', begun " +
                        format_moment(record.begun_at) + ", was left unfinished";
  if (detail && !detail->place.empty()) message += "; what it stored may still be in " + printable(detail->place);
  return message;
}

// A stored token whose slot could not be written.
Finding kept_token(const state::OperationRecord& record, const state::JournalDetail& detail) {
  return about(Severity::warning, "token_kept",
               state::name_of(record.kind) + " of '" + printable(record.scope.str()) + "', begun " +
                   format_moment(record.begun_at) + ", stored a token in " + printable(detail.place) +
                   " but did not configure it",
               detail.remedy);
}

// Only the daemon of that configuration can finish the operation.
Finding of_another_configuration(const state::OperationRecord& record, const state::JournalDetail& detail) {
  Remedy check_there = Remedy::check();
  check_there.config_folder = detail.config_folder;
  return about(
      Severity::warning, "leftover",
      leftover_message(record, detail) + "; it belongs to the configuration in " + printable(detail.config_folder),
      std::move(check_there));
}

asio::awaitable<std::vector<Finding>> leftover_findings(const SystemDependencies& system,
                                                        const std::set<std::string>& running) {
  auto work = [&database = system.database] { return database.unfinished_operations(); };
  const auto records = co_await system.pool.run(std::move(work));
  std::vector<Finding> findings;
  if (!records) {
    findings.push_back(about(Severity::error, std::string(to_code(records.error().reason)), records.error().message,
                             records.error().remedy));
    co_return findings;
  }
  for (const auto& record : *records) {
    if (running.contains(record.id)) continue;
    const auto detail = state::journal_detail_from(record.detail);
    Result<bool> is_ours = true;
    if (detail) is_ours = co_await is_of_configuration(system.named_files, system.paths.config_dir, *detail);
    if (!is_ours) {
      findings.push_back(about(Severity::warning, "leftover",
                               leftover_message(record, detail) + "; doctor " + is_ours.error().message,
                               is_ours.error().remedy));
      continue;
    }
    if (!*is_ours) {
      findings.push_back(of_another_configuration(record, *detail));
      continue;
    }
    if (detail && record.outcome == Outcome::kept) {
      findings.push_back(kept_token(record, *detail));
      continue;
    }
    Remedy remedy = detail ? detail->remedy : Remedy();
    if (remedy.empty()) remedy = Remedy::check().noting("repeat the check in some minutes");
    findings.push_back(about(Severity::error, "leftover", leftover_message(record, detail), std::move(remedy)));
  }
  co_return findings;
}

// Tokens that revocations left in their stores, and tokens that were discarded.
asio::awaitable<void> add_unconfigured_tokens(Dependencies& deps, std::vector<Finding>& leftovers) {
  const auto remaining = co_await remaining_tokens(deps);
  if (remaining) {
    for (const auto& [item, remedy] : *remaining) {
      leftovers.push_back({Severity::warning, "remaining_token",
                           "the token of '" + printable(item.scope.str()) + "' that was revoked on " +
                               format_date(date_of(item.revoked_at)) + " is still in " + printable(item.place),
                           remedy});
    }
  }
  const auto discarded = co_await discarded_tokens(deps);
  if (discarded) {
    for (const auto& token : *discarded) {
      leftovers.push_back({Severity::warning, "token_discarded", discarded_message(token), discarded_remedy()});
    }
  }
}

// The state of an earlier version that no start has seen yet.
asio::awaitable<void> add_earlier_state(Dependencies& deps, std::vector<Finding>& findings) {
  auto read = [&paths = deps.paths] { return state::unavailable_reason(paths.database()); };
  const auto reason = co_await deps.pool.run(std::move(read));
  if (!reason) co_return;
  findings.push_back(about(
      Severity::warning, "earlier_state_away",
      "the state of an earlier version, with expiry dates and unfinished operations, was not imported: " + *reason,
      Remedy::restart_daemon().noting("when " + printable(deps.paths.home_dir.string()) + " exists again")));
}

Finding recovered_finding(const Recovered& operation) {
  return {Severity::info,
          "recovered",
          state::name_of(operation.kind) + " of '" + printable(operation.scope.str()) +
              "', which was unfinished, has now ended: " + operation.message,
          {}};
}

}  // namespace

Task<SystemReport> check_system(SystemDependencies system, Environment client, std::vector<Error> settings_problems,
                                std::set<std::string> running) {
  SystemReport report;
  report.daemon = daemon_findings(settings_problems, system.base_url);
  CO_TRY(report.programs, co_await program_findings(system, client));
  report.stores = co_await store_findings(system.stores, client);
  report.leftovers = co_await leftover_findings(system, running);
  co_return report;
}

asio::awaitable<std::vector<Finding>> jackin_refusals(Dependencies& deps, Environment client) {
  constexpr std::size_t most = 20;
  std::vector<Finding> findings;
  const auto sign = co_await sign_of_jackin(deps, std::move(client));
  if (!sign || sign->empty()) co_return findings;
  const auto visit = [&](const std::string& name) {
    for (auto& error : deps.configuration.last_read().refusals_in(name)) {
      if (findings.size() == most) return;
      findings.push_back(about(Severity::warning, "jackin_refuses",
                               "jackin refuses the whole configuration: " + error.message, std::move(error.remedy)));
    }
  };
  const std::function<void(const std::string&)> each = visit;
  static_cast<void>(co_await config::each_workspace(deps.configuration, each));
  co_return findings;
}

Task<SystemReport> SystemCheck::run(Environment client, bool offline, std::vector<Error> settings_problems) {
  CO_TRY(co_await recovery_.start_ended());
  std::vector<Recovered> recovered;
  if (!offline) recovered = co_await recovery_.run_attended(client);
  std::set<std::string> running;
  for (const auto& operation : deps_.operations.running()) running.insert(operation.journal_id);
  SystemDependencies system{deps_.pool,     deps_.named_files,
                            deps_.programs, deps_.database,
                            deps_.stores,   op_,
                            deps_.paths,    deps_.settings.upstream_base_url};
  auto refused = co_await jackin_refusals(deps_, client);
  CO_TRY(auto report,
         co_await check_system(std::move(system), std::move(client), std::move(settings_problems), std::move(running)));
  std::move(refused.begin(), refused.end(), std::back_inserter(report.programs));
  co_await add_unconfigured_tokens(deps_, report.leftovers);
  co_await add_earlier_state(deps_, report.leftovers);
  for (const Recovered& operation : recovered) {
    const bool is_listed = operation.outcome == Outcome::stuck || operation.outcome == Outcome::kept;
    if (!is_listed) report.leftovers.push_back(recovered_finding(operation));
  }
  co_return report;
}

}  // namespace jackin::lifecycle

#include "daemon/health/doctor.hpp"

#include <utility>

#include "common/secret.hpp"
#include "common/untrusted_text.hpp"
#include "daemon/mint/claude_program.hpp"
#include "daemon/platform/hardening.hpp"
#include "daemon/state/journal_detail.hpp"

namespace jackin::health {
namespace {

Finding about(FindingSeverity severity, std::string code, std::string message, std::string remedy = {}) {
  return {severity, std::move(code), std::move(message), std::move(remedy)};
}

std::vector<Finding> daemon_findings(const std::optional<Error>& settings_problem) {
  std::vector<Finding> findings;
  if (!Secret::locking_works()) {
    findings.push_back(about(FindingSeverity::warning, "memory_not_locked",
                             "tokens can reach the swap space: the limit of locked memory is too small",
                             "ulimit -l 8192 && jackinctl daemon restart"));
  }
  if (!platform::wipes_freed_memory()) {
    findings.push_back(about(FindingSeverity::warning, "memory_not_wiped",
                             "this build does not wipe the memory that it gives back", {}));
  }
  if (settings_problem) {
    findings.push_back(about(FindingSeverity::error, std::string(to_code(settings_problem->reason)),
                             settings_problem->message, settings_problem->remedy));
  }
  return findings;
}

Task<std::vector<Finding>> program_findings(ProgramRunner& programs, const Environment& client) {
  std::vector<Finding> findings;
  const auto claude = co_await mint::locate_claude(programs, client);
  if (claude) {
    findings.push_back(about(FindingSeverity::info, "claude",
                             "claude " + claude->version.str() + " is " + printable(claude->path.string())));
  } else if (claude.error().reason == Reason::cancelled) {
    co_return failure(claude.error());
  } else {
    // Needed for minting alone: what is set up already works without.
    findings.push_back(about(FindingSeverity::warning, std::string(to_code(claude.error().reason)),
                             claude.error().message, claude.error().remedy));
  }
  co_return findings;
}

asio::awaitable<std::vector<Finding>> store_findings(const std::vector<secrets::Store*>& stores,
                                                     const Environment& client) {
  std::vector<Finding> findings;
  for (auto* store : stores) {
    const auto availability = co_await store->availability(client);
    if (availability.usable) {
      findings.push_back(about(FindingSeverity::info, "store_usable", store->name() + " can be used"));
    } else {
      findings.push_back(about(FindingSeverity::info, "store_unavailable",
                               store->name() + " cannot be used: " + availability.message, availability.remedy));
    }
  }
  co_return findings;
}

std::string leftover_message(const state::OperationRecord& record, const std::optional<state::JournalDetail>& detail) {
  std::string message = record.kind + " of '" + printable(record.scope.str()) + "', begun " +
                        format_moment(record.begun_at) + ", was left unfinished";
  if (detail && !detail->place.empty()) message += "; what it stored may still be in " + printable(detail->place);
  return message;
}

asio::awaitable<std::vector<Finding>> leftover_findings(const House& house, const std::set<std::string>& running) {
  auto work = [&database = house.database] { return database.unfinished_operations(); };
  const auto records = co_await house.pool.run(std::move(work));
  std::vector<Finding> findings;
  if (!records) {
    findings.push_back(about(FindingSeverity::error, std::string(to_code(records.error().reason)),
                             records.error().message, records.error().remedy));
    co_return findings;
  }
  for (const auto& record : *records) {
    if (running.contains(record.id)) continue;
    const auto detail = state::journal_detail_from(record.detail);
    const std::string remedy = detail ? detail->remedy : std::string();
    findings.push_back(about(FindingSeverity::error, "leftover", leftover_message(record, detail),
                             remedy.empty() ? "jackinctl daemon restart" : remedy));
  }
  co_return findings;
}

}  // namespace

Task<HouseReport> examine_house(House house, Environment client, std::optional<Error> settings_problem,
                                std::set<std::string> running) {
  HouseReport report;
  report.daemon = daemon_findings(settings_problem);
  CO_TRY(report.programs, co_await program_findings(house.programs, client));
  report.stores = co_await store_findings(house.stores, client);
  report.leftovers = co_await leftover_findings(house, running);
  co_return report;
}

}  // namespace jackin::health

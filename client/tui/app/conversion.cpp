// SPDX-License-Identifier: Apache-2.0
#include "client/tui/app/conversion.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "client/rpc/proto_conversion.hpp"
#include "client/terminal/health_mark.hpp"
#include "common/dates.hpp"
#include "common/untrusted_text.hpp"
#include "common/version.hpp"
#include "common/words.hpp"

namespace jackin::tui {
namespace {

using client::from_proto;
using client::scope_from;

constexpr std::size_t longest_text = 1000;

std::string text(std::string_view from_outside) {
  return printable(from_outside, longest_text);
}

HealthMark mark_of(std::optional<Decision> decision, std::optional<Verdict> verdict) {
  if (decision == Decision::block) return HealthMark::blocked;
  if (decision == Decision::allow && verdict == Verdict::ok) return HealthMark::fine;
  if (decision == Decision::allow) return HealthMark::none;
  return HealthMark::soon;
}

std::vector<Holder> holders_of(const google::protobuf::RepeatedPtrField<v1::Process>& processes) {
  std::vector<Holder> holders;
  for (const v1::Process& process : processes) holders.push_back({process.pid(), text(process.command())});
  return holders;
}

// Returns "2026-11-29 14:31" for a time in RFC 3339; empty if it cannot be parsed.
std::string minute_of(const std::string& moment) {
  const auto parsed = parse_moment(moment);
  if (!parsed) return {};
  std::string shown = format_moment(*parsed).substr(0, 16);
  std::replace(shown.begin(), shown.end(), 'T', ' ');
  return shown;
}

std::vector<std::string> history_of(const v1::DetailsReply& details) {
  std::vector<std::string> history;
  for (const v1::HistoryEntry& entry : details.history()) {
    std::string line = client::spaced(word_of_proto(entry.verdict()));
    if (const std::string at = minute_of(entry.at()); !at.empty()) line += " since " + at + " UTC";
    if (!entry.summary().empty()) line += ": " + text(entry.summary());
    history.push_back(std::move(line));
  }
  if (const std::string at = minute_of(details.recorded_at()); !at.empty()) {
    history.push_back("set up " + at.substr(0, 10));
  }
  return history;
}

std::string stored_in(std::string_view file, std::string_view slot) {
  return text(file) + (slot.empty() ? "" : "  " + text(slot));
}

// How an operation ended, from the result that the daemon reports.
Ending ending_of(const v1::OperationResult& result, OperationKind kind) {
  const auto outcome = from_proto(result.outcome());
  if (outcome == Outcome::done) {
    if (kind == OperationKind::revoke) return RevokeReport{.cleared = true};
    return result.has_report() ? report_of(result.report()) : TokenReport();
  }
  if (result.has_error()) return from_proto(result.error());
  // Only a recovery has the outcomes below.
  constexpr const char* interrupted = "jackind ended during the operation: ";
  if (outcome == Outcome::undone) return Error{Reason::internal, std::string(interrupted) + "it was undone", {}};
  if (outcome == Outcome::kept) {
    return Error{Reason::internal, std::string(interrupted) + "the new token is in its store, and not configured",
                 Remedy::of(RemedyAction::check)};
  }
  if (outcome == Outcome::stuck) {
    return Error{Reason::internal, std::string(interrupted) + "jackind can neither finish nor undo it",
                 Remedy::of(RemedyAction::check)};
  }
  const std::string how = outcome ? std::string(word_of(*outcome)) : "unknown";
  return Error{Reason::internal, "the operation ended: " + how, Remedy::of(RemedyAction::list_operations)};
}

std::string name_of(const v1::Process& process) {
  if (process.pid() == 0) return "jackind";
  return text(process.command()) + "[" + std::to_string(process.pid()) + "]";
}

struct AnswerOf {
  Ticket ticket;

  Message operator()(const v1::ListStoresReply& reply) const { return StoresArrived{stores_of(reply)}; }
  Message operator()(const v1::OpAccountsReply& reply) const {
    AccountsArrived answer{ticket, {}};
    for (const v1::OpAccount& account : reply.accounts()) {
      answer.accounts.push_back({account.id(), text(account.name()), account.is_default()});
    }
    return answer;
  }
  Message operator()(const v1::OpVaultsReply& reply) const {
    VaultsArrived answer{ticket, {}};
    for (const v1::OpVault& vault : reply.vaults()) {
      answer.vaults.push_back({vault.id(), text(vault.name()), vault.is_default()});
    }
    return answer;
  }
  Message operator()(const v1::OpItemsReply& reply) const {
    ItemsArrived answer{ticket, {}};
    for (const v1::OpItemEntry& item : reply.items()) {
      // "API_CREDENTIAL" becomes "API credential".
      std::string category = text(item.category());
      std::replace(category.begin(), category.end(), '_', ' ');
      const std::size_t first = category.starts_with("API") ? 3 : 0;
      std::transform(category.begin() + static_cast<std::ptrdiff_t>(first), category.end(),
                     category.begin() + static_cast<std::ptrdiff_t>(first),
                     [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
      answer.items.push_back({item.id(), text(item.title()), category, item.usable(), text(item.reason())});
    }
    return answer;
  }
  Message operator()(const v1::OpItemReply& reply) const {
    FieldsArrived answer{ticket, {}, {}};
    for (const v1::OpSection& section : reply.sections()) {
      answer.sections.push_back({section.id(), text(section.label())});
    }
    for (const v1::OpField& field : reply.fields()) {
      answer.fields.push_back(
          {field.id(), field.section(), text(field.label()), field.has_value(), field.usable(), text(field.reason())});
    }
    return answer;
  }
};

}  // namespace

std::string short_source(std::optional<SourceKind> kind, std::string_view source) {
  if (!kind) return text(source);
  const std::string_view name = display_name(*kind);
  std::string_view rest = source.starts_with(name) ? source.substr(name.size()) : std::string_view();
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  switch (*kind) {
    case SourceKind::op: {
      // Keeps vault and item, since the panel has no space for section and field.
      const std::size_t item = rest.find('/');
      const std::size_t end = item == rest.npos ? rest.npos : rest.find('/', item + 1);
      return "1P " + text(rest.substr(0, end));
    }
    case SourceKind::file:
      return "file " + text(rest.substr(rest.rfind('/') + 1));
    case SourceKind::keychain:
    case SourceKind::secret_service:
      return std::string(name);
    case SourceKind::env:
      return "env " + text(rest);
    case SourceKind::command:
      return "command " + text(rest.substr(rest.rfind('/') + 1));
    case SourceKind::literal:
      return "plain text";
  }
  return text(source);
}

std::optional<Row> row_of(const v1::ProbeReply& probe) {
  const auto scope = scope_from(probe.scope());
  if (!scope) return std::nullopt;
  const auto verdict = from_proto(probe.verdict());
  Row row;
  row.scope = *scope;
  row.mark = mark_of(from_proto(probe.decision()), verdict);
  row.mode = from_proto(probe.mode());
  row.verdict = client::spaced(word_of_proto(probe.verdict()));
  row.summary = text(probe.summary());
  row.remedy = for_scope(from_proto(probe.remedy()), *scope);
  row.fingerprint = text(probe.fingerprint());
  row.expires_on = text(probe.expires_on());
  if (probe.has_days_left()) row.days_left = probe.days_left();
  if (probe.lifetime_days() > 0) row.lifetime_days = static_cast<int>(probe.lifetime_days());
  row.expiry_estimated = probe.expiry_estimated();
  row.checked_at = parse_moment(probe.checked_at());
  if (probe.has_owner()) row.has_token = scope_from(probe.owner()) == *scope;
  if (!probe.source().empty()) {
    const auto kind = from_proto(probe.source_kind());
    row.source = short_source(kind, probe.source());
    row.source_kind = kind ? std::string(display_name(*kind)) : std::string();
    const bool has_kind = !row.source_kind.empty() && probe.source().starts_with(row.source_kind);
    row.source_detail =
        text(has_kind ? std::string_view(probe.source()).substr(row.source_kind.size()) : probe.source());
    row.source_detail.erase(0, std::min(row.source_detail.find_first_not_of(' '), row.source_detail.size()));
    if (row.source_kind.empty()) row.source_kind = "source";
  }
  return row;
}

std::optional<Row> row_of(const v1::DetailsReply& details) {
  auto row = row_of(details.probe());
  if (!row) return row;
  row->has_details = true;
  row->holders = holders_of(details.holders());
  for (const v1::Scope& other : details.shared_with()) {
    if (const auto scope = scope_from(other)) row->shared_with.push_back(*scope);
  }
  row->history = history_of(details);
  row->can_delete = row->has_token && details.probe().created_by_jackind() && details.shared_with().empty();
  return row;
}

std::optional<OperationSeen> operation_of(const v1::Operation& operation) {
  const auto kind = from_proto(operation.kind());
  const auto scope = scope_from(operation.scope());
  if (!kind || !scope || operation.id().empty()) return std::nullopt;
  OperationSeen seen;
  seen.id = operation.id();
  seen.kind = *kind;
  seen.scope = *scope;
  seen.step = from_proto(operation.step());
  seen.detail = text(operation.detail());
  seen.waits = from_proto(operation.waits_for());
  seen.started_by = name_of(operation.client());
  seen.started_at = parse_moment(operation.started_at());
  seen.runs_to_end = operation.runs_to_its_end();
  if (operation.has_result()) seen.outcome = ending_of(operation.result(), *kind);
  return seen;
}

std::optional<StepReached> step_of(OperationNumber number, const v1::StepReached& step) {
  const auto known = from_proto(step.step());
  if (!known) return std::nullopt;
  std::string detail = text(step.detail());
  // The detail "claude 2.1.197  /usr/bin/claude" repeats the name of the step.
  constexpr std::string_view claude = "claude ";
  if (*known == Step::program && detail.starts_with(claude)) detail.erase(0, claude.size());
  return StepReached{number, *known, std::move(detail)};
}

Question question_of(const v1::Question& question) {
  Question asked{text(question.text()), {}};
  for (const v1::Choice& choice : question.choices()) {
    const auto kind = from_proto(choice.key().kind());
    if (kind) asked.choices.push_back({{*kind, from_proto(choice.key().store())}, text(choice.text())});
  }
  return asked;
}

v1::Choice choice_of(const ChoiceKey& key) {
  v1::Choice choice;
  choice.mutable_key()->set_kind(to_proto(key.kind));
  if (key.store) choice.mutable_key()->set_store(to_proto(*key.store));
  return choice;
}

std::string text_of(const v1::Notice& notice) {
  std::string shown = text(notice.message());
  const std::string command = command_of(from_proto(notice.remedy()));
  return command.empty() ? shown : shown + "; try: " + command;
}

TokenReport report_of(const v1::TokenReport& report) {
  TokenReport shown;
  shown.claude_version = text(report.claude_version());
  shown.stored_in = text(report.stored_in());
  shown.fingerprint = text(report.fingerprint());
  shown.expires_on = text(report.expires_on());
  if (report.has_days_left()) shown.days_left = report.days_left();
  shown.expiry_estimated = report.expiry_estimated();
  shown.slot = stored_in(report.slot_file(), report.slot());
  shown.deleted_old = report.deleted_old();
  shown.old_holders = holders_of(report.old_holders());
  return shown;
}

Ending ending_of(const v1::RevokeOutcome& outcome, const Scope& scope) {
  if (outcome.has_error()) {
    Error error = from_proto(outcome.error());
    error.remedy = for_scope(std::move(error.remedy), scope);
    return error;
  }
  return RevokeReport{.cleared = outcome.cleared(),
                      .deleted = outcome.deleted(),
                      .remains_in = text(outcome.remains_in()),
                      .holders = holders_of(outcome.holders())};
}

std::vector<Finding> findings_of(const client::DoctorFindings& found) {
  std::vector<Finding> findings;
  for (const v1::ScopeHealth& health : found.scopes) {
    for (const v1::Finding& finding : health.findings()) {
      Remedy remedy = from_proto(finding.remedy());
      if (const auto scope = scope_from(health.scope())) remedy = for_scope(std::move(remedy), *scope);
      findings.push_back(
          {from_proto(finding.severity()).value_or(Severity::warning), text(finding.message()), std::move(remedy)});
    }
  }
  return findings;
}

std::vector<Store> stores_of(const v1::ListStoresReply& reply) {
  std::vector<Store> stores;
  for (const v1::Store& store : reply.stores()) {
    const auto kind = from_proto(store.kind());
    if (kind)
      stores.push_back({*kind, text(store.name()), text(store.message()), store.available(), store.is_default()});
  }
  const auto unavailable =
      std::stable_partition(stores.begin(), stores.end(), [](const Store& store) { return store.available; });
  stores.insert(unavailable, Store{.kind = SourceKind::literal, .name = "plain text", .available = true});
  return stores;
}

Facts facts_of(const Paths& paths) {
  std::error_code unknown;
  return {.version = std::string(version()),
          .workspaces_folder = abbreviate_home(paths.workspaces_dir(), paths.home),
          .tokens_folder = abbreviate_home(paths.tokens_dir(), paths.home),
          .home = paths.home.string(),
          .folder = std::filesystem::current_path(unknown).string()};
}

Message answer_of(Ticket ticket, const client::PlaceListing& listing) {
  return std::visit(AnswerOf{ticket}, listing);
}

client::SetupOptions options_of(const StartSetup& start) {
  client::SetupOptions options;
  options.plain = start.place.store == SourceKind::literal;
  if (!options.plain) options.store = start.place.store;
  options.op_account = start.place.account;
  options.vault = start.place.vault;
  options.item_name = start.place.item;
  options.section = start.place.section;
  options.field = start.place.field;
  options.create = start.create;
  options.workdir = start.workdir;
  return options;
}

}  // namespace jackin::tui

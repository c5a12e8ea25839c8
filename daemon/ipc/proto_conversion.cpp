// SPDX-License-Identifier: Apache-2.0
#include "daemon/ipc/proto_conversion.hpp"

#include <sodium.h>

#include <utility>
#include <variant>

#include "common/claude.hpp"
#include "common/pasted_credential.hpp"
#include "common/text_characters.hpp"
#include "common/untrusted_text.hpp"
#include "proto/enum_conversion.hpp"

namespace jackin::ipc {

using jackin::from_proto;

namespace {

// Longer than any valid value of these fields.
constexpr std::size_t field_limit = 4096;

// Errors quote these values, and the log and the journal record them.
Result<> check_field(std::string_view name, const std::string& value) {
  const std::string field = "the request's " + std::string(name);
  // First, because the search for a credential decodes the whole value.
  if (value.size() <= field_limit) {
    TRY(expect_no_credential(field, value));
    if (value.find('\0') == std::string::npos) return {};
  }
  return failure(Reason::invalid_argument, field + " is not usable");
}

// For values that go into a configuration file or to a service, which accept no other bytes.
Result<> check_text(std::string_view name, const std::string& value) {
  TRY(check_field(name, value));
  if (is_utf8(value)) return {};
  return failure(Reason::invalid_argument,
                 "the request's " + std::string(name) + " is not UTF-8: '" + printable(value, 80) + "'");
}

// A value that this version knows.
template <typename ProtoEnum>
auto known_value(std::string_view name, ProtoEnum proto) -> Result<typename decltype(from_proto(proto))::value_type> {
  if (const auto value = from_proto(proto)) return *value;
  return failure(Reason::invalid_argument, "the request's " + std::string(name) + " (" +
                                               std::to_string(static_cast<int>(proto)) + ") is not known");
}

Result<> read_token_request(const v1::TokenRequest& request, lifecycle::TokenRequest& wanted) {
  TRY(wanted.scope, from_proto(request.scope()));
  const auto& place = request.place();
  TRY(check_field("program", request.claude()));
  TRY(check_text("vault", place.vault()));
  TRY(check_text("item name", place.item_name()));
  TRY(check_text("field", place.field()));
  TRY(check_text("section", place.section()));
  TRY(check_text("account", place.op_account()));
  wanted.client = from_proto(request.environment());
  wanted.claude = request.claude();
  std::optional<SourceKind> store;
  if (place.store() != v1::SOURCE_KIND_UNSPECIFIED) {
    TRY(store, known_value("store", place.store()));
  }
  wanted.place = {.store = store,
                  .vault = place.vault(),
                  .item_name = place.item_name(),
                  .field = place.field(),
                  .section = place.section(),
                  .op_account = place.op_account()};
  wanted.plain = request.plain();
  wanted.verify = !request.no_verify();
  return {};
}

void to_proto(const mint::Color& color, v1::Color& proto) {
  if (const auto* indexed = std::get_if<mint::PaletteColor>(&color)) {
    proto.set_indexed(indexed->index);
  } else {
    proto.set_rgb(std::get<mint::RgbColor>(color).rgb);
  }
}

void to_proto(const mint::StyledRun& run, v1::StyledRun& proto) {
  proto.set_text(run.text);
  if (run.style.foreground) to_proto(*run.style.foreground, *proto.mutable_foreground());
  if (run.style.background) to_proto(*run.style.background, *proto.mutable_background());
  proto.set_bold(run.style.bold);
  proto.set_dim(run.style.dim);
  proto.set_italic(run.style.italic);
  proto.set_underline(run.style.underline);
  proto.set_reverse(run.style.reverse);
  proto.set_strike(run.style.strike);
}

void to_proto(const launch::OnboardingFile& file, v1::OnboardingFile& proto) {
  proto.set_name(file.name);
  switch (file.rule) {
    case launch::OnboardingFile::Rule::exactly:
      proto.set_content(file.content.view().data(), file.content.size());
      break;
    case launch::OnboardingFile::Rule::absent:
      proto.set_absent(true);
      break;
    case launch::OnboardingFile::Rule::if_missing:
      proto.set_content_if_missing(file.content.view().data(), file.content.size());
      break;
    case launch::OnboardingFile::Rule::keep:
      proto.set_keep(true);
      break;
  }
}

// Returns a name or a path unchanged, since the user's shell needs its exact bytes. Escapes and shortens a value that
// contains a credential's prefix.
std::string without_credential(const std::string& value) {
  return value.find(credential_prefix) == value.npos ? value : printable(value, field_limit);
}

void to_proto(const std::vector<health::Finding>& findings, google::protobuf::RepeatedPtrField<v1::Finding>& proto) {
  for (const auto& finding : findings) ipc::to_proto(finding, *proto.Add());
}

}  // namespace

Result<Scope> from_proto(const v1::Scope& scope) {
  if (scope.workspace().empty()) {
    if (scope.role().empty()) return Scope::global();
    return failure(Reason::invalid_argument, "a role needs its workspace");
  }
  if (scope.role().empty()) return Scope::workspace(scope.workspace());
  return Scope::role(scope.workspace(), scope.role());
}

Environment from_proto(const v1::ClientEnvironment& environment) {
  Environment received;
  for (const auto& variable : environment.variables()) {
    const std::string& name = variable.name();
    const std::string& value = variable.value();
    if (name.empty() || name.find_first_of(std::string_view("=\0", 2)) != std::string::npos) continue;
    if (value.find('\0') != std::string::npos) continue;
    received.set(name, value);
  }
  return client_environment(received);
}

TerminalSize from_proto(const v1::TerminalSize& size) {
  const auto usable = [](std::uint32_t cells) { return cells >= 2 && cells <= 1000; };
  if (!usable(size.rows()) || !usable(size.columns())) return {};
  return {.rows = static_cast<int>(size.rows()), .columns = static_cast<int>(size.columns())};
}

Result<lifecycle::SetupRequest> from_proto(const v1::SetupRequest& request) {
  lifecycle::SetupRequest wanted;
  TRY(read_token_request(request.token(), wanted));
  TRY(check_text("reference", request.reuse()));
  TRY(check_text("folder", request.workdir()));
  wanted.reuse = request.reuse();
  wanted.create = request.create();
  wanted.workdir = request.workdir();
  return wanted;
}

Result<lifecycle::RotateRequest> from_proto(const v1::RotateRequest& request) {
  lifecycle::RotateRequest wanted;
  TRY(read_token_request(request.token(), wanted));
  wanted.with_sharing = request.with_sharing();
  return wanted;
}

Result<lifecycle::RevokeRequest> from_proto(const v1::RevokeRequest& request) {
  lifecycle::RevokeRequest wanted;
  if (request.all() && request.has_scope()) {
    return failure(Reason::invalid_argument, "the request names a workspace and all workspaces");
  }
  if (!request.all()) {
    if (!request.has_scope()) return failure(Reason::invalid_argument, "the request names no workspace");
    TRY(wanted.scope, from_proto(request.scope()));
  }
  wanted.all = request.all();
  wanted.delete_item = request.delete_item();
  wanted.force = request.force();
  wanted.client = from_proto(request.environment());
  return wanted;
}

Result<> check_place(const std::string& name) {
  return check_text("place", name);
}

Result<> check_path(std::string_view name, const std::string& path) {
  return check_field(name, path);
}

Result<launch::LaunchRequest> from_proto(v1::PrepareRequest& request) {
  TRY(Scope scope, from_proto(request.scope()));
  launch::LaunchRequest wanted;
  wanted.scope = std::move(scope);
  wanted.client = from_proto(request.environment());
  wanted.with_token = request.with_token();
  wanted.process.pid = request.pid();
  wanted.command = printable(request.command());
  for (const auto& name : request.credentials_present()) wanted.credentials_present.push_back(printable(name));
  if (request.has_variable()) {
    auto& variable = *request.mutable_variable();
    secrets::ClientVariable named{variable.name(), nullptr};
    if (variable.has_value()) {
      named.value = std::make_shared<const Secret>(Secret::copy_of(variable.value()));
      wipe(*variable.mutable_value());
    }
    wanted.variable = std::move(named);
  }
  return wanted;
}

void to_proto(const Scope& scope, v1::Scope& proto) {
  proto.set_workspace(scope.workspace_name());
  proto.set_role(scope.role_name());
}

void to_proto(const Remedy& remedy, v1::Remedy& proto) {
  constexpr std::size_t note_limit = 1000;
  proto.set_action(static_cast<v1::RemedyAction>(remedy.action));
  proto.set_note(printable(remedy.note, note_limit));
  if (remedy.scope) {
    proto.mutable_scope()->set_workspace(remedy.scope->workspace);
    proto.mutable_scope()->set_role(remedy.scope->role);
  }
  proto.set_config_dir(without_credential(remedy.config_folder));
  proto.set_workdir(without_credential(remedy.workdir));
  proto.set_reference(without_credential(remedy.reference));
  if (remedy.store) proto.set_store(to_proto(*remedy.store));
  proto.set_vault(without_credential(remedy.vault));
  proto.set_item(without_credential(remedy.item));
  proto.set_tag(printable(remedy.tag));
  proto.set_service(without_credential(remedy.service));
  proto.set_account(without_credential(remedy.account));
  for (const std::string& path : remedy.paths) proto.add_paths(without_credential(path));
  proto.set_line(remedy.line);
  proto.set_access(static_cast<v1::RemedyAccess>(remedy.access));
  proto.set_option(static_cast<v1::RemedyOption>(remedy.option));
  for (const std::string& value : remedy.values) proto.add_values(without_credential(value));
  proto.set_name(without_credential(remedy.name));
  proto.set_value(without_credential(remedy.value));
  for (const auto pid : remedy.pids) proto.add_pids(pid);
  proto.set_then_restart(remedy.then_restart);
}

void to_proto(const Error& error, v1::ErrorDetail& proto) {
  proto.set_reason(std::string(to_code(error.reason)));
  proto.set_message(error.message);
  if (!error.remedy.empty()) to_proto(error.remedy, *proto.mutable_remedy());
}

void to_proto(const ProcessIdentity& process, v1::Process& proto) {
  proto.set_pid(process.pid);
  proto.set_command(process.command);
}

void to_proto(const lifecycle::OperationState& operation, v1::Operation& proto) {
  proto.set_id(operation.id);
  proto.set_kind(to_proto(operation.kind));
  to_proto(operation.scope, *proto.mutable_scope());
  if (operation.step) proto.set_step(to_proto(*operation.step));
  proto.set_started_at(format_moment(operation.started_at));
  to_proto(operation.asked_by, *proto.mutable_client());
  proto.set_runs_to_its_end(operation.runs_to_its_end());
  proto.set_detail(operation.detail);
  if (const auto waits_for = operation.waits_for()) proto.set_waits_for(to_proto(*waits_for));
  proto.set_step_number(static_cast<std::uint32_t>(operation.step_number()));
  proto.set_step_count(static_cast<std::uint32_t>(operation.plan.size()));
  if (!operation.result) return;
  auto& result = *proto.mutable_result();
  result.set_outcome(to_proto(operation.result->outcome));
  result.set_ended_at(format_moment(operation.result->ended_at));
  if (operation.result->report) to_proto(*operation.result->report, *result.mutable_report());
  if (operation.result->error) to_proto(*operation.result->error, *result.mutable_error());
}

void to_proto(const lifecycle::TokenReport& report, v1::TokenReport& proto) {
  to_proto(report.scope, *proto.mutable_scope());
  proto.set_store(to_proto(report.store));
  proto.set_reference(report.reference);
  proto.set_stored_in(report.stored_in);
  proto.set_fingerprint(report.fingerprint.str());
  if (report.expires_on) proto.set_expires_on(format_date(*report.expires_on));
  if (report.days_left) proto.set_days_left(*report.days_left);
  proto.set_expiry_estimated(report.expiry_estimated);
  proto.set_claude_version(report.claude_version);
  proto.set_slot_file(report.slot_file);
  proto.set_slot(report.slot);
  proto.set_slot_style(to_proto(report.slot_style));
  proto.set_created(report.created);
  proto.set_deleted_old(report.deleted_old);
  for (const auto& holder : report.old_holders) to_proto(holder, *proto.add_old_holders());
}

void to_proto(const lifecycle::RevokeOutcome& outcome, v1::RevokeOutcome& proto) {
  to_proto(outcome.scope, *proto.mutable_scope());
  proto.set_cleared(outcome.cleared);
  proto.set_deleted(outcome.deleted);
  proto.set_remains_in(outcome.remains_in);
  if (!outcome.remains_remedy.empty()) to_proto(outcome.remains_remedy, *proto.mutable_remains_remedy());
  if (outcome.error) to_proto(*outcome.error, *proto.mutable_error());
  for (const auto& holder : outcome.holders) to_proto(holder, *proto.add_holders());
  for (const auto& notice : outcome.notices) {
    to_proto(notice.severity, notice.message, notice.remedy, *proto.add_notices());
  }
}

void to_proto(Severity severity, const std::string& message, const Remedy& remedy, v1::Notice& proto) {
  proto.set_severity(to_proto(severity));
  proto.set_message(message);
  if (!remedy.empty()) to_proto(remedy, *proto.mutable_remedy());
}

Result<lifecycle::ChoiceKey> from_proto(const v1::ChoiceKey& key) {
  lifecycle::ChoiceKey choice;
  TRY(choice.kind, known_value("choice", key.kind()));
  if (key.store() != v1::SOURCE_KIND_UNSPECIFIED) {
    TRY(choice.store, known_value("store", key.store()));
  }
  return choice;
}

void to_proto(const lifecycle::Question& question, v1::Question& proto) {
  proto.set_kind(to_proto(question.kind));
  proto.set_text(question.text);
  for (const auto& choice : question.choices) {
    auto& one = *proto.add_choices();
    one.mutable_key()->set_kind(to_proto(choice.key.kind));
    if (choice.key.store) one.mutable_key()->set_store(to_proto(*choice.key.store));
    one.set_text(choice.text);
  }
}

void to_proto(const mint::FrameUpdate& update, v1::Frame& proto) {
  proto.mutable_size()->set_rows(static_cast<std::uint32_t>(update.size.rows));
  proto.mutable_size()->set_columns(static_cast<std::uint32_t>(update.size.columns));
  for (const auto& row : update.rows) {
    auto& proto_row = *proto.add_rows();
    proto_row.set_row(static_cast<std::uint32_t>(row.row));
    for (const auto& run : row.runs) to_proto(run, *proto_row.add_runs());
  }
  proto.set_cursor_row(static_cast<std::uint32_t>(update.cursor_row));
  proto.set_cursor_column(static_cast<std::uint32_t>(update.cursor_column));
  proto.set_cursor_visible(update.cursor_visible);
}

void to_proto(const health::ProbeAnswer& answer, v1::ProbeReply& proto) {
  to_proto(answer.scope, *proto.mutable_scope());
  proto.set_decision(to_proto(answer.decision));
  proto.set_verdict(to_proto(answer.verdict));
  if (answer.mode) proto.set_mode(to_proto(*answer.mode));
  proto.set_source(answer.source);
  proto.set_summary(answer.summary);
  if (!answer.remedy.empty()) to_proto(answer.remedy, *proto.mutable_remedy());
  if (answer.fingerprint) proto.set_fingerprint(answer.fingerprint->str());
  if (answer.expires_on) proto.set_expires_on(format_date(*answer.expires_on));
  if (answer.days_left) proto.set_days_left(*answer.days_left);
  if (answer.checked_at) proto.set_checked_at(format_moment(*answer.checked_at));
  proto.set_fresh(answer.fresh);
  if (answer.source_kind) proto.set_source_kind(to_proto(*answer.source_kind));
  if (answer.owner) to_proto(*answer.owner, *proto.mutable_owner());
  proto.set_created_by_jackind(answer.created_by_jackind);
  proto.set_expiry_estimated(answer.expiry_estimated);
  if (answer.lifetime_days) proto.set_lifetime_days(static_cast<std::uint32_t>(*answer.lifetime_days));
}

void to_proto(const health::Finding& finding, v1::Finding& proto) {
  proto.set_severity(to_proto(finding.severity));
  proto.set_code(finding.code);
  proto.set_message(finding.message);
  if (!finding.remedy.empty()) to_proto(finding.remedy, *proto.mutable_remedy());
}

void to_proto(const health::ScopeDetails& details, v1::DetailsReply& proto) {
  to_proto(details.report.answer, *proto.mutable_probe());
  to_proto(details.report.findings, *proto.mutable_findings());
  for (const auto& record : details.history) {
    auto& entry = *proto.add_history();
    entry.set_verdict(to_proto(record.verdict));
    entry.set_summary(record.summary);
    entry.set_at(format_moment(record.at));
  }
  for (const auto& handout : details.holders) {
    auto& holder = *proto.add_holders();
    holder.set_pid(handout.pid);
    holder.set_command(handout.command);
  }
  for (const Scope& scope : details.shared_with) to_proto(scope, *proto.add_shared_with());
  if (details.recorded_at) proto.set_recorded_at(format_moment(*details.recorded_at));
  proto.set_file(details.file);
}

void to_proto(const lifecycle::SystemReport& system, v1::SystemReport& proto) {
  to_proto(system.daemon, *proto.mutable_daemon());
  to_proto(system.programs, *proto.mutable_programs());
  to_proto(system.stores, *proto.mutable_stores());
  to_proto(system.leftovers, *proto.mutable_leftovers());
}

void to_proto(const launch::LaunchPlan& plan, v1::PrepareReply& proto) {
  to_proto(plan.answer, *proto.mutable_probe());
  if (plan.token) proto.set_token(plan.token->view().data(), plan.token->size());
  for (const auto& name : plan.unset) proto.add_unset(name);
  for (const auto& file : plan.onboarding) to_proto(file, *proto.mutable_onboarding()->add_files());
  proto.mutable_banner()->set_text(plan.banner.text);
  proto.mutable_banner()->set_colour(to_proto(plan.banner.colour));
  for (const auto& warning : plan.warnings) proto.add_warnings(warning);
  if (!plan.needs_variable.empty()) proto.set_needs_variable(plan.needs_variable);
  if (!plan.token_variable.empty()) proto.set_token_variable(plan.token_variable);
}

void to_proto(const lifecycle::StoreInfo& store, v1::Store& proto) {
  proto.set_kind(to_proto(store.kind));
  proto.set_name(store.name);
  proto.set_available(store.available);
  proto.set_message(store.message);
  if (!store.remedy.empty()) to_proto(store.remedy, *proto.mutable_remedy());
  proto.set_is_default(store.is_default);
}

void to_proto(const secrets::OpAccountChoices& choices, v1::OpAccountsReply& proto) {
  proto.set_service_account(choices.service_account);
  for (const auto& choice : choices.accounts) {
    auto& account = *proto.add_accounts();
    account.set_id(choice.id);
    account.set_name(choice.name);
    account.set_is_default(choice.is_default);
  }
}

void to_proto(const secrets::OpVaultChoice& choice, v1::OpVault& proto) {
  proto.set_id(choice.id);
  proto.set_name(choice.name);
  proto.set_is_default(choice.is_default);
}

void to_proto(const secrets::OpItemChoice& choice, v1::OpItemEntry& proto) {
  proto.set_id(choice.id);
  proto.set_title(choice.title);
  proto.set_category(choice.category);
  proto.set_usable(choice.usable);
  proto.set_reason(choice.reason);
}

void to_proto(const secrets::OpItemContents& contents, v1::OpItemReply& proto) {
  to_proto(contents.item, *proto.mutable_item());
  for (const auto& section : contents.sections) {
    auto& one = *proto.add_sections();
    one.set_id(section.id);
    one.set_label(section.label);
  }
  for (const auto& field : contents.fields) {
    auto& one = *proto.add_fields();
    one.set_id(field.id);
    one.set_section(field.section);
    one.set_label(field.label);
    one.set_has_value(field.has_value);
    one.set_usable(field.usable);
    one.set_reason(field.reason);
  }
}

void wipe(std::string& bytes) {
  sodium_memzero(bytes.data(), bytes.size());
  bytes.clear();
}

}  // namespace jackin::ipc

#include "daemon/ipc/wire.hpp"

#include <sodium.h>

#include <filesystem>
#include <utility>
#include <variant>

#include "common/text_characters.hpp"
#include "common/untrusted_text.hpp"
#include "daemon/config/auth_mode.hpp"

namespace jackin::ipc {
namespace {

// Longer than any of these fields has a reason to be.
constexpr std::size_t field_limit = 4096;

Result<> check_field(std::string_view name, const std::string& value) {
  if (value.size() <= field_limit && value.find('\0') == std::string::npos) return {};
  return failure(Reason::invalid_argument, "the request's " + std::string(name) + " is not usable");
}

// For what goes into a configuration file or to a service: neither takes other bytes.
Result<> check_text(std::string_view name, const std::string& value) {
  TRY(check_field(name, value));
  if (is_utf8(value)) return {};
  return failure(Reason::invalid_argument,
                 "the request's " + std::string(name) + " is not UTF-8: '" + printable(value, 80) + "'");
}

Result<> read_order(const v1::TokenOrder& order, lifecycle::TokenOrder& wanted) {
  TRY(wanted.scope, from_wire(order.scope()));
  const auto& place = order.place();
  TRY(check_field("program", order.claude()));
  TRY(check_text("store", place.store()));
  TRY(check_text("vault", place.vault()));
  TRY(check_text("item name", place.item_name()));
  TRY(check_text("field", place.field()));
  TRY(check_text("section", place.section()));
  TRY(check_text("account", place.op_account()));
  wanted.client = from_wire(order.environment());
  wanted.claude = order.claude();
  wanted.place = {.store = place.store(),
                  .vault = place.vault(),
                  .item_name = place.item_name(),
                  .field = place.field(),
                  .section = place.section(),
                  .op_account = place.op_account()};
  wanted.plain = order.plain();
  wanted.verify = !order.no_verify();
  return {};
}

void to_wire(const mint::Color& color, v1::Color& wire) {
  if (const auto* indexed = std::get_if<mint::PaletteColor>(&color)) {
    wire.set_indexed(indexed->index);
  } else {
    wire.set_rgb(std::get<mint::RgbColor>(color).rgb);
  }
}

void to_wire(const mint::StyledRun& run, v1::StyledRun& wire) {
  wire.set_text(run.text);
  if (run.style.foreground) to_wire(*run.style.foreground, *wire.mutable_foreground());
  if (run.style.background) to_wire(*run.style.background, *wire.mutable_background());
  wire.set_bold(run.style.bold);
  wire.set_dim(run.style.dim);
  wire.set_italic(run.style.italic);
  wire.set_underline(run.style.underline);
  wire.set_reverse(run.style.reverse);
  wire.set_strike(run.style.strike);
}

void to_wire(const launch::OnboardingFile& file, v1::OnboardingFile& wire) {
  wire.set_name(file.name);
  switch (file.rule) {
    case launch::OnboardingFile::Rule::exactly:
      wire.set_content(file.content.view().data(), file.content.size());
      break;
    case launch::OnboardingFile::Rule::absent:
      wire.set_absent(true);
      break;
    case launch::OnboardingFile::Rule::if_missing:
      wire.set_content_if_missing(file.content.view().data(), file.content.size());
      break;
    case launch::OnboardingFile::Rule::keep:
      wire.set_keep(true);
      break;
  }
}

std::string_view to_text(launch::Banner::Colour colour) {
  switch (colour) {
    case launch::Banner::Colour::red:
      return "red";
    case launch::Banner::Colour::yellow:
      return "yellow";
    default:
      return "dim";
  }
}

void to_wire(const std::vector<health::Finding>& findings, google::protobuf::RepeatedPtrField<v1::Finding>& wire) {
  for (const auto& finding : findings) ipc::to_wire(finding, *wire.Add());
}

}  // namespace

Result<Scope> from_wire(const v1::Scope& scope) {
  if (scope.workspace().empty()) {
    if (scope.role().empty()) return Scope::global();
    return failure(Reason::invalid_argument, "a role needs its workspace");
  }
  if (scope.role().empty()) return Scope::workspace(scope.workspace());
  return Scope::role(scope.workspace(), scope.role());
}

Environment from_wire(const v1::ClientEnvironment& environment) {
  Environment received;
  for (const auto& variable : environment.variables()) {
    const std::string& name = variable.name();
    const std::string& value = variable.value();
    if (name.empty() || name.find_first_of(std::string_view("=\0", 2)) != std::string::npos) continue;
    if (value.find('\0') != std::string::npos) continue;
    received.set(name, value);
  }
  return sent_to_daemon(received);
}

TerminalSize from_wire(const v1::TerminalSize& size) {
  const auto usable = [](std::uint32_t cells) { return cells >= 2 && cells <= 1000; };
  if (!usable(size.rows()) || !usable(size.columns())) return {};
  return {.rows = static_cast<int>(size.rows()), .columns = static_cast<int>(size.columns())};
}

Result<lifecycle::SetupRequest> from_wire(const v1::SetupRequest& request) {
  lifecycle::SetupRequest wanted;
  TRY(read_order(request.order(), wanted));
  TRY(check_text("reference", request.reuse()));
  TRY(check_text("folder", request.workdir()));
  if (!request.workdir().empty() && !std::filesystem::path(request.workdir()).is_absolute()) {
    return failure(Reason::invalid_argument, "the folder of the new workspace is not an absolute path");
  }
  wanted.reuse = request.reuse();
  wanted.create = request.create();
  wanted.workdir = request.workdir();
  return wanted;
}

Result<lifecycle::RotateRequest> from_wire(const v1::RotateRequest& request) {
  lifecycle::RotateRequest wanted;
  TRY(read_order(request.order(), wanted));
  wanted.with_sharing = request.with_sharing();
  return wanted;
}

Result<lifecycle::RevokeRequest> from_wire(const v1::RevokeRequest& request) {
  lifecycle::RevokeRequest wanted;
  if (request.all() && request.has_scope()) {
    return failure(Reason::invalid_argument, "either one scope or all");
  }
  if (!request.all()) {
    if (!request.has_scope()) return failure(Reason::invalid_argument, "which scope's token?");
    TRY(wanted.scope, from_wire(request.scope()));
  }
  wanted.all = request.all();
  wanted.delete_item = request.delete_item();
  wanted.force = request.force();
  wanted.client = from_wire(request.environment());
  return wanted;
}

Result<> check_place(const std::string& name) {
  return check_text("place", name);
}

Result<launch::LaunchRequest> from_wire(const v1::PrepareRequest& request) {
  TRY(Scope scope, from_wire(request.scope()));
  launch::LaunchRequest wanted;
  wanted.scope = std::move(scope);
  wanted.client = from_wire(request.environment());
  wanted.with_token = request.with_token();
  wanted.process.pid = request.pid();
  wanted.command = printable(request.command());
  for (const auto& name : request.credentials_present()) wanted.credentials_present.push_back(printable(name));
  return wanted;
}

void to_wire(const Scope& scope, v1::Scope& wire) {
  wire.set_workspace(scope.workspace_name());
  wire.set_role(scope.role_name());
}

void to_wire(const ProcessIdentity& process, v1::Process& wire) {
  wire.set_pid(process.pid);
  wire.set_command(process.command);
}

void to_wire(const lifecycle::RunningOperation& operation, v1::Operation& wire) {
  wire.set_id(operation.id);
  wire.set_kind(operation.kind);
  to_wire(operation.scope, *wire.mutable_scope());
  wire.set_step(operation.step);
  wire.set_started_at(format_moment(operation.started_at));
  to_wire(operation.asked_by, *wire.mutable_client());
  wire.set_runs_to_its_end(operation.captured && !operation.asks);
}

void to_wire(const lifecycle::TokenReport& report, v1::TokenReport& wire) {
  to_wire(report.scope, *wire.mutable_scope());
  wire.set_store(report.store);
  wire.set_reference(report.reference);
  wire.set_stored_in(report.stored_in);
  wire.set_fingerprint(report.fingerprint.str());
  if (report.expires_on) wire.set_expires_on(format_date(*report.expires_on));
  if (report.days_left) wire.set_days_left(*report.days_left);
  wire.set_expiry_estimated(report.expiry_estimated);
  wire.set_claude_version(report.claude_version);
  wire.set_slot_file(report.slot_file);
  wire.set_slot(report.slot);
  wire.set_created(report.created);
  wire.set_deleted_old(report.deleted_old);
  for (const auto& holder : report.old_holders) to_wire(holder, *wire.add_old_holders());
}

void to_wire(const lifecycle::RevokeOutcome& outcome, v1::RevokeOutcome& wire) {
  to_wire(outcome.scope, *wire.mutable_scope());
  wire.set_cleared(outcome.cleared);
  wire.set_deleted(outcome.deleted);
  wire.set_remains_in(outcome.remains_in);
  wire.set_remains_remedy(outcome.remains_remedy);
  if (outcome.error) {
    wire.mutable_error()->set_reason(std::string(to_code(outcome.error->reason)));
    wire.mutable_error()->set_message(outcome.error->message);
    wire.mutable_error()->set_remedy(outcome.error->remedy);
  }
  for (const auto& holder : outcome.holders) to_wire(holder, *wire.add_holders());
  for (const auto& notice : outcome.notices) {
    to_wire(notice.severity, notice.message, notice.remedy, *wire.add_notices());
  }
}

void to_wire(lifecycle::Severity severity, const std::string& message, const std::string& remedy, v1::Notice& wire) {
  wire.set_severity(severity == lifecycle::Severity::warning ? "warning" : "info");
  wire.set_message(message);
  wire.set_remedy(remedy);
}

void to_wire(const mint::FrameUpdate& update, v1::Frame& wire) {
  wire.mutable_size()->set_rows(static_cast<std::uint32_t>(update.size.rows));
  wire.mutable_size()->set_columns(static_cast<std::uint32_t>(update.size.columns));
  for (const auto& row : update.rows) {
    auto& wire_row = *wire.add_rows();
    wire_row.set_row(static_cast<std::uint32_t>(row.row));
    for (const auto& run : row.runs) to_wire(run, *wire_row.add_runs());
  }
  wire.set_cursor_row(static_cast<std::uint32_t>(update.cursor_row));
  wire.set_cursor_column(static_cast<std::uint32_t>(update.cursor_column));
  wire.set_cursor_visible(update.cursor_visible);
}

void to_wire(const health::ProbeAnswer& answer, v1::ProbeReply& wire) {
  to_wire(answer.scope, *wire.mutable_scope());
  wire.set_decision(std::string(health::to_text(answer.decision)));
  wire.set_verdict(std::string(health::to_text(answer.verdict)));
  if (answer.mode) wire.set_mode(std::string(config::to_string(*answer.mode)));
  wire.set_source(answer.source);
  wire.set_summary(answer.summary);
  wire.set_remedy(answer.remedy);
  if (answer.fingerprint) wire.set_fingerprint(answer.fingerprint->str());
  if (answer.expires_on) wire.set_expires_on(format_date(*answer.expires_on));
  if (answer.days_left) wire.set_days_left(*answer.days_left);
  if (answer.checked_at) wire.set_checked_at(format_moment(*answer.checked_at));
  wire.set_fresh(answer.fresh);
  wire.set_source_kind(answer.source_kind);
}

void to_wire(const health::Finding& finding, v1::Finding& wire) {
  wire.set_severity(std::string(health::to_text(finding.severity)));
  wire.set_code(finding.code);
  wire.set_message(finding.message);
  wire.set_remedy(finding.remedy);
}

void to_wire(const health::HouseReport& house, v1::HouseHealth& wire) {
  to_wire(house.daemon, *wire.mutable_daemon());
  to_wire(house.programs, *wire.mutable_programs());
  to_wire(house.stores, *wire.mutable_stores());
  to_wire(house.leftovers, *wire.mutable_leftovers());
}

void to_wire(const launch::LaunchPlan& plan, v1::PrepareReply& wire) {
  to_wire(plan.answer, *wire.mutable_probe());
  if (plan.token) wire.set_token(plan.token->view().data(), plan.token->size());
  for (const auto& name : plan.unset) wire.add_unset(name);
  for (const auto& file : plan.onboarding) to_wire(file, *wire.mutable_onboarding()->add_files());
  wire.mutable_banner()->set_text(plan.banner.text);
  wire.mutable_banner()->set_colour(std::string(to_text(plan.banner.colour)));
  for (const auto& warning : plan.warnings) wire.add_warnings(warning);
}

void to_wire(const StoreInfo& store, v1::Store& wire) {
  wire.set_kind(store.kind);
  wire.set_name(store.name);
  wire.set_available(store.available);
  wire.set_message(store.message);
  wire.set_remedy(store.remedy);
  wire.set_is_default(store.is_default);
}

void to_wire(const secrets::OpAccountChoices& choices, v1::OpAccountsReply& wire) {
  wire.set_service_account(choices.service_account);
  for (const auto& choice : choices.accounts) {
    auto& account = *wire.add_accounts();
    account.set_id(choice.id);
    account.set_name(choice.name);
    account.set_is_default(choice.is_default);
  }
}

void to_wire(const secrets::OpVaultChoice& choice, v1::OpVault& wire) {
  wire.set_id(choice.id);
  wire.set_name(choice.name);
  wire.set_is_default(choice.is_default);
}

void to_wire(const secrets::OpItemChoice& choice, v1::OpItemEntry& wire) {
  wire.set_id(choice.id);
  wire.set_title(choice.title);
  wire.set_category(choice.category);
  wire.set_usable(choice.usable);
  wire.set_reason(choice.reason);
}

void to_wire(const secrets::OpItemContents& contents, v1::OpItemReply& wire) {
  to_wire(contents.item, *wire.mutable_item());
  for (const auto& section : contents.sections) {
    auto& one = *wire.add_sections();
    one.set_id(section.id);
    one.set_label(section.label);
  }
  for (const auto& field : contents.fields) {
    auto& one = *wire.add_fields();
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

// SPDX-License-Identifier: Apache-2.0
#include "daemon/health/examination.hpp"

#include <filesystem>
#include <utility>

#include "common/claude.hpp"
#include "common/scope.hpp"
#include "common/untrusted_text.hpp"
#include "common/words.hpp"
#include "daemon/health/remedies.hpp"
#include "daemon/secrets/credential_source.hpp"

namespace jackin::health {
namespace {

// The recorded state after a failure of the source. Only a certain failure is `gone` or `invalid`; after any other
// failure the content of the source is unknown.
SourceState state_after(Reason reason, const config::EffectiveAuth& auth) {
  // A store's refusal can be temporary; the mode and the owner of a file do not change by themselves.
  const bool is_file = auth.source && std::holds_alternative<secrets::FileSource>(*auth.source);
  if (reason == Reason::source_denied && is_file) return SourceState::denied;
  switch (reason) {
    case Reason::source_gone:
      return SourceState::gone;
    case Reason::source_invalid:
      return SourceState::invalid;
    case Reason::token_malformed:
      return SourceState::malformed;
    default:
      return SourceState::unreachable;
  }
}

Severity severity_of(Decision decision) {
  switch (decision) {
    case Decision::allow:
      return Severity::info;
    case Decision::warn:
      return Severity::warning;
    case Decision::block:
      return Severity::error;
  }
  return Severity::error;
}

std::string place_of(config::LayerKind layer, const Scope& scope, const std::filesystem::path& file) {
  const bool is_role = layer == config::LayerKind::role;
  const std::string table = is_role ? "[roles.\"" + printable(scope.role_name()) + "\".claude]" : "[claude]";
  return table + " in " + printable(file.string());
}

// The mode and the layer that sets it; then the source, and the layer that sets it if that is another.
std::string mode_and_layer(const config::EffectiveAuth& auth) {
  std::string text = "mode " + std::string(word_of(auth.mode));
  if (auth.decided_by == config::LayerKind::built_in_default) return text + ": default, not configured";
  text += ", by " + place_of(auth.decided_by, auth.scope, auth.file);
  if (!auth.source) return text;
  text += "; the token comes from " + secrets::describe(*auth.source);
  if (auth.source_layer != auth.decided_by) text += ", named in " + printable(auth.source_file.string());
  return text;
}

}  // namespace

Examination::Examination(config::EffectiveAuth auth, const Knowledge& before, Moment now) : auth_(std::move(auth)) {
  if (before.token != nullptr) token_ = *before.token;
  if (const auto* counts = counting(before.health, auth_)) before_ = *counts;
  record_.scope = auth_.scope;
  record_.slot_key = auth_.key;
  record_.checked_at = now;
  add({Severity::info, "mode", mode_and_layer(auth_), {}});
  const auto* const command = auth_.source ? std::get_if<secrets::CommandSource>(&*auth_.source) : nullptr;
  if (command != nullptr && secrets::has_credential(command->argv)) {
    add({Severity::warning, "credential_in_command",
         secrets::describe(*auth_.source) +
             " seems to have a credential in its arguments, which every process on this machine can read",
         Remedy::edit_file(auth_.source_file.string())
             .noting("let the command read the credential from a file or a store")});
  }
  if (auth_.source && std::holds_alternative<secrets::ClientEnvSource>(*auth_.source)) {
    add({Severity::info,
         "variable_of_launch",
         "the token is in a variable of the environment that a launch starts in; "
         "only a launch can check it",
         {}});
  }
  if (auth_.form == config::SlotForm::external) {
    add({Severity::info, "external_slot",
         "jackin gets the token only from a launch that sets " + printable(auth_.variable),
         Remedy::of(RemedyAction::launch_jackin, auth_.scope)});
  }
  for (const auto& oddity : auth_.oddities) {
    add({oddity.warning ? Severity::warning : Severity::info, oddity.code, oddity.message, oddity.remedy});
  }
}

bool Examination::has_something_to_ask() const {
  return auth_.mode == AuthMode::oauth_token && auth_.source.has_value();
}

bool Examination::may_ask_the_api() const {
  return record_.source == SourceState::ok;
}

void Examination::source_returned(const Fingerprint& fingerprint) {
  record_.source = SourceState::ok;
  record_.fingerprint = fingerprint;
  // The API's answer about this token still applies.
  if (before_ && before_->fingerprint == fingerprint) {
    record_.expires_on = before_->expires_on;
    record_.upstream = before_->upstream;
    record_.upstream_at = before_->upstream_at;
    if (record_.upstream == ApiAnswer::rejected && before_->source == SourceState::ok) record_.detail = before_->detail;
  }
}

void Examination::source_returned(const Secret& token) {
  const TokenShape shape = shape_of(token.view());
  if (shape == TokenShape::not_a_token) {
    record_.source = SourceState::malformed;
    record_.detail = shape_problem(token.view());
    add({Severity::error, "token_malformed", not_a_token(*auth_.source, record_.detail), {}});
    source_reported_ = true;
    return;
  }
  source_returned(token.digest().fingerprint());
  // The shape alone does not prove the token wrong; the API decides.
  if (shape == TokenShape::unknown) add({Severity::warning, "token_shape", shape_problem(token.view()), {}});
}

void Examination::source_failed(const Error& error) {
  record_.source = state_after(error.reason, auth_);
  record_.detail = error.message;
  if (before_ && record_.source == SourceState::unreachable) {
    record_.fingerprint = before_->fingerprint;
    record_.upstream = before_->upstream;
    record_.upstream_at = before_->upstream_at;
    record_.expires_on = before_->expires_on;
  }
  const bool must_be_mended = record_.source != SourceState::unreachable || error.reason == Reason::source_denied;
  const bool is_missing_file =
      error.reason == Reason::source_gone && std::holds_alternative<secrets::FileSource>(*auth_.source);
  add({must_be_mended ? Severity::error : Severity::warning, std::string(to_code(error.reason)),
       is_missing_file ? gone_from_source(auth_, {}) : error.message, remedy_for_failure(error, auth_)});
  source_reported_ = true;
}

void Examination::api_answered(const UpstreamAnswer& answer) {
  switch (answer.kind) {
    case ApiAnswer::valid:
      record_.upstream = ApiAnswer::valid;
      record_.upstream_at = record_.checked_at;
      record_.detail.clear();
      break;
    case ApiAnswer::rejected:
      record_.upstream = ApiAnswer::rejected;
      record_.upstream_at = record_.checked_at;
      record_.detail = answer.message;
      break;
    case ApiAnswer::unknown:
      if (!record_.upstream) record_.upstream = ApiAnswer::unknown;
      if (record_.upstream != ApiAnswer::rejected) record_.detail = answer.message;
      add({Severity::warning, "upstream_" + answer.code, answer.message, {}});
      break;
  }
  if (!answer.organization.empty() && token_ && !token_->organization.empty() &&
      token_->organization != answer.organization) {
    add({Severity::warning,
         "organisation_changed",
         "the token belongs to the organisation " + printable(answer.organization) + "; before it was " +
             printable(token_->organization) + ". Was the consent given in another browser profile?",
         {}});
  }
}

ScopeReport Examination::report(ProbeAnswer answer) {
  const bool is_reported =
      source_reported_ && (answer.verdict == Verdict::gone || answer.verdict == Verdict::malformed ||
                           answer.verdict == Verdict::denied || answer.verdict == Verdict::unreachable);
  if (answer.decision != Decision::allow && !is_reported) {
    add({severity_of(answer.decision), std::string(word_of(answer.verdict)), answer.summary, answer.remedy});
  }
  const bool is_another = token_ && record_.fingerprint && *record_.fingerprint != token_->fingerprint;
  if (is_another && answer.verdict != Verdict::changed) {
    add({Severity::info,
         "changed",
         "the token differs from the one recorded on " + format_date(date_of(token_->recorded_at)) +
             "; its expiry is not known",
         {}});
  }
  if (answer.source == secrets::describe(secrets::LiteralSource{})) {
    add({Severity::info,
         "literal",
         "the configuration file contains the token itself; every copy of the file contains it too",
         {}});
  }
  if (record_.source == SourceState::ok && !answer.expires_on && !is_another) {
    add({Severity::info, "expiry_unknown", "the expiry date of the token is unknown; a token is valid for a year", {}});
  }
  const Remedy check = Remedy::check(auth_.scope);
  for (auto& finding : findings_) {
    if (finding.remedy.empty()) finding.remedy = remedy_for_finding(finding.code, auth_);
    if (finding.severity == Severity::info) continue;
    if (finding.remedy.empty()) finding.remedy = answer.remedy.empty() ? check : answer.remedy;
    // The reader has just asked for the check.
    if (finding.severity == Severity::error && finding.remedy == check) finding.remedy = remedy_for_source(auth_);
  }
  return {std::move(answer), std::move(findings_)};
}

}  // namespace jackin::health

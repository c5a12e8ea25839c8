// SPDX-License-Identifier: Apache-2.0
#include "proto/enum_conversion.hpp"

#include <array>

namespace jackin {
namespace {

template <typename Enum, typename Proto>
struct Pair {
  Enum value;
  Proto proto;
};

constexpr auto auth_modes = std::to_array<Pair<AuthMode, v1::AuthMode>>({
    {AuthMode::sync, v1::AUTH_MODE_SYNC},
    {AuthMode::api_key, v1::AUTH_MODE_API_KEY},
    {AuthMode::oauth_token, v1::AUTH_MODE_OAUTH_TOKEN},
    {AuthMode::ignore, v1::AUTH_MODE_IGNORE},
});

constexpr auto banner_colours = std::to_array<Pair<BannerColour, v1::BannerColour>>({
    {BannerColour::dim, v1::BANNER_COLOUR_DIM},
    {BannerColour::yellow, v1::BANNER_COLOUR_YELLOW},
    {BannerColour::red, v1::BANNER_COLOUR_RED},
});

constexpr auto decisions = std::to_array<Pair<Decision, v1::Decision>>({
    {Decision::allow, v1::DECISION_ALLOW},
    {Decision::warn, v1::DECISION_WARN},
    {Decision::block, v1::DECISION_BLOCK},
});

constexpr auto health_events = std::to_array<Pair<HealthEvent, v1::HealthEvent>>({
    {HealthEvent::current, v1::HEALTH_EVENT_CURRENT},
    {HealthEvent::added, v1::HEALTH_EVENT_ADDED},
    {HealthEvent::changed, v1::HEALTH_EVENT_CHANGED},
    {HealthEvent::removed, v1::HEALTH_EVENT_REMOVED},
    {HealthEvent::complete, v1::HEALTH_EVENT_COMPLETE},
});

constexpr auto severities = std::to_array<Pair<Severity, v1::Severity>>({
    {Severity::info, v1::SEVERITY_INFO},
    {Severity::warning, v1::SEVERITY_WARNING},
    {Severity::error, v1::SEVERITY_ERROR},
});

constexpr auto slot_styles = std::to_array<Pair<SlotStyle, v1::SlotStyle>>({
    {SlotStyle::canonical, v1::SLOT_STYLE_CANONICAL},
    {SlotStyle::bridge, v1::SLOT_STYLE_BRIDGE},
    {SlotStyle::external, v1::SLOT_STYLE_EXTERNAL},
});

constexpr auto source_kinds = std::to_array<Pair<SourceKind, v1::SourceKind>>({
    {SourceKind::op, v1::SOURCE_KIND_OP},
    {SourceKind::keychain, v1::SOURCE_KIND_KEYCHAIN},
    {SourceKind::secret_service, v1::SOURCE_KIND_SECRET_SERVICE},
    {SourceKind::file, v1::SOURCE_KIND_FILE},
    {SourceKind::env, v1::SOURCE_KIND_ENV},
    {SourceKind::command, v1::SOURCE_KIND_COMMAND},
    {SourceKind::literal, v1::SOURCE_KIND_LITERAL},
});

constexpr auto verdicts = std::to_array<Pair<Verdict, v1::Verdict>>({
    {Verdict::ok, v1::VERDICT_OK},
    {Verdict::unchecked, v1::VERDICT_UNCHECKED},
    {Verdict::not_managed, v1::VERDICT_NOT_MANAGED},
    {Verdict::expiring, v1::VERDICT_EXPIRING},
    {Verdict::changed, v1::VERDICT_CHANGED},
    {Verdict::unreachable, v1::VERDICT_UNREACHABLE},
    {Verdict::missing, v1::VERDICT_MISSING},
    {Verdict::malformed, v1::VERDICT_MALFORMED},
    {Verdict::denied, v1::VERDICT_DENIED},
    {Verdict::rejected, v1::VERDICT_REJECTED},
    {Verdict::gone, v1::VERDICT_GONE},
    {Verdict::expired, v1::VERDICT_EXPIRED},
});

constexpr auto choice_kinds = std::to_array<Pair<ChoiceKind, v1::ChoiceKind>>({
    {ChoiceKind::try_again, v1::CHOICE_KIND_TRY_AGAIN},
    {ChoiceKind::use_store, v1::CHOICE_KIND_USE_STORE},
    {ChoiceKind::keep, v1::CHOICE_KIND_KEEP},
    {ChoiceKind::give_up, v1::CHOICE_KIND_GIVE_UP},
});

constexpr auto operation_kinds = std::to_array<Pair<OperationKind, v1::OperationKind>>({
    {OperationKind::setup, v1::OPERATION_KIND_SETUP},
    {OperationKind::rotate, v1::OPERATION_KIND_ROTATE},
    {OperationKind::revoke, v1::OPERATION_KIND_REVOKE},
    {OperationKind::relocate, v1::OPERATION_KIND_RELOCATE},
    {OperationKind::recovery, v1::OPERATION_KIND_RECOVERY},
});

constexpr auto outcomes = std::to_array<Pair<Outcome, v1::OperationOutcome>>({
    {Outcome::done, v1::OPERATION_OUTCOME_DONE},
    {Outcome::failed, v1::OPERATION_OUTCOME_FAILED},
    {Outcome::undone, v1::OPERATION_OUTCOME_UNDONE},
    {Outcome::stuck, v1::OPERATION_OUTCOME_STUCK},
    {Outcome::kept, v1::OPERATION_OUTCOME_KEPT},
});

constexpr auto waits = std::to_array<Pair<WaitsFor, v1::WaitsFor>>({
    {WaitsFor::consent, v1::WAITS_FOR_CONSENT},
    {WaitsFor::answer, v1::WAITS_FOR_ANSWER},
    {WaitsFor::store, v1::WAITS_FOR_STORE},
});

constexpr auto question_kinds = std::to_array<Pair<QuestionKind, v1::QuestionKind>>({
    {QuestionKind::store_failed, v1::QUESTION_KIND_STORE_FAILED},
    {QuestionKind::config_not_written, v1::QUESTION_KIND_CONFIG_NOT_WRITTEN},
});

constexpr auto steps = std::to_array<Pair<Step, v1::Step>>({
    {Step::begun, v1::STEP_BEGUN},
    {Step::program, v1::STEP_PROGRAM},
    {Step::mint, v1::STEP_MINT},
    {Step::captured, v1::STEP_CAPTURED},
    {Step::resolve, v1::STEP_RESOLVE},
    {Step::verify, v1::STEP_VERIFY},
    {Step::store, v1::STEP_STORE},
    {Step::read_back, v1::STEP_READ_BACK},
    {Step::write_config, v1::STEP_WRITE_CONFIG},
    {Step::record, v1::STEP_RECORD},
    {Step::delete_old, v1::STEP_DELETE_OLD},
    {Step::keep, v1::STEP_KEEP},
    {Step::give_up, v1::STEP_GIVE_UP},
    {Step::clear, v1::STEP_CLEAR},
    {Step::forget, v1::STEP_FORGET},
    {Step::delete_item, v1::STEP_DELETE_ITEM},
    {Step::copy, v1::STEP_COPY},
    {Step::stuck, v1::STEP_STUCK},
});

template <typename Table, typename Enum>
auto proto_in(const Table& table, Enum value) {
  for (const auto& pair : table) {
    if (pair.value == value) return pair.proto;
  }
  return decltype(table[0].proto){};
}

template <typename Table, typename Proto>
auto value_in(const Table& table, Proto proto) {
  for (const auto& pair : table) {
    if (pair.proto == proto) return std::optional(pair.value);
  }
  return std::optional<decltype(table[0].value)>();
}

}  // namespace

v1::AuthMode to_proto(AuthMode mode) {
  return proto_in(auth_modes, mode);
}
v1::BannerColour to_proto(BannerColour colour) {
  return proto_in(banner_colours, colour);
}
v1::ChoiceKind to_proto(ChoiceKind kind) {
  return proto_in(choice_kinds, kind);
}
v1::Decision to_proto(Decision decision) {
  return proto_in(decisions, decision);
}
v1::HealthEvent to_proto(HealthEvent event) {
  return proto_in(health_events, event);
}
v1::OperationKind to_proto(OperationKind kind) {
  return proto_in(operation_kinds, kind);
}
v1::OperationOutcome to_proto(Outcome outcome) {
  return proto_in(outcomes, outcome);
}
v1::QuestionKind to_proto(QuestionKind kind) {
  return proto_in(question_kinds, kind);
}
v1::Severity to_proto(Severity severity) {
  return proto_in(severities, severity);
}
v1::SlotStyle to_proto(SlotStyle style) {
  return proto_in(slot_styles, style);
}
v1::SourceKind to_proto(SourceKind kind) {
  return proto_in(source_kinds, kind);
}
v1::Step to_proto(Step step) {
  return proto_in(steps, step);
}
v1::Verdict to_proto(Verdict verdict) {
  return proto_in(verdicts, verdict);
}
v1::WaitsFor to_proto(WaitsFor waits_for) {
  return proto_in(waits, waits_for);
}

std::optional<AuthMode> from_proto(v1::AuthMode mode) {
  return value_in(auth_modes, mode);
}
std::optional<BannerColour> from_proto(v1::BannerColour colour) {
  return value_in(banner_colours, colour);
}
std::optional<ChoiceKind> from_proto(v1::ChoiceKind kind) {
  return value_in(choice_kinds, kind);
}
std::optional<Decision> from_proto(v1::Decision decision) {
  return value_in(decisions, decision);
}
std::optional<HealthEvent> from_proto(v1::HealthEvent event) {
  return value_in(health_events, event);
}
std::optional<OperationKind> from_proto(v1::OperationKind kind) {
  return value_in(operation_kinds, kind);
}
std::optional<Outcome> from_proto(v1::OperationOutcome outcome) {
  return value_in(outcomes, outcome);
}
std::optional<QuestionKind> from_proto(v1::QuestionKind kind) {
  return value_in(question_kinds, kind);
}
std::optional<Severity> from_proto(v1::Severity severity) {
  return value_in(severities, severity);
}
std::optional<SlotStyle> from_proto(v1::SlotStyle style) {
  return value_in(slot_styles, style);
}
std::optional<SourceKind> from_proto(v1::SourceKind kind) {
  return value_in(source_kinds, kind);
}
std::optional<Step> from_proto(v1::Step step) {
  return value_in(steps, step);
}
std::optional<Verdict> from_proto(v1::Verdict verdict) {
  return value_in(verdicts, verdict);
}
std::optional<WaitsFor> from_proto(v1::WaitsFor waits_for) {
  return value_in(waits, waits_for);
}

}  // namespace jackin

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "common/auth_mode.hpp"
#include "common/operation.hpp"
#include "common/slot_style.hpp"
#include "common/source_kind.hpp"
#include "common/verdict.hpp"
#include "common/words.hpp"
#include "jackin/v1/common.pb.h"
#include "jackin/v1/health.pb.h"
#include "jackin/v1/launch.pb.h"
#include "jackin/v1/operations.pb.h"
#include "jackin/v1/tokens.pb.h"

namespace jackin {

// The enums of common/ and of the protocol, one to one. `from_proto` returns nothing for an unspecified value, and for
// one that this version does not know. Pure; any thread.

v1::AuthMode to_proto(AuthMode mode);
v1::BannerColour to_proto(BannerColour colour);
v1::ChoiceKind to_proto(ChoiceKind kind);
v1::Decision to_proto(Decision decision);
v1::HealthEvent to_proto(HealthEvent event);
v1::OperationKind to_proto(OperationKind kind);
v1::OperationOutcome to_proto(Outcome outcome);
v1::QuestionKind to_proto(QuestionKind kind);
v1::Severity to_proto(Severity severity);
v1::SlotStyle to_proto(SlotStyle style);
v1::SourceKind to_proto(SourceKind kind);
v1::Step to_proto(Step step);
v1::Verdict to_proto(Verdict verdict);
v1::WaitsFor to_proto(WaitsFor waits_for);

std::optional<AuthMode> from_proto(v1::AuthMode mode);
std::optional<BannerColour> from_proto(v1::BannerColour colour);
std::optional<ChoiceKind> from_proto(v1::ChoiceKind kind);
std::optional<Decision> from_proto(v1::Decision decision);
std::optional<HealthEvent> from_proto(v1::HealthEvent event);
std::optional<OperationKind> from_proto(v1::OperationKind kind);
std::optional<Outcome> from_proto(v1::OperationOutcome outcome);
std::optional<QuestionKind> from_proto(v1::QuestionKind kind);
std::optional<Severity> from_proto(v1::Severity severity);
std::optional<SlotStyle> from_proto(v1::SlotStyle style);
std::optional<SourceKind> from_proto(v1::SourceKind kind);
std::optional<Step> from_proto(v1::Step step);
std::optional<Verdict> from_proto(v1::Verdict verdict);
std::optional<WaitsFor> from_proto(v1::WaitsFor waits_for);

/// The word of a value of the protocol (common/words.hpp): empty when it is unspecified, "unknown" when this version
/// does not know it.
template <typename ProtoEnum>
std::string word_of_proto(ProtoEnum proto) {
  if (proto == ProtoEnum{}) return {};
  const auto value = from_proto(proto);
  return value ? std::string(word_of(*value)) : "unknown";
}

}  // namespace jackin

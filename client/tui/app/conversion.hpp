// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "client/core/health.hpp"
#include "client/core/place_walk.hpp"
#include "client/core/token_request.hpp"
#include "client/tui/update/effects.hpp"
#include "client/tui/update/messages.hpp"
#include "common/paths.hpp"
#include "jackin/v1/health.pb.h"
#include "jackin/v1/operations.pb.h"
#include "jackin/v1/stores.pb.h"
#include "jackin/v1/tokens.pb.h"

// Converts between the protocol's messages and the model's values. Pure.
namespace jackin::tui {

/// The facts that are known without the daemon.
Facts facts_of(const Paths& paths);

/// Returns a row without its details; nothing if the scope is not valid in this version.
std::optional<Row> row_of(const v1::ProbeReply& probe);
/// Returns a row with its details.
std::optional<Row> row_of(const v1::DetailsReply& details);

/// Shortens a source for the panel: "1Password Personal/Claude/credential" becomes "1P Personal/Claude".
std::string short_source(std::optional<SourceKind> kind, std::string_view source);

/// Returns nothing if this version does not know the operation's kind or scope.
std::optional<OperationSeen> operation_of(const v1::Operation& operation);

/// Returns nothing if this version does not know the step.
std::optional<StepReached> step_of(OperationNumber number, const v1::StepReached& step);
Question question_of(const v1::Question& question);
v1::Choice choice_of(const ChoiceKey& key);
std::string text_of(const v1::Notice& notice);
TokenReport report_of(const v1::TokenReport& report);
Ending ending_of(const v1::RevokeOutcome& outcome, const Scope& scope);

/// The findings of all scopes in `found`, in order.
std::vector<Finding> findings_of(const client::DoctorFindings& found);

/// The available stores, then plain text (the configuration file itself), then the unavailable stores.
std::vector<Store> stores_of(const v1::ListStoresReply& reply);

/// The message that answers the listing with this ticket.
Message answer_of(Ticket ticket, const client::PlaceListing& listing);

/// The options of a setup request for the place that the user chose.
client::SetupOptions options_of(const StartSetup& start);

}  // namespace jackin::tui

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "client/core/health.hpp"
#include "client/core/place_walk.hpp"
#include "client/core/token_request.hpp"
#include "client/tui/update/effects.hpp"
#include "client/tui/update/messages.hpp"
#include "jackin/v1/health.pb.h"
#include "jackin/v1/operations.pb.h"
#include "jackin/v1/stores.pb.h"
#include "jackin/v1/tokens.pb.h"

// The protocol's messages as the values of the model, and the other way. Pure.
namespace jackin::tui {

/// A row without its details. Nothing for a scope that this version would refuse.
std::optional<Row> row_of(const v1::ProbeReply& probe);
/// A row with its details.
std::optional<Row> row_of(const v1::DetailsReply& details);

/// "1P Personal/Claude" for "1Password Personal/Claude/credential": what the panel has space for.
std::string short_source(std::optional<SourceKind> kind, std::string_view source);

/// Nothing for an operation of a kind or a scope that this version does not know.
std::optional<OperationSeen> operation_of(const v1::Operation& operation);

/// Nothing for a step that this version does not know.
std::optional<StepReached> step_of(OperationNumber number, const v1::StepReached& step);
Question question_of(const v1::Question& question);
v1::Choice choice_of(const ChoiceKey& key);
std::string text_of(const v1::Notice& notice);
TokenReport report_of(const v1::TokenReport& report);
Ending ending_of(const v1::RevokeOutcome& outcome, const Scope& scope);

/// The findings about one scope; an error when the daemon sent none for it.
std::vector<Finding> findings_of(const client::DoctorFindings& found);

/// The stores that can be used, the configuration file itself, and then those that cannot.
std::vector<Store> stores_of(const v1::ListStoresReply& reply);

/// The answer to the listing with that ticket.
Message answer_of(Ticket ticket, const client::PlaceListing& listing);

/// What a user chose, for the request to the daemon.
client::SetupOptions options_of(const StartSetup& start);

}  // namespace jackin::tui

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/dates.hpp"
#include "common/environment.hpp"
#include "common/result.hpp"
#include "common/scope.hpp"
#include "daemon/health/health.hpp"
#include "daemon/health/probe_answer.hpp"
#include "daemon/ipc/service_interfaces.hpp"
#include "daemon/launch/launch.hpp"
#include "daemon/lifecycle/operations.hpp"
#include "daemon/lifecycle/revoke.hpp"
#include "daemon/lifecycle/rotate.hpp"
#include "daemon/lifecycle/setup.hpp"
#include "daemon/mint/frame_update.hpp"
#include "jackin/v1/common.pb.h"
#include "jackin/v1/daemon.pb.h"
#include "jackin/v1/health.pb.h"
#include "jackin/v1/launch.pb.h"
#include "jackin/v1/operations.pb.h"
#include "jackin/v1/stores.pb.h"
#include "jackin/v1/tokens.pb.h"

// Converts between the protocol's types and the daemon's. Pure; any thread. Checks values from a client; invalid ones
// fail with invalid_argument. `from_*` reads, `to_*` writes.
namespace jackin::ipc {

Result<Scope> from_proto(const v1::Scope& scope);
/// Only the variables that a client may send: a Claude credential among them is dropped.
Environment from_proto(const v1::ClientEnvironment& environment);
/// Rows and columns are 2 to 1000 each; a size outside this range becomes 24 by 80.
TerminalSize from_proto(const v1::TerminalSize& size);
Result<lifecycle::SetupRequest> from_proto(const v1::SetupRequest& request);
Result<lifecycle::RotateRequest> from_proto(const v1::RotateRequest& request);
Result<lifecycle::RevokeRequest> from_proto(const v1::RevokeRequest& request);
/// Whether the name of an account, a vault or an item is usable: invalid_argument when it is too long, contains a NUL
/// or a credential, or is not UTF-8.
Result<> check_place(const std::string& name);
/// Whether a path is usable, in any encoding: invalid_argument when it is too long, or contains a NUL or a
/// credential. `name` is the field's.
Result<> check_path(std::string_view name, const std::string& path);
/// Moves the value of the client's variable into a Secret and wipes it in `request`: it can be a token.
Result<launch::LaunchRequest> from_proto(v1::PrepareRequest& request);

void to_proto(const Scope& scope, v1::Scope& proto);
void to_proto(const Remedy& remedy, v1::Remedy& proto);
void to_proto(const Error& error, v1::ErrorDetail& proto);
void to_proto(const ProcessIdentity& process, v1::Process& proto);
void to_proto(const lifecycle::OperationState& operation, v1::Operation& proto);
void to_proto(const lifecycle::TokenReport& report, v1::TokenReport& proto);
void to_proto(const lifecycle::RevokeOutcome& outcome, v1::RevokeOutcome& proto);
void to_proto(Severity severity, const std::string& message, const Remedy& remedy, v1::Notice& proto);
/// Errors: invalid_argument for an unspecified or unknown kind or store.
Result<lifecycle::ChoiceKey> from_proto(const v1::ChoiceKey& key);
void to_proto(const lifecycle::Question& question, v1::Question& proto);
void to_proto(const mint::FrameUpdate& update, v1::Frame& proto);
void to_proto(const health::ProbeAnswer& answer, v1::ProbeReply& proto);
void to_proto(const health::Finding& finding, v1::Finding& proto);
void to_proto(const health::ScopeDetails& details, v1::DetailsReply& proto);
void to_proto(const lifecycle::SystemReport& system, v1::SystemReport& proto);
void to_proto(const launch::LaunchPlan& plan, v1::PrepareReply& proto);
void to_proto(const lifecycle::StoreInfo& store, v1::Store& proto);
void to_proto(const secrets::OpAccountChoices& choices, v1::OpAccountsReply& proto);
void to_proto(const secrets::OpVaultChoice& choice, v1::OpVault& proto);
void to_proto(const secrets::OpItemChoice& choice, v1::OpItemEntry& proto);
void to_proto(const secrets::OpItemContents& contents, v1::OpItemReply& proto);

/// Overwrites secret bytes of a message before the message frees them.
void wipe(std::string& bytes);

}  // namespace jackin::ipc

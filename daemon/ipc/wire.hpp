#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/dates.hpp"
#include "common/environment.hpp"
#include "common/result.hpp"
#include "common/scope.hpp"
#include "daemon/health/health.hpp"
#include "daemon/health/verdict.hpp"
#include "daemon/ipc/domain.hpp"
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
#include "jackin/v1/stores.pb.h"
#include "jackin/v1/tokens.pb.h"

// Between the protocol's types and the rooms'. Pure; any thread. What comes from a client is checked here and becomes
// invalid_argument when it cannot be; `from_*` reads, `to_*` writes.
namespace jackin::ipc {

Result<Scope> from_wire(const v1::Scope& scope);
/// Only the variables that a client may send: a Claude credential among them is dropped.
Environment from_wire(const v1::ClientEnvironment& environment);
/// Between 2 and 1000 each; a terminal that claims less or more is taken as 24 by 80.
TerminalSize from_wire(const v1::TerminalSize& size);
Result<lifecycle::SetupRequest> from_wire(const v1::SetupRequest& request);
Result<lifecycle::RotateRequest> from_wire(const v1::RotateRequest& request);
Result<lifecycle::RevokeRequest> from_wire(const v1::RevokeRequest& request);
/// Whether the name of an account or a vault is usable: invalid_argument when it is too long, has a NUL, or is no
/// UTF-8.
Result<> check_place(const std::string& name);
Result<launch::LaunchRequest> from_wire(const v1::PrepareRequest& request);

void to_wire(const Scope& scope, v1::Scope& wire);
void to_wire(const ProcessIdentity& process, v1::Process& wire);
void to_wire(const lifecycle::RunningOperation& operation, v1::Operation& wire);
void to_wire(const lifecycle::TokenReport& report, v1::TokenReport& wire);
void to_wire(const lifecycle::RevokeOutcome& outcome, v1::RevokeOutcome& wire);
void to_wire(lifecycle::Severity severity, const std::string& message, const std::string& remedy, v1::Notice& wire);
void to_wire(const mint::FrameUpdate& update, v1::Frame& wire);
void to_wire(const health::ProbeAnswer& answer, v1::ProbeReply& wire);
void to_wire(const health::Finding& finding, v1::Finding& wire);
void to_wire(const health::HouseReport& house, v1::HouseHealth& wire);
void to_wire(const launch::LaunchPlan& plan, v1::PrepareReply& wire);
void to_wire(const StoreInfo& store, v1::Store& wire);
void to_wire(const secrets::OpAccountChoices& choices, v1::OpAccountsReply& wire);
void to_wire(const secrets::OpVaultChoice& choice, v1::OpVault& wire);
void to_wire(const secrets::OpItemChoice& choice, v1::OpItemEntry& wire);
void to_wire(const secrets::OpItemContents& contents, v1::OpItemReply& wire);

/// Overwrites bytes of a message that were secret, before the message gives them back.
void wipe(std::string& bytes);

}  // namespace jackin::ipc

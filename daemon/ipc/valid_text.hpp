// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "jackin/v1/daemon.pb.h"
#include "jackin/v1/health.pb.h"
#include "jackin/v1/launch.pb.h"
#include "jackin/v1/operations.pb.h"
#include "jackin/v1/stores.pb.h"
#include "jackin/v1/tokens.pb.h"

namespace jackin::ipc {

using TextChange = std::function<void(std::string&)>;

// Call `change` with each `string` of a reply or an event, and of the messages in it; not with `bytes`. A reply without
// an overload does not compile. The lite runtime of protobuf has no reflection that could find the fields; a test
// compares with the protocol's description.
void each_text(v1::CancelOperationReply& message, const TextChange& change);
void each_text(v1::DetailsReply& message, const TextChange& change);
void each_text(v1::DoctorEvent& message, const TextChange& change);
void each_text(v1::FindWorkspaceReply& message, const TextChange& change);
void each_text(v1::HelloReply& message, const TextChange& change);
void each_text(v1::ListStoresReply& message, const TextChange& change);
void each_text(v1::LockReply& message, const TextChange& change);
void each_text(v1::OpAccountsReply& message, const TextChange& change);
void each_text(v1::OpItemReply& message, const TextChange& change);
void each_text(v1::OpItemsReply& message, const TextChange& change);
void each_text(v1::OpVaultsReply& message, const TextChange& change);
void each_text(v1::OpenBrowserReply& message, const TextChange& change);
void each_text(v1::OperationEvent& message, const TextChange& change);
void each_text(v1::OverviewReply& message, const TextChange& change);
void each_text(v1::PrepareReply& message, const TextChange& change);
void each_text(v1::ProbeReply& message, const TextChange& change);
void each_text(v1::RevokeEvent& message, const TextChange& change);
void each_text(v1::ShutdownReply& message, const TextChange& change);
void each_text(v1::StatusReply& message, const TextChange& change);
void each_text(v1::TokenEvent& message, const TextChange& change);
void each_text(v1::WatchEvent& message, const TextChange& change);

/// Replaces bytes that are not UTF-8 with `\xHH`, as `printable` does.
void make_valid(std::string& text);

/// Makes every `string` of `message` valid; `bytes` stay. A client rejects a whole message because of one invalid
/// string, and a stream that ends this way has no status. Every reply and event passes through this. Pure.
template <typename Message>
void make_text_valid(Message& message) {
  each_text(message, make_valid);
}

}  // namespace jackin::ipc

// SPDX-License-Identifier: Apache-2.0
#include "client/core/rotate_all.hpp"

#include <utility>
#include <vector>

#include "client/rpc/proto_conversion.hpp"

namespace jackin::client {
namespace {

// Whether the new tokens go elsewhere than into the sources of the old ones.
bool names_a_place(const v1::TokenRequest& request) {
  const v1::StorePlace& place = request.place();
  return request.plain() || place.store() != v1::SOURCE_KIND_UNSPECIFIED || !place.vault().empty() ||
         !place.item_name().empty() || !place.op_account().empty();
}

}  // namespace

RotateAllEnd rotate_all(const v1::OverviewReply& overview, const v1::RotateRequest& request, RotateAllUi& ui) {
  RotateAllEnd end;
  std::vector<ManagedToken> tokens;
  for (ManagedToken& token : managed_tokens(overview)) {
    if (token.error) {
      ++end.failed;
      ui.on_unreadable(token);
    } else if (token.is_read_only() && !names_a_place(request.token())) {
      ++end.skipped;
      ui.on_read_only(token);
    } else {
      tokens.push_back(std::move(token));
    }
  }
  for (std::size_t i = 0; i < tokens.size() && !end.cancelled; ++i) {
    ui.on_begin(tokens[i], i + 1, tokens.size());
    v1::TokenInput first;
    *first.mutable_rotate() = request;
    *first.mutable_rotate()->mutable_token()->mutable_scope() = to_proto(tokens[i].scope);
    const auto report = ui.rotate(tokens[i], std::move(first));
    if (report) {
      ++end.rotated;
      ui.on_rotated(tokens[i], *report);
    } else {
      ++end.failed;
      end.cancelled = report.error().reason == Reason::cancelled;
      ui.on_failed(tokens[i], report.error());
    }
  }
  return end;
}

}  // namespace jackin::client

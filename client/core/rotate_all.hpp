// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "client/core/managed_tokens.hpp"
#include "common/error.hpp"
#include "common/result.hpp"
#include "jackin/v1/health.pb.h"
#include "jackin/v1/tokens.pb.h"

namespace jackin::client {

/// The client's part of a rotation of all tokens: it runs each rotation, which needs a separate consent, and shows what
/// happens.
class RotateAllUi {
 public:
  virtual ~RotateAllUi() = default;

  /// The configuration of the token's scope cannot be read (`token.error`).
  virtual void on_unreadable(const ManagedToken& token) = 0;
  /// The token is skipped: its source cannot be written, and the request names no other place.
  virtual void on_read_only(const ManagedToken& token) = 0;
  /// Rotation `number` of `count` begins.
  virtual void on_begin(const ManagedToken& token, std::size_t number, std::size_t count) = 0;
  /// Runs one rotation to its end.
  virtual Result<v1::TokenReport> rotate(const ManagedToken& token, v1::TokenInput first) = 0;
  virtual void on_rotated(const ManagedToken& token, const v1::TokenReport& report) = 0;
  virtual void on_failed(const ManagedToken& token, const Error& error) = 0;
};

/// The result of a rotation of all tokens.
struct RotateAllEnd {
  int rotated = 0;
  int failed = 0;  ///< Unreadable ones included.
  int skipped = 0;
  bool cancelled = false;  ///< The user stopped it: the rest was not tried.
};

/// Rotates every managed token, one after the other, each once however many scopes share it. `request` has no scope;
/// the rest of it holds for each rotation. A failure does not stop the others.
RotateAllEnd rotate_all(const v1::OverviewReply& overview, const v1::RotateRequest& request, RotateAllUi& ui);

}  // namespace jackin::client

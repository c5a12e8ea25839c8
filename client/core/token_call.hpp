// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>

#include "client/core/token_session.hpp"
#include "client/rpc/connection.hpp"
#include "common/result.hpp"
#include "jackin/v1/tokens.pb.h"

namespace jackin::client {

/// A setup or a rotation that runs at the daemon. A separate thread reads the events. All other calls come from one
/// thread. The connection must outlive it. The destructor cancels a call that has not ended.
class TokenCall : public TokenStream {
 public:
  /// `first` is the request for a setup or a rotation.
  TokenCall(const Connection& connection, const v1::TokenInput& first);
  TokenCall(const TokenCall&) = delete;
  TokenCall& operator=(const TokenCall&) = delete;
  ~TokenCall() override;

  int fd() const override;
  std::optional<v1::TokenEvent> next() override;
  bool ended() const override;
  void send(v1::UserInput input) override;
  bool runs_to_its_end(const std::string& operation) override;
  void hang_up() override;
  Result<> outcome() override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace jackin::client

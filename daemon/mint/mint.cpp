// SPDX-License-Identifier: Apache-2.0
#include "daemon/mint/mint.hpp"

#include "daemon/mint/session.hpp"

namespace jackin::mint {

Task<MintedToken> Mint::capture(MintRequest request, MintInteraction& user) {
  co_await asio::this_coro::throw_if_cancelled(false);
  const auto executor = co_await asio::this_coro::executor;
  Session session(executor, clock_, browser_calls_, std::move(request), user);
  co_return co_await session.run(terminals_);
}

}  // namespace jackin::mint

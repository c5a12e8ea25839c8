#include "daemon/mint/mint.hpp"

#include "daemon/mint/session.hpp"

namespace jackin::mint {

Task<MintedToken> Mint::capture(MintRequest request, Conversation& person) {
  co_await asio::this_coro::throw_if_cancelled(false);
  const auto executor = co_await asio::this_coro::executor;
  Session session(executor, clock_, browser_calls_, std::move(request), person);
  co_return co_await session.run(terminals_);
}

}  // namespace jackin::mint

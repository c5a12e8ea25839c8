// SPDX-License-Identifier: Apache-2.0
#include "daemon/async/pool.hpp"

#include <asio/associated_cancellation_slot.hpp>
#include <asio/associated_executor.hpp>
#include <asio/async_result.hpp>
#include <asio/cancellation_type.hpp>
#include <asio/execution.hpp>
#include <asio/post.hpp>
#include <asio/prefer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

namespace jackin::async {

asio::awaitable<void> Pool::wait_for(std::shared_ptr<Job> job, std::function<void()> interrupt) {
  // From here on the next wait returns a cancellation as an error; the next co_await does not throw it.
  co_await asio::this_coro::throw_if_cancelled(false);
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(
      [this, &interrupt](auto handler, std::shared_ptr<Job> running) {
        auto executor = asio::get_associated_executor(handler);
        if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected()) {
          slot.assign([interrupt = std::move(interrupt)](asio::cancellation_type) { interrupt(); });
        }
        // The coroutine's executor must not run out of work while the pool runs this job.
        auto keep_alive = asio::prefer(executor, asio::execution::outstanding_work.tracked);
        asio::post(threads_, [handler = std::move(handler), keep_alive = std::move(keep_alive),
                              running = std::move(running)]() mutable {
          running->run();
          running.reset();
          asio::post(keep_alive, [handler = std::move(handler)]() mutable {
            asio::get_associated_cancellation_slot(handler).clear();
            std::move(handler)();
          });
        });
      },
      asio::use_awaitable, std::move(job));
}

}  // namespace jackin::async

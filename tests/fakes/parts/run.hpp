#pragma once

#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <exception>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace jackin::test {

/// Runs the coroutine that `start` gives on `io` until nothing is left to do there; its value. What it throws is thrown
/// here; one that waits for what never comes is an error of the test.
template <typename Start>
auto run(asio::io_context& io, Start start) {
  using Value = typename std::invoke_result_t<Start>::value_type;
  std::optional<Value> value;
  std::exception_ptr thrown;
  asio::co_spawn(
      io, [&]() -> asio::awaitable<void> { value.emplace(co_await start()); },
      [&](std::exception_ptr exception) { thrown = exception; });
  io.restart();
  io.run();
  if (thrown) std::rethrow_exception(thrown);
  if (!value) throw std::logic_error("the coroutine waits for ever");
  return *std::move(value);
}

template <typename Start>
auto run(Start start) {
  asio::io_context io;
  return run(io, std::move(start));
}

}  // namespace jackin::test

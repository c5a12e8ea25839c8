// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tl/expected.hpp>

#include <string>
#include <utility>

#include "common/error.hpp"

namespace jackin {

/// The result of a call that can fail: the value, or the error.
template <typename T = void>
using Result = tl::expected<T, Error>;

/// `return failure(Reason::busy, "…", Remedy::try_again());` in a function that returns any Result.
inline tl::unexpected<Error> failure(Reason reason, std::string message, Remedy remedy = {}) {
  return tl::unexpected<Error>(Error{reason, std::move(message), std::move(remedy)});
}
inline tl::unexpected<Error> failure(Error error) {
  return tl::unexpected<Error>(std::move(error));
}

}  // namespace jackin

// TRY(auto value, expression): declares `value` from the Result, or returns its error from the function.
// TRY(expression): the same where there is no value to keep. CO_TRY is the same inside a coroutine; it declares,
// because g++ 12 crashes on a statement expression around co_await. NOLINTBEGIN(bugprone-macro-parentheses)
#define JACKIN_CONCAT_INNER(a, b) a##b
#define JACKIN_CONCAT(a, b) JACKIN_CONCAT_INNER(a, b)
#define JACKIN_TRY_2(return_, name, declaration, expression)                     \
  auto name = (expression);                                                      \
  if (!name) return_ ::tl::unexpected<::jackin::Error>(std::move(name).error()); \
  declaration = std::move(*name)
#define JACKIN_TRY_1(return_, name, expression) \
  auto name = (expression);                     \
  if (!name) return_ ::tl::unexpected<::jackin::Error>(std::move(name).error())
#define JACKIN_TRY_PICK(_1, _2, picked, ...) picked
#define JACKIN_TRY_DECLARE(...) JACKIN_TRY_2(return, JACKIN_CONCAT(try_result_, __COUNTER__), __VA_ARGS__)
#define JACKIN_TRY_DISCARD(...) JACKIN_TRY_1(return, JACKIN_CONCAT(try_result_, __COUNTER__), __VA_ARGS__)
#define JACKIN_CO_TRY_DECLARE(...) JACKIN_TRY_2(co_return, JACKIN_CONCAT(try_result_, __COUNTER__), __VA_ARGS__)
#define JACKIN_CO_TRY_DISCARD(...) JACKIN_TRY_1(co_return, JACKIN_CONCAT(try_result_, __COUNTER__), __VA_ARGS__)
#define TRY(...) JACKIN_TRY_PICK(__VA_ARGS__, JACKIN_TRY_DECLARE, JACKIN_TRY_DISCARD, )(__VA_ARGS__)
#define CO_TRY(...) JACKIN_TRY_PICK(__VA_ARGS__, JACKIN_CO_TRY_DECLARE, JACKIN_CO_TRY_DISCARD, )(__VA_ARGS__)
// NOLINTEND(bugprone-macro-parentheses)

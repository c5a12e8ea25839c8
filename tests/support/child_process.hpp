// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

namespace jackin::test {

/// Returns the result of `work`, which runs in a process forked off this one. Changes to the process itself (its user,
/// limits, mounts, threads, the state of libraries) end with it. Throws std::runtime_error with the text of `work`'s
/// exception, or when the process does not end normally. No other thread may hold a lock that `work` needs.
std::string in_child(const std::function<std::string()>& work);

}  // namespace jackin::test

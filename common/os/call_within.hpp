// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <future>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>

namespace jackin::os {

/// Calls `work` on a thread of its own and waits for its result for at most `limit`. For the calls before the event
/// loop runs, on paths whose file system may not answer. Returns nothing when it takes longer. The thread then
/// continues, so `work` must own all that it uses. Rethrows what `work` throws. Throws std::system_error without a
/// thread.
template <typename Work>
std::optional<std::invoke_result_t<Work&>> call_within(std::chrono::milliseconds limit, Work work) {
  std::packaged_task<std::invoke_result_t<Work&>()> task(std::move(work));
  auto result = task.get_future();
  std::thread(std::move(task)).detach();
  if (result.wait_for(limit) != std::future_status::ready) return std::nullopt;
  return result.get();
}

}  // namespace jackin::os

// SPDX-License-Identifier: Apache-2.0
#include "client/rpc/repeat_lost.hpp"

#include <utility>

namespace jackin::client {

Result<> repeat_lost(const std::function<CallEnd()>& attempt) {
  for (int tries = 1;; ++tries) {
    auto end = attempt();
    if (end) return {};
    if (!end.error().lost || tries == most_tries) return failure(std::move(end).error().error);
  }
}

}  // namespace jackin::client

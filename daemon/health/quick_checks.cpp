// SPDX-License-Identifier: Apache-2.0
#include "daemon/health/quick_checks.hpp"

#include <string>
#include <utility>

namespace jackin::health {

Task<> QuickChecks::look(secrets::CredentialSource source) {
  auto check = sources_.quick_check(source);
  std::string key = secrets::reference_of(source);
  const bool is_skipped = threads_.is_full() && !threads_.hangs(key);
  if (!check || is_skipped) co_return Result<>();
  auto checked = co_await threads_.run(std::move(key), limit, std::move(check));
  if (!checked && checked.error().reason == Reason::timed_out) {
    co_return failure(Reason::source_unreachable, secrets::describe(source) + " does not answer");
  }
  co_return checked;
}

}  // namespace jackin::health

// SPDX-License-Identifier: Apache-2.0
#include "daemon/lifecycle/rotate.hpp"

#include "daemon/lifecycle/operations.hpp"
#include "daemon/lifecycle/rotate_steps.hpp"

namespace jackin::lifecycle {
namespace {

Task<> prepare_replacement(RotateSteps& steps) {
  CO_TRY(co_await steps.choose_place());
  if (!steps.slots_stay()) {
    CO_TRY(co_await steps.expect_writable());
  }
  co_return co_await steps.locate_claude();
}

Task<TokenReport> replace(RotateSteps& steps) {
  auto prepared = co_await prepare_replacement(steps);
  if (!prepared) co_return failure(before_any_change(std::move(prepared).error()));
  CO_TRY(co_await steps.mint());
  CO_TRY(co_await steps.verify());
  steps.compare_organization();
  CO_TRY(co_await steps.keep());
  CO_TRY(co_await steps.write_config());
  co_await steps.find_fellow_readers();
  co_await steps.record();
  co_await steps.retire_old();
  co_return steps.report();
}

}  // namespace

Task<TokenReport> Rotate::run(RotateRequest request, UserInteraction& user) {
  co_await asio::this_coro::throw_if_cancelled(false);
  CO_TRY(auto lease,
         deps_.operations.begin(new_operation_id(), "rotate", request.scope, deps_.clock.now(), request.asked_by));
  RotateSteps steps(deps_, request, user, lease);
  CO_TRY(co_await steps.expect_token());
  CO_TRY(steps.take_mint_turn());
  CO_TRY(co_await steps.begin());
  auto report = co_await replace(steps);
  co_await steps.close(report.has_value());
  co_return report;
}

}  // namespace jackin::lifecycle

// SPDX-License-Identifier: Apache-2.0
#include "daemon/lifecycle/setup.hpp"

#include "common/claude.hpp"
#include "common/untrusted_text.hpp"
#include "daemon/lifecycle/operations.hpp"
#include "daemon/lifecycle/setup_steps.hpp"

namespace jackin::lifecycle {
namespace {

Result<> validate(const SetupRequest& request) {
  // The text of a source is recorded, also in the journal, so it must not contain a token.
  if (request.reuse.find(credential_prefix) != request.reuse.npos) {
    return failure(Reason::invalid_argument, "a source's name does not hold the token itself",
                   "# with --reuse env:NAME");
  }
  PlaceRequest beside_reuse = request.place;
  if (request.reuse.starts_with("op://")) beside_reuse.op_account.clear();
  if (!request.reuse.empty() && (request.plain || beside_reuse.given())) {
    return failure(Reason::invalid_argument, "what is adopted stays where it is: --reuse goes with no store");
  }
  if (request.plain && request.place.given()) {
    return failure(Reason::invalid_argument, "--plain keeps the token in the configuration: it goes with no store");
  }
  if (request.create && request.scope.is_global()) {
    return failure(Reason::invalid_argument, "--create makes a workspace; the global scope is none");
  }
  if (request.create && !std::filesystem::path(request.workdir).is_absolute()) {
    return failure(Reason::invalid_argument, "the folder of a new workspace must be an absolute path",
                   "# with --create --workdir /ITS/FOLDER");
  }
  if (!request.create && !request.workdir.empty()) {
    return failure(Reason::invalid_argument, "only a workspace that is created is given a folder");
  }
  return {};
}

Task<> prepare_mint(SetupSteps& steps) {
  CO_TRY(co_await steps.choose_place());
  co_return co_await steps.locate_claude();
}

Task<TokenReport> mint_and_configure(SetupSteps& steps) {
  auto prepared = co_await prepare_mint(steps);
  if (!prepared) co_return failure(before_any_change(std::move(prepared).error()));
  CO_TRY(co_await steps.mint());
  CO_TRY(co_await steps.verify());
  CO_TRY(co_await steps.keep());
  CO_TRY(co_await steps.write_config());
  co_await steps.record();
  co_return steps.report();
}

Task<TokenReport> adopt_and_configure(SetupSteps& steps) {
  CO_TRY(co_await steps.resolve_adopted());
  CO_TRY(co_await steps.verify());
  CO_TRY(co_await steps.expect_wanted());
  CO_TRY(co_await steps.write_config());
  co_await steps.record();
  co_return steps.report();
}

}  // namespace

Task<TokenReport> Setup::run(SetupRequest request, UserInteraction& user) {
  co_await asio::this_coro::throw_if_cancelled(false);
  CO_TRY(validate(request));
  CO_TRY(auto lease,
         deps_.operations.begin(new_operation_id(), "setup", request.scope, deps_.clock.now(), request.asked_by));
  SetupSteps steps(deps_, request, user, lease);
  CO_TRY(steps.expect_empty_slot());
  CO_TRY(co_await steps.expect_writable());
  if (request.reuse.empty()) {
    CO_TRY(steps.take_mint_turn());
  }
  CO_TRY(co_await steps.begin());
  Result<TokenReport> report;
  if (request.reuse.empty()) {
    report = co_await mint_and_configure(steps);
  } else {
    report = co_await adopt_and_configure(steps);
  }
  co_await steps.close(report.has_value());
  co_return report;
}

}  // namespace jackin::lifecycle

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "daemon/lifecycle/token_request.hpp"
#include "tests/fakes/components/test_core.hpp"
#include "tests/support/await.hpp"

namespace jackin::lifecycle {

/// A daemon's core, and the objects that the tests of every saga check.
class SagaTest : public testing::Test {
 protected:
  template <typename Request>
  Request request_for(const Scope& scope) const {
    Request request;
    request.scope = scope;
    request.client = core_.client;
    request.asked_by = {4711, 1, "jackinctl"};
    return request;
  }

  template <typename Saga, typename Request>
  Result<TokenReport> run_saga(Request request) {
    Saga saga(core_.deps());
    return test::await(core_.sandbox.io, saga.run(std::move(request), core_.user));
  }

  std::vector<std::string> step_names() const {
    std::vector<std::string> names;
    for (const auto& step : core_.user.steps) names.push_back(step.substr(0, step.find(':')));
    return names;
  }
  std::vector<state::OperationRecord> unfinished() const {
    return core_.sandbox.database->unfinished_operations().value();
  }
  std::string text(const std::string& workspace = "my-app") const { return core_.sandbox.workspace_text(workspace); }

  const Scope app_ = Scope::workspace("my-app").value();
  const Scope other_ = Scope::workspace("other").value();
  test::TestCore core_;
};

/// The slot of a token in the operating system's store.
inline constexpr const char* slot_of_old =
    "# mine\n[claude]\noauth_token = { os_store = \"jackin\", account = \"old\" } # here\n";

/// `my-app` has a token in the operating system's store, which jackind has made.
class TokenTest : public SagaTest {
 protected:
  TokenTest() {
    core_.sandbox.workspace("my-app", slot_of_old);
    know(app_, old_, true);
  }

  /// Records the token of a scope.
  void know(const Scope& scope, const secrets::CredentialSource& source, bool minted,
            const std::string& organization = "org-1") {
    state::TokenRecord record;
    record.scope = scope;
    record.reference = secrets::reference_of(source);
    record.fingerprint = Digest::of(test::token_like('o')).fingerprint();
    record.expires_on = parse_date("2027-01-01");
    record.minted_by_us = minted;
    record.organization = organization;
    record.recorded_at = core_.sandbox.clock.now();
    ASSERT_TRUE(test::await(core_.sandbox.io, core_.health().record(record, {})));
  }
  bool has_old() const { return core_.os_store.items().contains(secrets::reference_of(old_)); }

  const secrets::CredentialSource old_ = core_.os_store.keep("old", test::token_like('o'));
};

}  // namespace jackin::lifecycle

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "common/fingerprint.hpp"
#include "daemon/health/upstream.hpp"

namespace jackin::test {

/// An API that gives the answers that the test sets, and records the tokens of all requests.
class FakeUpstream final : public health::Upstream {
 public:
  using Kind = ApiAnswer;

  health::UpstreamAnswer answer{Kind::valid, {}, {}, "org-1"};
  bool is_enabled = true;
  std::vector<Fingerprint> asked;

  void accept() { answer = {Kind::valid, {}, {}, "org-1"}; }
  void reject() {
    answer = {Kind::rejected, "the API does not accept the token: Invalid bearer token", "rejected", {}};
  }
  void fail() { answer = {Kind::unknown, "the API could not be reached", "network", {}}; }

  asio::awaitable<health::UpstreamAnswer> check(const Secret& token) override {
    asked.push_back(token.digest().fingerprint());
    co_return answer;
  }
  bool enabled() const override { return is_enabled; }
};

}  // namespace jackin::test

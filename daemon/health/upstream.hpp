// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "common/environment.hpp"
#include "common/secret.hpp"
#include "common/verdict.hpp"
#include "daemon/async/pool.hpp"
#include "daemon/async/task.hpp"

namespace jackin::health {

/// What the API says about a token.
struct UpstreamAnswer {
  ApiAnswer kind = ApiAnswer::unknown;
  std::string message;  ///< For `rejected` and `unknown`: one printable sentence.
  std::string code;  ///< Stable, for findings: "organisation", "region", "rate_limited", "captive_portal", "network", …
  std::string organization;  ///< The header `anthropic-organization-id`; empty when absent.
};

/// Asks the API about a token. Injected, so that tests can replace the network.
class Upstream {
 public:
  virtual ~Upstream() = default;
  /// Asks the API. Never fails: a failure is an answer of kind `unknown`. Takes at most 20 s. Any thread's coroutine;
  /// the blocking part runs in the pool.
  virtual asio::awaitable<UpstreamAnswer> check(const Secret& token) = 0;
  /// False when `[upstream] check = "off"`: then nothing asks.
  virtual bool enabled() const = 0;
};

/// Over HTTPS with libcurl: `GET <base_url>/v1/models?limit=1` with the bearer and our own User-Agent, no redirects;
/// proxies and certificates as curl's users expect (HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE, SSL_CERT_DIR of
/// `environment`). The header line with the token is in a Secret until curl copies it. The allocator wipes curl's
/// copies. Uses http only to this machine, and without any proxy. The listening process must be this user's or root's,
/// where the system shows it (Linux: /proc/net/tcp; macOS does not); else nothing is sent ("base_url", "listener"). A
/// reply larger than 64 KiB is no answer.
struct UpstreamOptions {
  std::string base_url;
  bool enabled = true;
  Environment environment{};  ///< The daemon's; for the proxy and the certificates.
};
std::unique_ptr<Upstream> http_upstream(UpstreamOptions options, async::Pool& pool);

}  // namespace jackin::health

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/any_io_executor.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/secret.hpp"
#include "daemon/async/clock.hpp"
#include "daemon/secrets/credential_source.hpp"
#include "daemon/secrets/resolver.hpp"

namespace jackin::secrets {

/// Tokens from a store, cached for a limited time in locked memory, so that the next launch prompts no user and reads
/// no store. Caches only sources that are slow or may prompt: 1Password, the operating system's store, a program. Each
/// token is wiped when its time expires, suspend included. An empty cache causes no wake-up. Daemon's thread.
class SecretCache {
 public:
  /// A `ttl` of 0 caches nothing. `clock` must outlive it. `over` gets the number of tokens wiped on expiry; may be
  /// empty.
  SecretCache(asio::any_io_executor executor, Clock& clock, std::chrono::seconds ttl,
              std::function<void(std::size_t)> over = {});
  ~SecretCache();
  SecretCache(const SecretCache&) = delete;
  SecretCache& operator=(const SecretCache&) = delete;

  /// A copy of the cached token that was read from that source with those inputs, if any.
  std::optional<Secret> find(const CredentialSource& source, const Inputs& inputs) const;
  /// Caches a copy and replaces an older one. `inputs`: the other data that decided the source's answer.
  void keep(const CredentialSource& source, const Inputs& inputs, const Secret& secret);
  /// Whether tokens from such a source are cached.
  bool caches(const CredentialSource& source) const;
  /// How many drops were requested so far, including drops of uncached tokens. Do not cache a token whose read began
  /// before the last drop: it may be the token that was dropped.
  std::uint64_t drops() const;
  /// By `reference_of`, for all inputs.
  void drop(const std::string& reference);
  /// Wipes all; returns how many there were.
  std::size_t drop_all();

  /// Takes effect at once; wipes the cached tokens.
  void set_ttl(std::chrono::seconds ttl);

 private:
  struct State;
  std::shared_ptr<State> state_;
  asio::any_io_executor executor_;
};

}  // namespace jackin::secrets

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

/// Tokens that were read from a store, kept for a while in locked memory, so that the next launch asks neither the
/// store nor the user. Only of sources that take time or may ask: 1Password, the operating system's store, a program.
/// Each is wiped when its time is over, suspend counted; nothing wakes up while nothing is kept. Daemon's thread.
class SecretCache {
 public:
  /// A `ttl` of 0 keeps nothing. `clock` must outlive it. `over` is told how many were wiped at the end of their time;
  /// may be empty.
  SecretCache(asio::any_io_executor executor, Clock& clock, std::chrono::seconds ttl,
              std::function<void(std::size_t)> over = {});
  ~SecretCache();
  SecretCache(const SecretCache&) = delete;
  SecretCache& operator=(const SecretCache&) = delete;

  /// A copy, while one is kept that was read from that source with those inputs.
  std::optional<Secret> find(const CredentialSource& source, const Inputs& inputs) const;
  /// Keeps a copy from now on, in place of an older one. `inputs`: what else decided that it is this one.
  void keep(const CredentialSource& source, const Inputs& inputs, const Secret& secret);
  /// Whether what such a source gives would be kept.
  bool keeps(const CredentialSource& source) const;
  /// How often something was to be dropped so far, whether it was there or not. A token whose reading began before the
  /// last time is not to be kept: it may be the one that was to go.
  std::uint64_t drops() const;
  /// By `reference_of`, whatever the inputs.
  void drop(const std::string& reference);
  /// Wipes all; how many there were.
  std::size_t drop_all();

  /// From now on; what is kept already is wiped.
  void set_ttl(std::chrono::seconds ttl);

 private:
  struct State;
  std::shared_ptr<State> state_;
  asio::any_io_executor executor_;
};

}  // namespace jackin::secrets

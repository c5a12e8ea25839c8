// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace jackin::test {

/// logind on a message bus, with a thread of its own. Thread-safe.
class FakeLogind {
 public:
  /// `inhibited` is called, on the stand-in's thread, for each request to delay a suspend.
  FakeLogind(const std::string& bus_address, std::function<void()> inhibited);
  ~FakeLogind();
  FakeLogind(const FakeLogind&) = delete;
  FakeLogind& operator=(const FakeLogind&) = delete;

  /// Adds a session and signals it.
  void add_session(const std::string& id, std::uint32_t user);

  void prepare_for_sleep(bool begins);
  /// Sends the signals Lock and Unlock of a session.
  void ask_to_lock(const std::string& id, bool lock);
  /// Changes the property LockedHint of a session, and another property that no client reads.
  void set_locked_hint(const std::string& id, bool locked);

  /// The last request to delay a suspend: "sleep jackind delay".
  std::string inhibition() const;
  /// Blocks until the client releases the delay that was granted last.
  void wait_for_sleep_to_be_allowed();

 private:
  struct Bus;
  mutable std::mutex mutex_;
  std::function<void()> inhibited_;
  std::string inhibition_;
  int delay_ = -1;
  std::map<std::string, std::uint32_t> users_;
  std::map<std::string, bool> locked_;
  std::unique_ptr<Bus> bus_;
};

}  // namespace jackin::test

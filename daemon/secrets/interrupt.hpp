// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <utility>

#include "common/error.hpp"

namespace jackin::secrets {

/// Asks blocking work on another thread to end, with a reason. Thread-safe. Once set it stays set; the first reason
/// counts.
class Interrupt {
 public:
  void set(Reason reason) {
    const std::lock_guard lock(mutex_);
    if (reason_) return;
    reason_ = reason;
    if (wake_) wake_();
  }

  bool is_set() const { return reason().has_value(); }

  std::optional<Reason> reason() const {
    const std::lock_guard lock(mutex_);
    return reason_;
  }

  /// While a Watch exists, the thread that sets the interrupt calls `wake`; at once when it is set already. One at a
  /// time; the interrupt must outlive it.
  class Watch {
   public:
    Watch(Interrupt& interrupt, std::function<void()> wake) : interrupt_(interrupt) {
      const std::lock_guard lock(interrupt_.mutex_);
      if (interrupt_.reason_) wake();
      interrupt_.wake_ = std::move(wake);
    }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    ~Watch() {
      const std::lock_guard lock(interrupt_.mutex_);
      interrupt_.wake_ = nullptr;
    }

   private:
    Interrupt& interrupt_;
  };

 private:
  mutable std::mutex mutex_;
  std::optional<Reason> reason_;
  std::function<void()> wake_;
};

}  // namespace jackin::secrets

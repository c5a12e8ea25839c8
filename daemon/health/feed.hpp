// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/any_io_executor.hpp>
#include <functional>
#include <memory>

#include "daemon/async/clock.hpp"
#include "daemon/async/task.hpp"
#include "daemon/health/health.hpp"
#include "daemon/health/probe_answer.hpp"

namespace jackin::health {

/// A changed answer, or the current answer when watching begins.
struct Change {
  HealthEvent event = HealthEvent::changed;
  ProbeAnswer answer;  ///< For a removed scope: its last answer. Empty with `complete`.
};

/// Whether two answers differ only in the time of the check. That is not a change: otherwise every check would be one.
bool is_same_but_for_its_age(const ProbeAnswer& a, const ProbeAnswer& b);

/// Reports changes in the answers of all scopes to the listeners, also changes that only the passing of a day causes.
/// Without a listener it does no work and never wakes. Daemon's thread.
///
/// It reads all scopes in turns of the event loop, one snapshot at a time. It compares and reports an answer in the
/// turn that creates it, so no listener receives an older answer after a newer one. After a change of a scope that the
/// snapshot has already read, `poke` makes the feed take another snapshot.
class Feed {
 public:
  /// Passes every scope's current answer (`Health::each_answer`). Fails when the configuration cannot be read; then
  /// nothing has changed.
  using Snapshot = std::function<Task<>(Health::EachAnswer)>;
  using Listener = std::function<void(const Change&)>;

  /// `clock` must outlive it.
  Feed(asio::any_io_executor executor, Clock& clock, Snapshot snapshot);
  ~Feed();

  enum class Begin {
    with_snapshot,  ///< The listener first receives each scope (`current`), in the order of the configuration, and then
                    ///< `complete`.
    with_changes,
  };
  /// Called when the configuration cannot be read for the current state. The listener receives the state once it can be
  /// read.
  using Failed = std::function<void(const Error&)>;
  /// Watches until the handle is destroyed. The handle may outlive the feed. Changes are reported from the end of the
  /// first snapshot on.
  using Handle = std::shared_ptr<void>;
  Handle watch(Listener listener, Begin begin = Begin::with_changes, Failed failed = nullptr);

  /// Something may have changed. Schedules one snapshot, even when called several times before it.
  void poke();

  bool is_watched() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace jackin::health

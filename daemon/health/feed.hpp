// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <string_view>

#include "daemon/async/clock.hpp"
#include "daemon/async/task.hpp"
#include "daemon/health/health.hpp"
#include "daemon/health/verdict.hpp"

namespace jackin::health {

/// Something that became another, or what it is at the begin of the watching.
struct Change {
  enum class Kind { current, added, changed, removed };
  Kind kind = Kind::changed;
  ProbeAnswer answer;  ///< Of a scope that was removed: the last one.
};

/// "current", "added", "changed", "removed".
std::string_view to_text(Change::Kind kind);

/// Whether the two say the same but for when it was checked, which is no change: it would make one of every check.
bool is_same_but_for_its_age(const ProbeAnswer& a, const ProbeAnswer& b);

/// Tells those who watch how the answers about all scopes change; also when all that passes is a day. While nobody
/// watches it costs nothing, and wakes never. Daemon's thread.
///
/// It looks at all scopes in turns of the event loop, one snapshot at a time. A scope's answer is compared and told in
/// the turn in which it is made, so that no listener hears of an older answer after a newer one. What changes behind
/// the snapshot pokes the feed, and another snapshot follows.
class Feed {
 public:
  /// Gives every scope's answer as it is now (`Health::each_answer`); an error when the configuration cannot be read,
  /// then nothing has changed.
  using Snapshot = std::function<Task<>(Health::EachAnswer)>;
  using Listener = std::function<void(const Change&)>;

  /// `clock` must outlive it.
  Feed(asio::any_io_executor executor, Clock& clock, Snapshot snapshot);
  ~Feed();

  enum class Begin {
    with_picture,  ///< The listener is told of each scope first (`current`), in the order of the configuration.
    with_changes,
  };
  /// Called when the configuration cannot be read for the picture, which comes when it can.
  using Failed = std::function<void(const Error&)>;
  /// Until the handle is gone; may outlive the feed. Changes are told from the end of the first snapshot on.
  using Handle = std::shared_ptr<void>;
  Handle watch(Listener listener, Begin begin = Begin::with_changes, Failed failed = nullptr);

  /// Something may have changed. Looks once, soon, however often it is called until then.
  void poke();

  bool is_watched() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace jackin::health

#pragma once

#include <asio/any_io_executor.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "common/scope.hpp"
#include "daemon/health/verdict.hpp"
#include "daemon/platform/clock.hpp"

namespace jackin::health {

/// Something that became another.
struct Change {
  enum class Kind { added, changed, removed };
  Kind kind = Kind::changed;
  ProbeAnswer answer;  ///< Of a scope that was removed: the last one.
};

/// "added", "changed", "removed".
std::string_view to_text(Change::Kind kind);

/// Tells those who watch how the answers about all scopes change; also when all that passes is a day. While nobody
/// watches it costs nothing, and wakes never. Daemon's thread.
class Feed {
 public:
  /// Every scope's answer now; nothing when the configuration cannot be read, then nothing has changed.
  using Look = std::function<std::optional<std::vector<ProbeAnswer>>()>;
  using Listener = std::function<void(const Change&)>;

  /// `clock` must outlive it.
  Feed(asio::any_io_executor executor, Clock& clock, Look look);
  ~Feed();

  /// Until the handle is gone; may outlive the feed.
  using Handle = std::shared_ptr<void>;
  Handle watch(Listener listener);

  /// Something may have changed. Looks once, soon, however often it is called until then.
  void poke();

  bool is_watched() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace jackin::health

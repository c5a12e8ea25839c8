// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace jackin::faults {

/// A place in the course of an operation at which something can go wrong.
struct Point {
  enum class Kind {
    step,         ///< The operation says what it does next.
    before_call,  ///< A program is about to be called.
    after_call,   ///< The program has ended, and nobody knows its answer yet.
    api,          ///< The API is about to be asked.
    disk,         ///< A system call is about to change the disk.
  };
  Kind kind = Kind::step;
  std::string step;          ///< The step that the operation was in.
  std::string label;         ///< "op item create", "rename to config.toml"
  bool takes_space = false;  ///< Of the disk: fails when that is full.
  bool is_write = false;     ///< Of the disk: can be done by half.

  /// Letters, digits and underscores: part of a test's name.
  std::string name() const;
  friend bool operator==(const Point&, const Point&) = default;
};

/// What goes wrong at a point.
struct Fault {
  enum class Kind {
    none,
    kill,            ///< SIGKILL.
    kill_halfway,    ///< SIGKILL when half of a write is done.
    disk_full,       ///< From here on, until the daemon is started again.
    disk_full_once,  ///< Only here: the next call finds space.
    edit_elsewhere,  ///< Somebody edits the configuration: nothing of what the operation is about.
    edit_own_keys,   ///< Somebody edits the very keys that the operation is about.
    client_gone,
    api_rejects,
    api_is_silent,
    config_half_typed,  ///< Somebody types in the configuration, and has saved half of it until the daemon starts
                        ///< again.
    kill_config_away,   ///< SIGKILL, and the configuration is away when the daemon is started again for the first time.
    call,               ///< The program that is called does what `call_fault` says.
  };
  Kind kind = Kind::none;
  std::string call_fault{};

  std::string name() const;
};

/// What happens from the beginning of an operation to its end in this process: every point is counted, and at the one
/// that the test has chosen the blow falls. One a process; any thread.
class FaultInjector {
 public:
  static FaultInjector& current();

  /// Begins: counts what is on the disk below `home`. At the point with the number `at` the blow falls; what the
  /// process itself cannot do (an edit, the client's going) is done by `effect`.
  void begin(std::filesystem::path home, std::size_t at, Fault fault, std::function<void()> effect);
  void end();

  /// The operation is at this point; whether the blow falls here. Does not return when the blow is `kill`.
  bool reach(Point::Kind kind, std::string_view label, bool takes_space = false, bool is_write = false);

  /// Whether the call that `reach` was asked about, and said `struck` of, finds no space on the disk.
  bool has_no_space_for(bool takes_space, bool injected) const;

  const Fault& fault() const { return fault_; }
  const std::filesystem::path& home() const { return home_; }
  bool runs() const;
  bool was_injected() const { return was_injected_; }
  std::vector<Point> points() const;

  /// While it lives, what this thread does is the test's and no part of the course.
  class Aside {
   public:
    Aside();
    Aside(const Aside&) = delete;
    Aside& operator=(const Aside&) = delete;
    ~Aside();
  };

 private:
  mutable std::mutex mutex_;
  bool runs_ = false;
  bool was_injected_ = false;
  std::filesystem::path home_;
  std::size_t at_ = 0;
  Fault fault_;
  std::function<void()> effect_;
  std::string step_ = "begin";
  std::vector<Point> points_;
};

/// For Course::begin: no blow, only counting.
inline constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

}  // namespace jackin::faults

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

/// A place in an operation at which a fault can be injected.
struct Point {
  enum class Kind {
    step,         ///< The operation reports its next step.
    before_call,  ///< A program is about to be called.
    after_call,   ///< The program has ended; its answer was not read yet.
    api,          ///< The API is about to be asked.
    disk,         ///< A system call is about to change the disk.
  };
  Kind kind = Kind::step;
  std::string step;          ///< The step that the operation was in.
  std::string label;         ///< "op item create", "rename to config.toml"
  bool takes_space = false;  ///< For a disk call: it fails when the disk is full.
  bool is_write = false;     ///< A disk call that can be interrupted after half of its data.

  /// Letters, digits and underscores: part of a test's name.
  std::string name() const;
  friend bool operator==(const Point&, const Point&) = default;
};

/// The fault at a point.
struct Fault {
  enum class Kind {
    none,
    kill,            ///< SIGKILL.
    kill_halfway,    ///< SIGKILL when half of a write is done.
    disk_full,       ///< From here on, until the daemon is started again.
    disk_full_once,  ///< Only here: the next call finds space.
    edit_elsewhere,  ///< Another program edits the configuration, but no key of the operation.
    edit_own_keys,   ///< The user edits the keys of the operation.
    client_gone,
    api_rejects,
    api_is_silent,
    config_half_typed,        ///< The user has saved a half-typed configuration; complete at the next start.
    kill_config_unavailable,  ///< SIGKILL; the configuration is unavailable at the first start afterwards.
    call,                     ///< The called program has the fault `call_fault`.
  };
  Kind kind = Kind::none;
  std::string call_fault{};

  std::string name() const;
};

/// Counts every point from the start of an operation to its end in this process, and injects the fault at the point
/// that the test selected. One for the process; any thread.
class FaultInjector {
 public:
  static FaultInjector& current();

  /// Starts counting calls on the disk below `home`. At the point with the number `at` the fault is injected. `effect`
  /// does what the process itself cannot do (an edit, the client's disconnect).
  void begin(std::filesystem::path home, std::size_t at, Fault fault, std::function<void()> effect);
  void end();

  /// The operation is at this point. Returns whether the fault is injected here. Does not return when the fault is
  /// `kill`.
  bool reach(Point::Kind kind, std::string_view label, bool takes_space = false, bool is_write = false);

  /// Whether the call for which `reach` returned `injected` finds no space on the disk.
  bool has_no_space_for(bool takes_space, bool injected) const;

  const Fault& fault() const { return fault_; }
  const std::filesystem::path& home() const { return home_; }
  bool runs() const;
  bool was_injected() const { return was_injected_; }
  std::vector<Point> points() const;

  /// While it exists, the calls of this thread belong to the test and are no points.
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

/// For FaultInjector::begin: no fault, only counting.
inline constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

}  // namespace jackin::faults

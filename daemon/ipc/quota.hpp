// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <variant>

#include "daemon/process/program_runner.hpp"

namespace jackin::ipc {

/// Limits how many of a resource all processes may have together, and each process alone. A process is its pid and its
/// start time; processes that the system does not identify count as one. Daemon's thread only.
class Quota {
 public:
  struct Limits {
    std::size_t in_all;
    std::size_t per_process;
    std::size_t reserved = 0;  ///< The last ones are reserved for processes that have fewer than `few`.
  };
  static constexpr std::size_t few = 2;

  /// Which limit is reached.
  enum class Full { in_all, per_process };

 private:
  struct State;

 public:
  /// One unit, held until this object is destroyed. It may outlive the Quota.
  class Share {
   public:
    Share(Share&&) noexcept = default;
    Share& operator=(Share&&) = delete;
    ~Share();

   private:
    friend class Quota;
    using Process = std::pair<pid_t, std::uint64_t>;
    Share(std::shared_ptr<State> state, Process process) : state_(std::move(state)), process_(std::move(process)) {}
    std::shared_ptr<State> state_;
    Process process_;
  };

  explicit Quota(const Limits& limits);

  std::variant<Share, Full> take(const ProcessIdentity& process);

  const Limits& limits() const;

 private:
  std::shared_ptr<State> state_;
};

}  // namespace jackin::ipc

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace jackin::async {

/// Work that runs on another thread, without the types of work and result: Asio's code is compiled once.
struct Job {
  virtual ~Job() = default;
  virtual void run() noexcept = 0;
};

/// The work is destroyed on the thread that ran it.
template <typename Work>
class JobOf final : public Job {
 public:
  using Value = std::invoke_result_t<Work&>;

  explicit JobOf(Work work) : work_(std::move(work)) {}

  void run() noexcept override {
    try {
      value_.emplace((*work_)());
    } catch (...) {
      thrown_ = std::current_exception();
    }
    work_.reset();
  }

  /// Returns what the work returned; call it once, after `run`. Rethrows what the work threw.
  Value take() {
    if (thrown_) std::rethrow_exception(thrown_);
    return *std::move(value_);
  }

 private:
  std::optional<Work> work_;
  std::optional<Value> value_;
  std::exception_ptr thrown_;
};

}  // namespace jackin::async

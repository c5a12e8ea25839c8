// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/words.hpp"
#include "daemon/async/clock.hpp"
#include "daemon/notify/notifier.hpp"

namespace jackin::test {

/// Records the notifications that it delivers, and fails when the test requests it.
class FakeNotifier final : public notify::Notifier {
 public:
  explicit FakeNotifier(const Clock& clock) : clock_(clock) {}

  bool wanted = true;
  std::optional<Error> fails;
  std::string fails_for;  ///< A program that fails for this scope alone.
  std::function<void()> on_tell;

  int asked = 0;
  std::vector<notify::Notice> notices;  ///< The delivered notifications.
  std::vector<std::string> delivered;   ///< The same, as text: "2026-11-23 expiring my-app 30".

  std::vector<std::string> summaries() const {
    std::vector<std::string> all;
    for (const auto& notice : notices) all.push_back(notice.summary);
    return all;
  }

  bool is_wanted() const override { return wanted; }
  Task<> deliver(notify::Notice notice) override {
    ++asked;
    if (on_tell) on_tell();
    if (fails) co_return failure(*fails);
    if (notice.scope.str() == fails_for) co_return failure(Reason::program_failed, "ended with 1");
    std::string line =
        format_date(date_of(clock_.now())) + " " + std::string(word_of(notice.kind)) + " " + notice.scope.str();
    if (notice.days_left) line += " " + std::to_string(*notice.days_left);
    delivered.push_back(std::move(line));
    notices.push_back(std::move(notice));
    co_return Result<>();
  }

 private:
  const Clock& clock_;
};

}  // namespace jackin::test

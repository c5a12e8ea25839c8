// SPDX-License-Identifier: Apache-2.0
#include "tests/fakes/components/fake_user.hpp"

#include <algorithm>
#include <asio/redirect_error.hpp>
#include <utility>

#include "common/remedy_command.hpp"
#include "common/words.hpp"

namespace jackin::test {

FakeUser::FakeUser(asio::any_io_executor executor)
    : change_(std::move(executor), asio::steady_timer::time_point::max()) {}

void FakeUser::does(mint::UserInput input) {
  inputs_.push_back(std::move(input));
  change_.cancel();
}

void FakeUser::leave() {
  gone_ = true;
  change_.cancel();
}

bool FakeUser::has_seen_step(Step wanted) const {
  const std::string_view name = word_of(wanted);
  return std::any_of(steps.begin(), steps.end(), [&](const std::string& step) {
    return step.starts_with(name) && (step.size() == name.size() || step[name.size()] == ':');
  });
}

void FakeUser::step(Step step, std::string_view detail) {
  steps.push_back(std::string(word_of(step)) + (detail.empty() ? "" : ": " + std::string(detail)));
  if (when_step) when_step(step);
}

Task<mint::UserInput> FakeUser::next_input() {
  for (;;) {
    if (co_await async::cancelled_already()) co_return failure(Reason::cancelled, "cancelled");
    if (gone_) co_return mint::UserInput(mint::Cancel{});
    if (!inputs_.empty()) {
      mint::UserInput input = std::move(inputs_.front());
      inputs_.pop_front();
      co_return input;
    }
    asio::error_code ignored;
    co_await change_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

void FakeUser::notice(Severity, const std::string& message, const Remedy& remedy) {
  notices.push_back(remedy.empty() ? message : message + " | " + command_line(remedy));
  if (when_notice) when_notice(message);
}

Task<lifecycle::ChoiceKey> FakeUser::ask(const lifecycle::Question& question) {
  questions.push_back(question.text);
  offered.clear();
  for (const auto& choice : question.choices) offered.push_back(choice.key);
  if (gone_ || !answer) co_return failure(Reason::cancelled, "cancelled");
  co_return answer();
}

}  // namespace jackin::test

// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/mint/scripted.hpp"

#include <algorithm>
#include <asio/redirect_error.hpp>
#include <cstring>
#include <utility>

namespace jackin::test {
namespace {

// Waits for the next change; false when the wait was cancelled. g++ 12 compiles `if (!co_await wait_for(…)) co_return
// …` to an invalid coroutine frame (seen), so callers always name the value.
asio::awaitable<bool> wait_for(asio::steady_timer& change) {
  const bool before = co_await async::cancelled_already();
  if (before) co_return false;
  asio::error_code ignored;
  co_await change.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  const bool cancelled = co_await async::cancelled_already();
  co_return !cancelled;
}

}  // namespace

class ScriptedClaude::Program final : public PtyProgram {
 public:
  explicit Program(ScriptedClaude& claude) : claude_(claude) {}

  Task<std::size_t> read(std::span<char> buffer) override {
    while (claude_.output_.empty()) {
      if (claude_.closed_) co_return std::size_t{0};
      const bool changed = co_await wait_for(claude_.change_);
      if (!changed) co_return failure(Reason::cancelled, "cancelled");
    }
    const std::size_t count = std::min(buffer.size(), claude_.output_.size());
    std::memcpy(buffer.data(), claude_.output_.data(), count);
    claude_.output_.erase(0, count);
    co_return count;
  }

  Task<> write(std::string_view bytes) override {
    if (claude_.closed_) co_return failure(Reason::io_failed, "closed");
    claude_.typed_ += bytes;
    co_return Result<>();
  }

  Result<> resize(TerminalSize size) override {
    claude_.sizes_.push_back(size);
    return {};
  }

  Task<int> wait() override {
    while (!claude_.exit_code_) {
      const bool changed = co_await wait_for(claude_.change_);
      if (!changed) co_return failure(Reason::cancelled, "cancelled");
    }
    co_return *claude_.exit_code_;
  }

  asio::awaitable<void> end(std::chrono::milliseconds) override {
    claude_.was_ended_ = true;
    co_return;
  }

  pid_t pid() const override { return 4711; }

 private:
  ScriptedClaude& claude_;
};

Task<std::unique_ptr<PtyProgram>> ScriptedClaude::start(ProgramCall call, TerminalSize size) {
  if (none_left_) co_return failure(Reason::io_failed, "no pseudo-terminal is left");
  call_.program = call.program;
  call_.arguments = call.arguments;
  call_.environment = call.environment;
  sizes_.push_back(size);
  std::unique_ptr<PtyProgram> program = std::make_unique<Program>(*this);
  co_return program;
}

void ScriptedClaude::draws(std::string_view bytes) {
  output_ += bytes;
  change_.cancel();
}

void ScriptedClaude::closes_its_terminal() {
  closed_ = true;
  change_.cancel();
}

void ScriptedClaude::exits(int code, bool keeps_terminal) {
  exit_code_ = code;
  closed_ = !keeps_terminal;
  change_.cancel();
}

void ScriptedClaude::starts_over() {
  exit_code_.reset();
  closed_ = was_ended_ = false;
}

void ScriptedUser::does(mint::UserInput input) {
  inputs_.push_back(std::move(input));
  change_.cancel();
}

void ScriptedUser::leaves() {
  gone_ = true;
  change_.cancel();
}

void ScriptedUser::frame(const mint::FrameUpdate& update) {
  updates.push_back(update);
  apply(update, shown);
  if (after_frame) after_frame();
}

void ScriptedUser::authorize_url(const std::string& url) {
  urls.push_back(url);
  if (const auto call = when_url) call(url);
}

void ScriptedUser::open_browser(const std::string& url) {
  opened.push_back(url);
  if (const auto call = when_opened) call(url);
}

std::string ScriptedUser::screen() const {
  std::string text;
  for (const auto& row : shown.rows) {
    for (const auto& run : row) text += run.text;
    text += '\n';
  }
  return text.substr(0, text.find_last_not_of('\n') + 1);
}

std::string ScriptedUser::received() const {
  std::string text;
  for (const auto& update : updates) {
    for (const auto& row : update.rows) {
      for (const auto& run : row.runs) text += run.text;
      text += '\n';
    }
  }
  for (const auto* texts : {&steps, &urls, &opened}) {
    for (const auto& each : *texts) text += each + '\n';
  }
  return text;
}

Task<mint::UserInput> ScriptedUser::next_input() {
  while (inputs_.empty()) {
    if (gone_) co_return mint::UserInput(mint::Cancel{});
    const bool changed = co_await wait_for(change_);
    if (!changed) co_return failure(Reason::cancelled, "cancelled");
  }
  mint::UserInput input = std::move(inputs_.front());
  inputs_.pop_front();
  co_return input;
}

}  // namespace jackin::test

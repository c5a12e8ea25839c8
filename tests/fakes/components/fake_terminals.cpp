// SPDX-License-Identifier: Apache-2.0
#include "tests/fakes/components/fake_terminals.hpp"

#include <algorithm>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace jackin::test {
namespace {

class FakePtyProgram final : public PtyProgram {
 public:
  FakePtyProgram(asio::any_io_executor executor, std::shared_ptr<TerminalScript> script)
      : script_(std::move(script)), change_(executor, asio::steady_timer::time_point::max()) {}

  ~FakePtyProgram() override { script_->ended = true; }

  Task<std::size_t> read(std::span<char> buffer) override {
    if (co_await async::cancelled_already()) co_return failure(Reason::cancelled, "cancelled");
    if (drawn_ < script_->output.size()) {
      const std::size_t count = std::min(buffer.size(), script_->output.size() - drawn_);
      std::memcpy(buffer.data(), script_->output.data() + drawn_, count);
      drawn_ += count;
      if (drawn_ == script_->output.size() && !script_->stays) finish();
      co_return count;
    }
    if (script_->when_read) script_->when_read();
    const bool ended = co_await until_ended();
    if (!ended) co_return failure(Reason::cancelled, "cancelled");
    co_return std::size_t{0};
  }

  Task<> write(std::string_view bytes) override {
    script_->typed += bytes;
    co_return Result<>();
  }

  Result<> resize(TerminalSize size) override {
    script_->size = size;
    return {};
  }

  Task<int> wait() override {
    const bool ended = co_await until_ended();
    if (!ended) co_return failure(Reason::cancelled, "cancelled");
    co_return script_->exit_code;
  }

  asio::awaitable<void> end(std::chrono::milliseconds) override {
    finish();
    co_return;
  }

  pid_t pid() const override { return 4242; }

 private:
  void finish() {
    script_->ended = true;
    change_.cancel();
  }

  // False when the wait was cancelled.
  asio::awaitable<bool> until_ended() {
    const bool cancelled = co_await async::cancelled_already();
    if (cancelled) co_return false;
    if (script_->ended) co_return true;
    asio::error_code ignored;
    co_await change_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    co_return script_->ended;
  }

  std::shared_ptr<TerminalScript> script_;
  asio::steady_timer change_;  // never expires; cancelled when the program ends
  std::size_t drawn_ = 0;
};

}  // namespace

std::shared_ptr<TerminalScript> FakeTerminals::expect(std::string output, int exit_code, bool stays) {
  auto script = std::make_shared<TerminalScript>();
  script->output = std::move(output);
  script->exit_code = exit_code;
  script->stays = stays;
  scripts_.push_back(script);
  return script;
}

Task<std::unique_ptr<PtyProgram>> FakeTerminals::start(ProgramCall call, TerminalSize size) {
  if (none_left_) co_return failure(Reason::io_failed, "no pseudo-terminal is left");
  if (scripts_.empty()) throw std::logic_error("a program was started that the test does not expect");
  auto script = scripts_.front();
  scripts_.erase(scripts_.begin());
  ++started_;
  script->call.program = call.program;
  script->call.arguments = call.arguments;
  script->call.environment = call.environment;
  script->call.directory = call.directory;
  script->size = size;
  if (script->output.empty() && !script->stays) script->ended = true;
  std::unique_ptr<PtyProgram> program = std::make_unique<FakePtyProgram>(executor_, std::move(script));
  co_return program;
}

}  // namespace jackin::test

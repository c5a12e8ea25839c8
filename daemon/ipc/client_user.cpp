// SPDX-License-Identifier: Apache-2.0
#include "daemon/ipc/client_user.hpp"

#include <algorithm>
#include <asio/post.hpp>
#include <utility>

#include "common/untrusted_text.hpp"
#include "daemon/ipc/proto_conversion.hpp"
#include "proto/enum_conversion.hpp"

namespace jackin::ipc {
namespace {

constexpr std::size_t inputs_limit = 64;
constexpr std::size_t keys_limit = 64 * 1024;
constexpr std::size_t code_limit = 4 * 1024;

Result<Secret> take_secret(std::string& bytes, std::size_t limit) {
  if (bytes.size() > limit) {
    wipe(bytes);
    return failure(Reason::invalid_argument, "the client sent too much input at once");
  }
  Secret secret = Secret::copy_of(bytes);
  wipe(bytes);
  return secret;
}

}  // namespace

Result<std::optional<ClientInput>> take_input(v1::UserInput& proto) {
  switch (proto.input_case()) {
    case v1::UserInput::kKeys: {
      TRY(Secret keys, take_secret(*proto.mutable_keys(), keys_limit));
      return ClientInput(mint::UserInput(mint::Keys{std::move(keys)}));
    }
    case v1::UserInput::kCode: {
      TRY(Secret code, take_secret(*proto.mutable_code(), code_limit));
      return ClientInput(mint::UserInput(mint::Code{std::move(code)}));
    }
    case v1::UserInput::kResize:
      return ClientInput(mint::UserInput(mint::Resize{from_proto(proto.resize())}));
    case v1::UserInput::kCancel:
      return ClientInput(mint::UserInput(mint::Cancel{}));
    case v1::UserInput::kBrowserFailed:
      return ClientInput(mint::UserInput(mint::BrowserFailed{printable(proto.browser_failed().message())}));
    case v1::UserInput::kAnswer: {
      TRY(const auto choice, from_proto(proto.answer().choice()));
      return ClientInput(Answer{choice});
    }
    case v1::UserInput::INPUT_NOT_SET:
      break;
  }
  return std::optional<ClientInput>();
}

ClientUser::ClientUser(asio::any_io_executor executor, std::optional<TerminalSize> terminal, bool can_open_browser,
                       Send send)
    : executor_(executor),
      terminal_(terminal),
      can_open_browser_(can_open_browser),
      send_(std::move(send)),
      changed_(std::move(executor)) {}

bool ClientUser::accepts_input() const {
  return inputs_.size() < inputs_limit;
}

bool ClientUser::receive(ClientInput input) {
  if (!accepts_input()) return false;
  if (auto* answer = std::get_if<Answer>(&input)) {
    answer_ = std::move(*answer);
  } else {
    auto& from_user = std::get<mint::UserInput>(input);
    if (const auto* resize = std::get_if<mint::Resize>(&from_user)) {
      if (terminal_) terminal_ = resize->size;
    }
    const bool wants_out = std::holds_alternative<mint::Cancel>(from_user);
    inputs_.push_back(std::move(from_user));
    if (wants_out) want_out();
  }
  changed_.notify();
  return true;
}

void ClientUser::announce_shutdown() {
  is_shutdown_announced_ = true;
  want_out();
  changed_.notify();
}

void ClientUser::cancel() {
  cancelled_ = true;
  want_out();
  changed_.notify();
}

bool ClientUser::cancel_elsewhere() {
  if (is_captured_) return false;
  cancel();
  return true;
}

void ClientUser::leave() {
  send_ = nullptr;
  read_on_ = nullptr;
  cancel();
}

void ClientUser::send(v1::TokenEvent event) {
  // Sending can end with `leave()`, which drops the function.
  if (const Send send_on = send_) send_on(std::move(event));
}

void ClientUser::want_out() {
  if (!is_read_ && end_) end_();
}

void ClientUser::notify_space() {
  if (const auto read_on = read_on_) read_on();
}

void ClientUser::step(Step step, std::string_view detail) {
  if (step == Step::captured) is_captured_ = true;
  v1::TokenEvent event;
  event.mutable_step()->set_step(to_proto(step));
  event.mutable_step()->set_detail(std::string(detail));
  send(std::move(event));
}

void ClientUser::frame(const mint::FrameUpdate& update) {
  if (!terminal_) return;
  v1::TokenEvent event;
  to_proto(update, *event.mutable_frame());
  send(std::move(event));
}

void ClientUser::authorize_url(const std::string& url) {
  v1::TokenEvent event;
  event.set_authorize_url(url);
  send(std::move(event));
}

void ClientUser::open_browser(const std::string& url) {
  v1::TokenEvent event;
  event.set_open_browser(url);
  send(std::move(event));
}

void ClientUser::begun(const std::string& id) {
  v1::TokenEvent event;
  event.mutable_begun()->set_id(id);
  send(std::move(event));
}

void ClientUser::notice(Severity severity, const std::string& message, const Remedy& remedy) {
  v1::TokenEvent event;
  to_proto(severity, message, remedy, *event.mutable_notice());
  send(std::move(event));
}

Task<mint::UserInput> ClientUser::next_input() {
  is_read_ = true;
  // A cancelled user always has an answer. Yields the thread, so that a caller that asks in a loop does not block it.
  if (cancelled_ || is_shutdown_announced_) co_await asio::post(executor_, asio::use_awaitable);
  while (inputs_.empty() && !cancelled_ && !is_shutdown_announced_) {
    const bool ended = co_await async::cancelled_already();
    if (ended) co_return failure(Reason::cancelled, "cancelled");
    co_await changed_.wait();
  }
  if (cancelled_ || is_shutdown_announced_) co_return mint::UserInput(mint::Cancel{});
  mint::UserInput next = std::move(inputs_.front());
  inputs_.pop_front();
  notify_space();
  co_return next;
}

Task<lifecycle::ChoiceKey> ClientUser::ask(const lifecycle::Question& question) {
  v1::TokenEvent event;
  to_proto(question, *event.mutable_question());
  answer_.reset();
  is_read_ = true;
  send(std::move(event));
  for (;;) {
    // Input for claude's screen does not answer this question; only a Cancel counts.
    const bool wants_out = std::any_of(inputs_.begin(), inputs_.end(), [](const mint::UserInput& input) {
      return std::holds_alternative<mint::Cancel>(input);
    });
    inputs_.clear();
    notify_space();
    const bool ended = co_await async::cancelled_already();
    if (wants_out || cancelled_ || ended) {
      co_return failure(Reason::cancelled, "the question was not answered");
    }
    if (answer_) {
      const bool offered = std::any_of(question.choices.begin(), question.choices.end(),
                                       [&](const lifecycle::Choice& choice) { return choice.key == answer_->choice; });
      if (offered) co_return std::exchange(answer_, std::nullopt)->choice;
      answer_.reset();
    }
    co_await changed_.wait();
  }
}

}  // namespace jackin::ipc

// SPDX-License-Identifier: Apache-2.0
#include "daemon/mint/session.hpp"

#include <algorithm>
#include <asio/co_spawn.hpp>
#include <asio/experimental/deferred.hpp>
#include <asio/experimental/parallel_group.hpp>
#include <asio/redirect_error.hpp>
#include <utility>

#include "common/claude.hpp"
#include "common/outside_text.hpp"
#include "daemon/mint/known_sentence.hpp"
#include "daemon/mint/pasted_address.hpp"

namespace jackin::mint {
namespace {

using namespace std::chrono_literals;

// More rows than setup-token shows at 20 columns. With too few rows claude draws only the last ones, and never the
// first row of the token (recorded with 2.1.197 on 10 rows).
constexpr int claude_rows = 120;
// For a user without a terminal.
constexpr TerminalSize unseen_size{24, 200};

// The daemon handles other events between two reads, so a claude that writes without end does not block it.
constexpr std::size_t read_size = 1024;
// Small enough to observe text that is drawn and erased again in one write.
constexpr std::size_t slice = 256;

// A frame is sent when claude pauses; an animated screen sends ten a second.
constexpr Clock::Duration pause_before_frame = 20ms;
constexpr Clock::Duration longest_wait_for_frame = 100ms;
constexpr Clock::Duration pause_before_reading = 100ms;
constexpr Clock::Duration longest_wait_for_pause = 1s;
// If claude opens a browser, it does so at once.
constexpr Clock::Duration wait_for_browser = 3s;
constexpr int most_browsers = 5;
// Limits for claude's activity once its token has been seen, and once it has ended.
constexpr Clock::Duration rest_of_token = 10s;
constexpr Clock::Duration own_exit = 3s;
constexpr Clock::Duration rest_of_output = 200ms;
constexpr Clock::Duration exit_after_close = 1s;
// A user without a terminal cannot answer what claude says of a code in an unknown sentence.
constexpr Clock::Duration answer_to_code = 30s;

// claude 2.1.197 says "1 year" of every token; 2.1.330 and later show the server's value (both seen).
constexpr DottedVersion first_with_lifetime{{2, 1, 330}};
constexpr std::chrono::days said_of_all{365};

std::optional<Clock::Duration> earlier(std::optional<Clock::Duration> a, std::optional<Clock::Duration> b) {
  if (!a) return b;
  if (!b) return a;
  return std::min(*a, *b);
}

int columns_for(const MintInteraction& user) {
  return user.terminal().value_or(unseen_size).columns;
}

}  // namespace

Session::Session(const asio::any_io_executor& executor, Clock& clock, BrowserCalls& browser_calls, MintRequest request,
                 MintInteraction& user)
    : executor_(executor),
      clock_(clock),
      request_(std::move(request)),
      user_(user),
      browser_call_(browser_calls.expect([this](const std::string& url) { browser_wanted(url); })),
      started_(clock.uptime()),
      screen_({claude_rows, columns_for(user)}),
      code_typing_(started_),
      last_output_(started_),
      change_(executor, asio::steady_timer::time_point::max()) {
  if (const auto size = user.terminal()) seen_rows_ = size->rows;
}

Task<MintedToken> Session::run(PtyLauncher& terminals) {
  using asio::experimental::deferred;
  co_await asio::this_coro::throw_if_cancelled(false);
  CO_TRY(co_await start(terminals));
  act();
  // The first coroutine to return ends the others: when the session is over, or when the capture is cancelled.
  auto all = asio::experimental::make_parallel_group(
      asio::co_spawn(executor_, draw(), deferred), asio::co_spawn(executor_, watch_exit(), deferred),
      asio::co_spawn(executor_, listen(), deferred), asio::co_spawn(executor_, type(), deferred));
  co_await all.async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
  const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
  const bool cancelled = state.cancelled() != asio::cancellation_type::none;
  alarm_.cancel();
  co_await program_->end();
  co_return outcome(cancelled);
}

Task<> Session::start(PtyLauncher& terminals) {
  ProgramCall call;
  call.program = request_.claude.path;
  call.arguments = {"setup-token"};
  call.environment = claude_environment(request_.client);
  // claude's terminal is this screen, whatever the user's terminal is.
  call.environment.set("TERM", "xterm-256color");
  call.environment.set("BROWSER", request_.relay.string());
  // Without it 2.1.332 shows a shortened link (seen).
  call.environment.set("CLAUDE_CODE_FULL_SIGN_IN_LINK", "1");
  call.environment.set(std::string(relay_nonce_variable), browser_call_.nonce());
  call.environment.set(std::string(relay_socket_variable), request_.socket.string());
  CO_TRY(program_, co_await terminals.start(std::move(call), screen_.size()));
  co_return Result<>();
}

asio::awaitable<void> Session::until_over() {
  co_await asio::this_coro::throw_if_cancelled(false);
  bool cancelled = co_await async::cancelled_already();
  while (!over_ && !cancelled) {
    asio::error_code ignored;
    co_await change_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    cancelled = co_await async::cancelled_already();
  }
}

asio::awaitable<void> Session::draw() {
  co_await asio::this_coro::throw_if_cancelled(false);
  Secret buffer;
  while (!over_) {
    const auto space = buffer.prepare(read_size).first(read_size);
    const Result<std::size_t> count = co_await program_->read(space);
    if (!count && count.error().reason == Reason::cancelled) co_return;
    if (!count || *count == 0) break;
    drew(space.first(*count));
  }
  closed_ = clock_.uptime();
  act();
  co_await until_over();
}

asio::awaitable<void> Session::watch_exit() {
  co_await asio::this_coro::throw_if_cancelled(false);
  const Result<int> code = co_await program_->wait();
  if (code) {
    exit_code_ = *code;
    exited_ = clock_.uptime();
    act();
  }
  co_await until_over();
}

asio::awaitable<void> Session::listen() {
  co_await asio::this_coro::throw_if_cancelled(false);
  // After the token has appeared, the session reads no more input of the user.
  while (!over_ && !sighted_) {
    Result<UserInput> input = co_await user_.next_input();
    if (!input) break;
    handle_input(std::move(*input));
  }
  co_await until_over();
}

asio::awaitable<void> Session::type() {
  co_await asio::this_coro::throw_if_cancelled(false);
  bool cancelled = co_await async::cancelled_already();
  while (!over_ && !cancelled) {
    if (to_type_.empty()) {
      asio::error_code ignored;
      co_await change_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    } else {
      const Secret keys = std::exchange(to_type_, Secret());
      const Result<> written = co_await program_->write(keys.view());
      if (!written) break;  // The terminal has closed; the reader detects it too.
    }
    cancelled = co_await async::cancelled_already();
  }
  co_await until_over();
}

void Session::drew(std::span<const char> bytes) {
  const Time now = clock_.uptime();
  last_output_ = now;
  while (!bytes.empty()) {
    const auto part = bytes.first(std::min(slice, bytes.size()));
    screen_.write(part);
    capture_.observe(screen_);
    bytes = bytes.subspan(part.size());
  }
  send(screen_.take_replies());
  if (capture_.sighted() && !sighted_) sighted();
  if (capture_.found_whole() && !whole_) whole_ = now;
  if (!sighted_) {
    code_typing_.output(now);
    if (!frame_waits_) frame_waits_ = now;
    if (!url_waits_) url_waits_ = now;
    if (!answer_waits_ && typed_) answer_waits_ = now;
  }
  act();
}

void Session::sighted() {
  sighted_ = last_output_;
  last_frame_.reset();
  user_.step(Step::captured, {});
}

void Session::handle_input(UserInput input) {
  if (sighted_) return;
  if (auto* keys = std::get_if<Keys>(&input)) {
    handle_keys(keys->bytes);
  } else if (auto* code = std::get_if<Code>(&input)) {
    std::optional<Secret> from_address = code_in_address(code->text.view());
    give_code(from_address ? *std::move(from_address) : std::move(code->text));
  } else if (const auto* resized = std::get_if<Resize>(&input)) {
    resize(resized->size);
  } else if (std::holds_alternative<Cancel>(input)) {
    fail({Reason::cancelled, "cancelled; nothing was changed", {}});
  }
  // When no browser could be opened, the user still has the URL.
  act();
}

void Session::handle_keys(const Secret& keys) {
  // A terminal without bracketed paste sends a pasted address as keys.
  if (std::optional<Secret> code = code_in_address(keys.view())) return give_code(*std::move(code));
  // Users press Enter after a paste. A second Enter could answer claude's next question.
  if (code_typing_.is_typing() && keys.view().find_first_not_of("\r\n") == std::string_view::npos) return;
  typed_ = true;
  send(keys.view());
}

void Session::give_code(Secret code) {
  code_ = std::move(code);
  code_typing_.give();
}

void Session::resize(TerminalSize size) {
  if (!seen_rows_) return;
  seen_rows_ = size.rows;
  if (!frame_waits_) frame_waits_ = clock_.uptime();
  if (sensible(size).columns == screen_.size().columns) return;
  capture_.observe(screen_);
  screen_.resize(size.columns);
  // A claude that has ended needs no size.
  (void)program_->resize(screen_.size());
}

void Session::browser_wanted(const std::string& url) {
  browser_was_wanted_ = true;
  open(url);
}

void Session::open(const std::string& url) {
  if (sighted_ || over_ || !may_be_opened(url) || !user_.can_open_browser() || opened_ == most_browsers) return;
  ++opened_;
  user_.open_browser(url);
}

void Session::send(std::string_view keys) {
  if (keys.empty()) return;
  to_type_.append(keys);
  change_.cancel();
}

void Session::act() {
  if (over_) return;
  const Time now = clock_.uptime();
  if (!sighted_) act_for_user(now);
  if (is_at_end(now)) {
    end();
    return;
  }
  if (const auto due = next_due()) {
    alarm_ = async::Timeout(executor_, clock_, std::max(*due - now, Time::zero()), [this] { act(); });
  }
}

void Session::act_for_user(Time now) {
  if (frame_waits_ && now >= std::min(last_output_ + pause_before_frame, *frame_waits_ + longest_wait_for_frame)) {
    send_frame();
  }
  if (url_waits_ && now >= when_read(*url_waits_)) read_url(now);
  if (answer_waits_ && now >= when_read(*answer_waits_)) read_answer();
  if (!browser_was_wanted_ && !screen_url_opened_ && !url_.known().empty() && now >= started_ + wait_for_browser) {
    screen_url_opened_ = true;
    open(url_.known().back());
  }
  switch (code_typing_.act(now)) {
    case CodeTyping::Act::paste:
      typed_ = true;
      send(screen_.as_paste(code_.view()).view());
      break;
    case CodeTyping::Act::enter:
      send("\r");
      code_.clear();
      answer_waits_ = now;
      break;
    case CodeTyping::Act::nothing:
      break;
  }
}

bool Session::is_at_end(Time now) {
  if (exit_code_ && (closed_ || now >= *exited_ + rest_of_output)) return true;
  if (closed_ && now >= *closed_ + exit_after_close) return true;
  if (whole_) return now >= *whole_ + own_exit;
  if (sighted_) return now >= *sighted_ + rest_of_token;
  if (!seen_rows_ && code_typing_.entered() && now >= *code_typing_.entered() + answer_to_code) return true;
  if (now < started_ + request_.limit) return false;
  error_ = Error{Reason::timed_out, "no consent within the time limit; nothing was changed", {}};
  return true;
}

std::optional<Session::Time> Session::next_due() const {
  std::optional<Time> due;
  if (exited_) due = earlier(due, *exited_ + rest_of_output);
  if (closed_) due = earlier(due, *closed_ + exit_after_close);
  if (whole_) return earlier(due, *whole_ + own_exit);
  if (sighted_) return earlier(due, *sighted_ + rest_of_token);
  due = earlier(due, started_ + request_.limit);
  if (frame_waits_) {
    due = earlier(due, std::min(last_output_ + pause_before_frame, *frame_waits_ + longest_wait_for_frame));
  }
  if (url_waits_) due = earlier(due, when_read(*url_waits_));
  if (answer_waits_) due = earlier(due, when_read(*answer_waits_));
  if (!browser_was_wanted_ && !screen_url_opened_ && !url_.known().empty()) {
    due = earlier(due, started_ + wait_for_browser);
  }
  if (!seen_rows_ && code_typing_.entered()) due = earlier(due, *code_typing_.entered() + answer_to_code);
  return earlier(due, code_typing_.due());
}

void Session::send_frame() {
  frame_waits_.reset();
  if (!seen_rows_) return;
  Frame frame = frame_of(screen_, mask_for(screen_, url_.known()), *seen_rows_);
  if (last_frame_ && *last_frame_ == frame) return;
  user_.frame(difference(last_frame_ ? &*last_frame_ : nullptr, frame));
  last_frame_ = std::move(frame);
}

void Session::read_url(Time now) {
  url_waits_.reset();
  if (const auto url = url_.read(screen_)) {
    code_typing_.url_shown(now);
    user_.authorize_url(*url);
  }
}

// Ends the session when claude's answer to the code is final. A user on a terminal reads what else it says.
void Session::read_answer() {
  answer_waits_.reset();
  if (!seen_rows_) {
    if (code_typing_.entered() && !known_sentence(screen_).empty()) end();
  } else if (const auto refusal = code_refusal(screen_); refusal && refusal->is_final) {
    end();
  }
}

// What claude draws is read when it pauses.
Session::Time Session::when_read(Time waits_since) const {
  return std::min(last_output_ + pause_before_reading, waits_since + longest_wait_for_pause);
}

void Session::end() {
  over_ = true;
  change_.cancel();
}

void Session::fail(Error error) {
  error_ = std::move(error);
  end();
}

Result<MintedToken> Session::outcome(bool cancelled) {
  auto found = capture_.take();
  if (found && found->known_shape) return minted(*std::move(found));
  if (cancelled) {
    return failure(Reason::cancelled,
                   sighted_ ? "cancelled before claude showed the whole token" : "cancelled; nothing was changed");
  }
  if (error_) return failure(*error_);
  if (!sighted_) return failure(refusal());
  // A claude that failed may have drawn only a part.
  if (found && exit_code_.value_or(0) == 0) return minted(*std::move(found));
  return failure(Reason::capture_incomplete,
                 std::string("claude did not show the whole token; nothing was changed here; at Anthropic the token "
                             "stays valid until you remove it at ") +
                     token_page);
}

MintedToken Session::minted(CapturedToken found) const {
  const bool says_so_of_all = request_.claude.version < first_with_lifetime && found.lifetime == said_of_all;
  return {std::move(found.token), found.known_shape, says_so_of_all ? std::nullopt : found.lifetime};
}

Error Session::refusal() const {
  const auto refused = typed_ ? code_refusal(screen_) : std::nullopt;
  // After a refusal that is not final claude asks for another code, so the refusal is not why claude ended.
  const bool is_the_end = refused && (refused->is_final || (!exit_code_ && !closed_));
  if (is_the_end) return {Reason::mint_refused, "claude refused the code: " + refused->why, {}};
  std::string message = "claude ended without a token";
  if (!exit_code_ && !closed_) {
    message = "claude returned no token for the code";
  } else if (!exit_code_) {
    message = "claude closed its terminal without a token";
  } else if (*exit_code_ > 128) {
    message += " (signal " + std::to_string(*exit_code_ - 128) + ")";
  } else if (*exit_code_ != 0) {
    message += " (exit code " + std::to_string(*exit_code_) + ")";
  }
  return {Reason::mint_refused, message + reason_shown(), {}};
}

// From here on claude may have a token and draw it in an unexpected way. A claude that exits with 0 may have received
// one without input.
bool Session::may_show_token() const {
  return typed_ || browser_was_wanted_ || !url_.known().empty() || exit_code_.value_or(0) == 0;
}

// The reason that claude's screen shows, as the end of a sentence.
std::string Session::reason_shown() const {
  if (may_show_token()) {
    const auto known = known_sentence(screen_);
    return known.empty() ? "; its screen is not quoted because it may show a token" : ": " + known;
  }
  constexpr std::size_t most_rows = 8;
  std::vector<std::string> rows;
  for (const auto& runs : frame_of(screen_, mask_for(screen_, url_.known())).rows) {
    std::string text;
    for (const auto& run : runs) text += run.text;
    if (text.find_first_not_of(' ') != std::string::npos) rows.push_back(std::move(text));
  }
  std::string words;
  for (std::size_t i = rows.size() - std::min(rows.size(), most_rows); i < rows.size(); ++i) words += rows[i] + "\n";
  words = outside_text(words, {});
  return words.empty() ? words : ": " + words;
}

Task<MintedToken> Mint::capture(MintRequest request, MintInteraction& user) {
  co_await asio::this_coro::throw_if_cancelled(false);
  const auto executor = co_await asio::this_coro::executor;
  Session session(executor, clock_, browser_calls_, std::move(request), user);
  co_return co_await session.run(terminals_);
}

}  // namespace jackin::mint

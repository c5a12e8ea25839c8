// SPDX-License-Identifier: Apache-2.0
#include "daemon/health/notices.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "common/untrusted_text.hpp"
#include "daemon/async/loops.hpp"

namespace jackin::health {

// A token and the scopes that use it.
struct Notices::Token {
  ProbeAnswer answer;  // the first scope's
  std::size_t others = 0;
};

namespace {

constexpr auto first_retry = std::chrono::minutes(10);
constexpr auto longest_pause = std::chrono::hours(24);

Clock::Duration retry_after(int failures) {
  std::chrono::minutes pause = first_retry;
  for (int i = 1; i < failures && pause < longest_pause; ++i) pause *= 2;
  return std::min<Clock::Duration>(pause, longest_pause);
}

// Whether the answer is about a token. When the token is gone or is not a token, the answer says nothing about the
// previous one.
bool is_about_a_token(const ProbeAnswer& answer) {
  return answer.mode == AuthMode::oauth_token && answer.fingerprint && answer.verdict != Verdict::gone &&
         answer.verdict != Verdict::malformed;
}

std::string when(int days_left, Date expires_on) {
  const std::string day = format_date(expires_on);
  if (days_left == 0) return "today, " + day;
  if (days_left == 1) return "tomorrow, " + day;
  return "in " + std::to_string(days_left) + " days, on " + day;
}

NoticeKind kind_of(TokenNews event) {
  switch (event) {
    case TokenNews::thirty_days:
    case TokenNews::seven_days:
    case TokenNews::one_day:
      return NoticeKind::expiring;
    case TokenNews::expired:
      return NoticeKind::expired;
    case TokenNews::rejected:
      return NoticeKind::rejected;
  }
  return NoticeKind::expiring;
}

notify::Notice notice_of(TokenNews event, const ProbeAnswer& answer, std::size_t others) {
  notify::Notice notice;
  notice.kind = kind_of(event);
  notice.urgency = event < TokenNews::one_day ? notify::Urgency::normal : notify::Urgency::critical;
  notice.scope = answer.scope;
  notice.remedy = answer.remedy;
  notice.days_left = answer.days_left;
  notice.expires_on = answer.expires_on;
  notice.fingerprint = answer.fingerprint;
  std::string whose = printable(answer.scope.str());
  if (others > 0) whose += " and " + std::to_string(others) + " more";
  switch (notice.kind) {
    case NoticeKind::expiring:
      notice.summary = "The Claude token of " + whose + " expires " + when(*answer.days_left, *answer.expires_on);
      break;
    case NoticeKind::expired:
      notice.summary = "The Claude token of " + whose + " expired on " + format_date(*answer.expires_on);
      break;
    case NoticeKind::rejected:
      notice.summary = "Claude's API rejects the token of " + whose;
      break;
  }
  return notice;
}

}  // namespace

Notices::Notices(Dependencies deps, std::function<void(const Error&)> trouble)
    : deps_(deps), trouble_(std::move(trouble)) {}

asio::awaitable<void> Notices::deliver_due(std::vector<ProbeAnswer> answers) {
  if (is_delivering_) co_return;
  if (!deps_.notifier.is_wanted()) {
    retry_now();
    co_return;
  }
  if (retry_at_ && *retry_at_ > deps_.clock.uptime()) co_return;
  is_delivering_ = true;
  std::vector<Token> tokens;
  std::map<Fingerprint, std::size_t> known;
  async::Slices slices;
  for (auto& answer : answers) {
    co_await slices.step();
    if (!is_about_a_token(answer)) continue;
    const auto [at, is_new] = known.try_emplace(*answer.fingerprint, tokens.size());
    if (is_new) {
      tokens.push_back({std::move(answer), 0});
    } else {
      ++tokens[at->second].others;
    }
  }
  bool all_delivered = true;
  auto done = co_await load();
  if (done) done = co_await write_marks();
  if (!done) report(done.error());
  for (auto token = tokens.begin(); done && token != tokens.end(); ++token) {
    co_await slices.step();
    const auto notified = co_await deliver(*token);
    if (notified) continue;
    all_delivered = false;
    report(notified.error());
    if (notified.error().reason != Reason::program_failed) break;
  }
  const bool has_failed = !done || !all_delivered;
  const bool has_other_notifier = std::exchange(is_retry_wanted_, false);
  failures_ = has_failed && !has_other_notifier ? failures_ + 1 : 0;
  retry_at_.reset();
  if (has_failed) {
    retry_at_ = deps_.clock.uptime() + (has_other_notifier ? Clock::Duration::zero() : retry_after(failures_));
  }
  is_delivering_ = false;
}

std::optional<Clock::Duration> Notices::retry_in() const {
  if (!retry_at_) return std::nullopt;
  return std::max(*retry_at_ - deps_.clock.uptime(), Clock::Duration(0));
}

void Notices::retry_now() {
  retry_at_.reset();
  failures_ = 0;
  is_retry_wanted_ = is_delivering_;
}

Task<> Notices::load() {
  if (is_loaded_) co_return Result<>();
  auto read = [this] { return deps_.database.notified(); };
  CO_TRY(const auto records, co_await deps_.pool.run(std::move(read)));
  for (const auto& record : records) {
    notified_[record.fingerprint].insert(record.event);
  }
  is_loaded_ = true;
  co_return Result<>();
}

Task<> Notices::deliver(const Token& token) {
  const auto& answer = token.answer;
  const Moment now = deps_.clock.now();
  const notify::TokenState seen{answer.days_left ? answer.expires_on : std::nullopt,
                                answer.verdict == Verdict::rejected};
  auto& notified = notified_[*answer.fingerprint];
  const auto due = notify::what_is_due(seen, date_of(now), notified);
  if (!due.event) co_return Result<>();
  auto notice = notice_of(*due.event, answer, token.others);
  CO_TRY(co_await deps_.notifier.deliver(std::move(notice)));
  reported_.clear();
  // Records it in memory first: if the disk write fails, this daemon still does not notify again.
  notified.insert(due.mark.begin(), due.mark.end());
  for (const auto event : due.mark) unwritten_.push_back({*answer.fingerprint, event, now});
  co_return co_await write_marks();
}

// Without a record, the next daemon would notify again.
Task<> Notices::write_marks() {
  if (unwritten_.empty()) co_return Result<>();
  auto mark = [this, records = unwritten_] { return deps_.database.mark_notified(records); };
  CO_TRY(co_await deps_.pool.run(std::move(mark)));
  unwritten_.clear();
  co_return Result<>();
}

void Notices::report(const Error& error) {
  if (reported_.insert(error.message).second && trouble_) trouble_(error);
}

}  // namespace jackin::health

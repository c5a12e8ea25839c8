// SPDX-License-Identifier: Apache-2.0
#include "daemon/lifecycle/token_steps.hpp"

#include <utility>
#include <variant>

#include "common/claude.hpp"
#include "common/untrusted_text.hpp"
#include "daemon/config/configuration.hpp"
#include "daemon/health/health.hpp"
#include "daemon/mint/mint.hpp"

namespace jackin::lifecycle {
namespace {

// The assumed lifetime of a token of `setup-token` when claude does not report one (claude's help: "1 year").
constexpr std::chrono::days estimated_lifetime{365};

}  // namespace

Error before_any_change(Error error) {
  if (error.reason == Reason::cancelled) error.message = "cancelled; nothing was changed";
  return error;
}

Task<> TokenSteps::expect_writable(const Targets& targets) {
  for (const Target& target : targets) {
    auto work = [&paths = deps_.paths, scope = target.scope] { return config::expect_writable(paths, scope); };
    CO_TRY(co_await deps_.writers.run(std::move(work)));
  }
  co_return Result<>();
}

Task<mint::ClaudeProgram> TokenSteps::locate_claude() {
  CO_TRY(auto claude, co_await mint::locate_claude(deps_.programs, request_.client, request_.claude));
  operation_.enter(Step::program, "claude " + claude.version.str() + "  " + printable(claude.path.string()));
  co_return claude;
}

Task<NewToken> TokenSteps::mint(const mint::ClaudeProgram& claude) {
  CO_TRY(co_await operation_.announce(Step::mint, {}));
  mint::MintRequest wanted;
  wanted.claude = claude;
  wanted.client = request_.client;
  wanted.relay = deps_.relay;
  wanted.socket = deps_.socket ? deps_.socket() : deps_.paths.socket();
  mint::Mint mint(deps_.terminals, deps_.clock, deps_.browser_calls);
  CO_TRY(auto minted, co_await mint.capture(std::move(wanted), operation_.user()));
  NewToken token;
  token.token = std::move(minted.token);
  token.known_shape = minted.known_shape;
  token.expires_on = date_of(deps_.clock.now()) + minted.lifetime.value_or(estimated_lifetime);
  token.is_ours = true;
  token.claude_version = claude.version.str();
  operation_.detail.minted = true;
  operation_.detail.expiry_known = minted.lifetime.has_value();
  operation_.detail.fingerprint = token.token.digest().fingerprint();
  operation_.detail.expires_on = token.expires_on;
  co_await operation_.captured();
  co_return token;
}

Task<VerifiedToken> TokenSteps::verify(const NewToken& token) {
  using Kind = ApiAnswer;
  health::UpstreamAnswer answer;
  const bool asks = request_.verify && deps_.upstream.enabled();
  if (asks) {
    operation_.enter(Step::verify, {});
    answer = co_await deps_.upstream.check(token.token);
    operation_.detail.organization = answer.organization;
  }
  if (answer.kind == Kind::rejected) {
    operation_.mark_rejected();
    co_return failure(Reason::token_rejected, answer.message + "; nothing was changed");
  }
  if (answer.kind != Kind::valid && !token.known_shape) {
    Error doubt{Reason::token_malformed,
                "the token may be incomplete, and the API has not confirmed it: " + shape_problem(token.token.view()) +
                    (asks ? "; " + answer.message : std::string()),
                asks ? Remedy::try_again() : Remedy::drop_option(RequestOption::no_verify)};
    if (!operation_.detail.minted) co_return failure(std::move(doubt));
    VerifiedToken doubtful{token, std::move(answer), std::move(doubt)};
    co_return doubtful;
  }
  if (asks && answer.kind != Kind::valid) {
    operation_.user().notice(Severity::warning, "the token could not be checked: " + answer.message,
                             Remedy::check(request_.scope));
  }
  VerifiedToken verified{token, std::move(answer), std::nullopt};
  co_return verified;
}

asio::awaitable<void> TokenSteps::record(const Targets& targets, const VerifiedToken& verified) {
  operation_.enter(Step::record, {});
  const auto& detail = operation_.detail;
  for (const Target& target : targets) {
    const auto layer = co_await deps_.configuration.layer(target.scope);
    const auto* const source = layer ? layer->keys.source() : nullptr;
    std::string reference = source == nullptr ? std::string() : deps_.configuration.reference_of(*source);
    // If the slot cannot be read now, the recorded reference decides.
    if (!layer) {
      const auto known = deps_.health.token_of(target.scope);
      if (known) reference = known->reference;
    }
    // A token that was overwritten in place keeps its reference, which can be spelled differently from the new one.
    const bool is_in_place = detail.replaces && !reference.empty() && reference == detail.old_reference;
    if (reference != detail.reference && !is_in_place) continue;
    state::TokenRecord token;
    token.scope = target.scope;
    token.reference = reference;
    token.fingerprint = *detail.fingerprint;
    token.expires_on = verified.token.expires_on;
    token.expiry_estimated = expiry_is_estimated(verified.token);
    token.minted_by_us = verified.token.is_ours;
    token.organization = verified.answer.organization;
    token.recorded_at = deps_.clock.now();
    const auto recorded = co_await deps_.health.record(token, verified.answer);
    if (recorded) continue;
    operation_.user().notice(Severity::warning,
                             "the token is configured, but its expiry is not recorded: " + recorded.error().message,
                             Remedy::check(target.scope));
  }
}

TokenReport TokenSteps::report(const NewToken& token, const StoredToken& stored,
                               const config::WrittenSlot& written) const {
  TokenReport report;
  report.scope = request_.scope;
  report.store = secrets::kind_of(stored.source);
  report.reference = secrets::reference_of(stored.source);
  report.stored_in = stored.display;
  report.fingerprint = *operation_.detail.fingerprint;
  report.expires_on = token.expires_on;
  if (token.expires_on) report.days_left = days_between(date_of(deps_.clock.now()), *token.expires_on);
  report.expiry_estimated = expiry_is_estimated(token);
  report.claude_version = token.claude_version;
  report.slot_file = written.file_name;
  report.slot = written.slot;
  report.slot_style = written.style;
  report.created = operation_.detail.minted && !std::holds_alternative<secrets::LiteralSource>(stored.source);
  return report;
}

}  // namespace jackin::lifecycle

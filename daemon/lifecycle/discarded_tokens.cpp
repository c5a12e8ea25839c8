// SPDX-License-Identifier: Apache-2.0
#include "daemon/lifecycle/discarded_tokens.hpp"

#include <utility>

#include "common/untrusted_text.hpp"

namespace jackin::lifecycle {

Task<> remember_discarded(Dependencies& deps, std::optional<OperationKind> kind, const Scope& scope,
                          const state::JournalDetail& detail) {
  if (!detail.fingerprint) co_return Result<>();
  state::DiscardedToken token{*detail.fingerprint, kind, scope, detail.expires_on, deps.clock.now()};
  auto work = [&database = deps.database, token = std::move(token)] { return database.put_discarded(token); };
  co_return co_await deps.pool.run(std::move(work));
}

Task<std::vector<state::DiscardedToken>> discarded_tokens(Dependencies& deps) {
  auto read = [&database = deps.database] { return database.discarded(); };
  CO_TRY(auto tokens, co_await deps.pool.run(std::move(read)));
  const Date today = date_of(deps.clock.now());
  std::erase_if(tokens,
                [&](const state::DiscardedToken& token) { return token.expires_on && *token.expires_on < today; });
  co_return tokens;
}

Task<> acknowledge_discarded(Dependencies& deps) {
  auto work = [&database = deps.database] { return database.forget_discarded(); };
  co_return co_await deps.pool.run(std::move(work));
}

std::string discarded_message(const state::DiscardedToken& token) {
  std::string message =
      "the new token that the " + state::name_of(token.kind) + " of '" + printable(token.scope.str()) + "'";
  if (!token.config_folder.empty()) message += " of the configuration in " + printable(token.config_folder);
  message += " created was discarded on " + format_date(date_of(token.at)) + "; at Anthropic it stays valid";
  if (token.expires_on) message += " until " + format_date(*token.expires_on);
  message += " (fingerprint " + token.fingerprint.str() + ")";
  return message;
}

Remedy discarded_remedy() {
  return Remedy::of(RemedyAction::acknowledge).noting(std::string("when it is removed at ") + token_page);
}

}  // namespace jackin::lifecycle

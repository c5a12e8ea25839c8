#include "daemon/lifecycle/recovery.hpp"

#include <algorithm>
#include <utility>

#include "common/untrusted_text.hpp"
#include "daemon/config/configuration.hpp"
#include "daemon/health/health.hpp"
#include "daemon/lifecycle/leftover.hpp"
#include "daemon/lifecycle/operations.hpp"
#include "daemon/secrets/store.hpp"

namespace jackin::lifecycle {

Recovery::Recovery(Parts& parts) : parts_(parts), journal_(parts.database, parts.pool, parts.clock) {}

Task<std::vector<Recovered>> Recovery::run(const Environment& own) {
  CO_TRY(const auto records, co_await journal_.unfinished());
  std::vector<Recovered> all;
  for (const auto& record : records) {
    const auto lease = parts_.operations.begin(record.id, "recovery", record.scope, parts_.clock.now(), {});
    if (!lease) continue;
    auto recovered = co_await recover(record, own);
    all.push_back(std::move(recovered));
  }
  co_return all;
}

asio::awaitable<Recovered> Recovery::recover(const state::OperationRecord& record, const Environment& own) {
  auto detail = state::journal_detail_from(record.detail);
  if (record.kind != "setup" || !detail) {
    co_return co_await stuck(record, detail.value_or(state::JournalDetail()),
                             "this jackind does not know how to finish or undo it");
  }
  co_return co_await recover_setup(record, *std::move(detail), own);
}

asio::awaitable<Recovered> Recovery::recover_setup(const state::OperationRecord& record, state::JournalDetail detail,
                                                   const Environment& own) {
  // A slot is written only after all has been validated; before its reference was known it cannot have been.
  if (!detail.reference.empty()) {
    const auto layer = parts_.configuration.layer(record.scope);
    if (!layer && layer.error().reason != Reason::unknown_workspace) {
      co_return co_await stuck(record, std::move(detail),
                               "whether its token is in use cannot be seen: " + layer.error().message);
    }
    const auto* source = layer ? layer->keys.source() : nullptr;
    if (source != nullptr && secrets::reference_of(*source) == detail.reference) {
      co_return co_await finish_setup(record, detail);
    }
  }
  co_return co_await undo_setup(record, std::move(detail), own);
}

asio::awaitable<Recovered> Recovery::finish_setup(const state::OperationRecord& record,
                                                  const state::JournalDetail& detail) {
  const auto known = parts_.health.token_of(record.scope);
  const bool is_recorded = known && known->reference == detail.reference && known->recorded_at >= record.begun_at;
  if (!is_recorded && detail.fingerprint) {
    state::TokenRecord token;
    token.scope = record.scope;
    token.reference = detail.reference;
    token.fingerprint = *detail.fingerprint;
    token.expires_on = detail.expires_on;
    token.expiry_estimated = detail.expires_on.has_value();
    token.minted_by_us = detail.minted;
    token.organization = detail.organization;
    token.recorded_at = parts_.clock.now();
    const health::UpstreamAnswer not_asked;
    const auto recorded = co_await parts_.health.record(token, not_asked);
    if (!recorded) co_return co_await stuck(record, detail, recorded.error().message);
  }
  co_return co_await end(record, Outcome::done, "its token was in place already");
}

asio::awaitable<Recovered> Recovery::undo_setup(const state::OperationRecord& record, state::JournalDetail detail,
                                                const Environment& own) {
  if (detail.store.empty()) co_return co_await end(record, Outcome::undone, "it had stored nothing");
  const auto store = std::find_if(parts_.stores.begin(), parts_.stores.end(),
                                  [&](const auto* candidate) { return candidate->kind() == detail.store; });
  if (store == parts_.stores.end()) {
    std::string message = "there is no store '" + printable(detail.store) + "' here";
    co_return co_await stuck(record, std::move(detail), std::move(message));
  }
  const auto found = co_await (*store)->find_by_operation(record.id, detail.place_key, own);
  if (!found) co_return co_await stuck(record, std::move(detail), found.error().message);
  if (!*found) co_return co_await end(record, Outcome::undone, "it had stored nothing");
  const auto& item = **found;
  const auto undone = co_await take_out(**store, item, detail.place_key, own);
  if (!undone) {
    detail.remedy = undone.error().remedy;
    co_return co_await stuck(record, std::move(detail), undone.error().message);
  }
  co_return co_await end(record, Outcome::undone, "what it had stored was taken back: " + printable(item.display));
}

asio::awaitable<Recovered> Recovery::end(const state::OperationRecord& record, Outcome outcome, std::string message) {
  // When the disk refuses it, the next start comes to the same end.
  static_cast<void>(co_await journal_.end(record.id, outcome));
  co_return Recovered{record.id, record.kind, record.scope, outcome, std::move(message)};
}

asio::awaitable<Recovered> Recovery::stuck(const state::OperationRecord& record, state::JournalDetail detail,
                                           std::string message) {
  if (detail.remedy.empty() && !detail.place.empty()) {
    detail.remedy = "look for it there and delete it: " + detail.place;
  }
  // The step stays the one that it was stuck in, so that each start tries the same again.
  static_cast<void>(co_await journal_.enter(record.id, record.step, detail));
  static_cast<void>(co_await journal_.end(record.id, Outcome::stuck));
  co_return Recovered{record.id, record.kind, record.scope, Outcome::stuck, std::move(message)};
}

}  // namespace jackin::lifecycle

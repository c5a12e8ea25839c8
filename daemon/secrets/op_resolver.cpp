// SPDX-License-Identifier: Apache-2.0
#include "daemon/secrets/op_store.hpp"

#include <algorithm>
#include <utility>

#include "common/untrusted_text.hpp"
#include "daemon/secrets/op_json.hpp"
#include "daemon/secrets/op_places.hpp"
#include "daemon/secrets/op_reference.hpp"

namespace jackin::secrets {
namespace {

// The position of the field that a reference names, in an item that was read by its name: the only field that `op read`
// would find. Nothing when only `op read` can decide.
std::optional<std::size_t> only_field(const OpItem& item, const OpReference& reference) {
  const bool is_meant = item.id == reference.item || same_op_name(item.title, reference.item);
  if (!is_meant || item.archived) return std::nullopt;
  const auto goes_by_it = [&](const OpField& field) {
    return same_op_name(field.id, reference.field) || same_op_name(field.label, reference.field);
  };
  if (std::count_if(item.fields.begin(), item.fields.end(), goes_by_it) != 1) return std::nullopt;
  const auto found = item.find_fields(reference.field, reference.section);
  if (found.size() != 1) return std::nullopt;
  const OpField& field = item.fields[found.front()];
  const bool is_plain = field.type == "CONCEALED" || field.type == "STRING";
  if (!is_plain || !field.has_value) return std::nullopt;
  return found.front();
}

// What the item records about the expiry of that token. The field takes precedence over the notes, which may be about
// an earlier token.
std::optional<RecordedExpiry> expiry_in(const OpItem& item, const Fingerprint& token) {
  if (item.expires) return RecordedExpiry{*item.expires, false};
  if (item.noted_expiry && item.noted_expiry->token == token) return RecordedExpiry{item.noted_expiry->day, true};
  return std::nullopt;
}

std::optional<Date> day_in(const OpItem& item, const Fingerprint& token) {
  const auto recorded = expiry_in(item, token);
  return recorded ? std::optional(recorded->day) : std::nullopt;
}

// Whether `op read` would give a better error than this failed read of the item.
bool is_about_the_item(Reason reason) {
  return reason == Reason::source_gone || reason == Reason::source_invalid || reason == Reason::program_failed ||
         reason == Reason::unsupported;
}

class OpResolver final : public SourceResolver {
 public:
  OpResolver(Environment daemon, OpCli& op) : daemon_(std::move(daemon)), op_(op), places_(op) {}

  bool serves(const CredentialSource& source) const override { return std::holds_alternative<OpSource>(source); }

  bool may_prompt(const CredentialSource&) const override { return !daemon_.has("OP_SERVICE_ACCOUNT_TOKEN"); }

  Task<Inputs> inputs(const CredentialSource& source, const ResolveContext& context) override {
    CO_TRY(const auto program, co_await op_.program(context.client));
    Environment deciding = deciding_for_op(context.client);
    // `--account` takes precedence over it.
    if (!std::get<OpSource>(source).account.empty()) deciding.erase("OP_ACCOUNT");
    co_return inputs_of(program.path, deciding);
  }

  Result<> check(const CredentialSource& source) const override {
    const auto reference = parse_op_reference(std::get<OpSource>(source).reference);
    return reference ? Result<>() : failure(Reason::source_invalid, reference.error().message, {});
  }

  Task<Secret> resolve(const CredentialSource& source, const ResolveContext& context) override {
    const auto& op = std::get<OpSource>(source);
    auto reference = parse_op_reference(op.reference);
    if (!reference) co_return failure(Reason::source_invalid, reference.error().message, {});
    const OpCaller caller = caller_of(op, context);
    auto value = co_await op_.read(caller, op.reference, context.fresh);
    if (!value && value.error().reason == Reason::source_gone) {
      CO_TRY(co_await confirm_vault(caller, reference->vault));
      value = co_await op_.read(caller, op.reference, true);
      if (!value && value.error().reason == Reason::source_gone) {
        value.error().remedy =
            Remedy::of(RemedyAction::rotate).noting("or put the item back in 1Password (Recently Deleted)");
      }
    }
    if (!value) co_return failure(std::move(value).error());
    co_return checked(std::move(*value), source);
  }

  Task<std::optional<RecordedExpiry>> expiry(const CredentialSource& source, Fingerprint token,
                                             const ResolveContext& context) override {
    const auto& op = std::get<OpSource>(source);
    const OpCaller caller = caller_of(op, context);
    CO_TRY(const auto place, co_await places_.item(caller, op));
    CO_TRY(const auto item, co_await op_.item(caller, place.vault_id, place.item_id));
    co_return expiry_in(item, token);
  }

  // `op item get` returns both values; `op read` supplies what is missing.
  Task<SeenToken> resolve_with_expiry(const CredentialSource& source, const ResolveContext& context) override {
    const auto& op = std::get<OpSource>(source);
    const OpCaller caller = caller_of(op, context);
    SeenToken seen;
    std::optional<OpItem> item;
    const auto reference = parse_op_reference(op.reference);
    const bool can_be_got = reference && reference->query.empty() && !reference->vault.starts_with('-') &&
                            !reference->item.starts_with('-');
    if (can_be_got) {
      const auto document = co_await op_.quick_check(caller, reference->vault, reference->item, context.fresh);
      if (!document && !is_about_the_item(document.error().reason)) co_return failure(document.error());
      const auto field = document ? only_field(document->item, *reference) : std::nullopt;
      if (field && !document->item.fields[*field].concealed_by_op) {
        CO_TRY(auto value, op_field_value(document->text.view(), *field, "the item"));
        CO_TRY(seen.token, checked(std::move(value), source));
        seen.expires_on = day_in(document->item, seen.token.digest().fingerprint());
        co_return seen;
      }
      if (field) {
        item = document->item;
        // Once the version is known, later calls pass --reveal if op supports it.
        static_cast<void>(co_await op_.version(caller));
      }
    }
    CO_TRY(seen.token, co_await resolve(source, context));
    if (item) seen.expires_on = day_in(*item, seen.token.digest().fingerprint());
    co_return seen;
  }

 private:
  static OpCaller caller_of(const OpSource& op, const ResolveContext& context) {
    OpCaller caller;
    caller.client = context.client;
    caller.account = op.account;
    caller.attended = context.attended;
    caller.use = OpUse::source;
    return caller;
  }

  static Result<Secret> checked(Secret value, const CredentialSource& source) {
    return checked_secret(
        std::move(value), describe(source),

        Remedy::of(RemedyAction::rotate).noting("or put only the token into the field, in 1Password"));
  }

  Task<> confirm_vault(const OpCaller& caller, const std::string& vault) {
    CO_TRY(const bool seen, co_await places_.sees_vault(caller, vault));
    if (seen) co_return Result<>();
    co_return failure(op_error(OpFault::no_vault, OpUse::source, "read the token from 1Password", caller.account));
  }

  Environment daemon_;
  OpCli& op_;
  OpPlaces places_;
};

}  // namespace

std::unique_ptr<SourceResolver> op_resolver(Environment daemon, OpCli& op) {
  return std::make_unique<OpResolver>(std::move(daemon), op);
}

}  // namespace jackin::secrets

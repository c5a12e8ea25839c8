#include "daemon/secrets/op_resolver.hpp"

#include <utility>

#include "common/untrusted_text.hpp"
#include "daemon/secrets/op_places.hpp"
#include "daemon/secrets/op_reference.hpp"

namespace jackin::secrets {
namespace {

class OpResolver final : public SourceResolver {
 public:
  OpResolver(Environment daemon, OpCli& op) : daemon_(std::move(daemon)), op_(op), places_(op) {}

  bool serves(const CredentialSource& source) const override { return std::holds_alternative<OpSource>(source); }

  bool may_prompt(const CredentialSource&) const override { return !daemon_.has("OP_SERVICE_ACCOUNT_TOKEN"); }

  Task<Secret> resolve(const CredentialSource& source, const ResolveContext& context) override {
    const auto& op = std::get<OpSource>(source);
    auto reference = parse_op_reference(op.reference);
    if (!reference) {
      co_return failure(Reason::source_invalid, reference.error().message, "mend the reference in the configuration");
    }
    OpCaller caller;
    caller.client = context.client;
    caller.account = op.account;
    caller.attended = context.attended;
    caller.use = OpUse::source;
    auto value = co_await op_.read(caller, op.reference, context.fresh);
    if (!value && value.error().reason == Reason::source_gone) {
      CO_TRY(co_await confirm_vault(caller, reference->vault));
      value = co_await op_.read(caller, op.reference, true);
      if (!value && value.error().reason == Reason::source_gone) {
        value.error().remedy = "jackinctl rotate SCOPE, or put the item back in 1Password (Recently Deleted)";
      }
    }
    if (!value) co_return failure(std::move(value).error());
    co_return checked_secret(std::move(*value), describe(source), "put the token alone into the field, in 1Password");
  }

  Task<std::optional<Date>> expiry(const CredentialSource& source, const ResolveContext& context) override {
    const auto& op = std::get<OpSource>(source);
    OpCaller caller;
    caller.client = context.client;
    caller.account = op.account;
    caller.attended = context.attended;
    caller.use = OpUse::source;
    CO_TRY(const auto place, co_await places_.item(caller, op));
    CO_TRY(const auto item, co_await op_.item(caller, place.vault_id, place.item_id));
    co_return item.expires;
  }

 private:
  Task<> confirm_vault(const OpCaller& caller, const std::string& vault) {
    CO_TRY(const bool seen, co_await places_.sees_vault(caller, vault));
    if (seen) co_return Result<>();
    co_return failure(op_error(OpFault::no_vault, OpUse::source, "read the token from 1Password", caller.account, {}));
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

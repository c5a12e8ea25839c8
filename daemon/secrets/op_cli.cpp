// SPDX-License-Identifier: Apache-2.0
#include "daemon/secrets/op_cli.hpp"

#include <sodium.h>

#include <algorithm>
#include <utility>

#include "common/untrusted_text.hpp"
#include "daemon/secrets/op_json.hpp"
#include "daemon/secrets/op_reference.hpp"
#include "daemon/secrets/resolver.hpp"

namespace jackin::secrets {
namespace {

// An item can contain long notes; a vault can have thousands of items of about half a kilobyte each.
constexpr std::size_t item_limit = std::size_t{1} << 20;
constexpr std::size_t list_limit = std::size_t{8} << 20;
// The first op that has --reveal (its release notes). It prints values in JSON without it, but not in every version.
constexpr DottedVersion first_with_reveal{{2, 30, 0}};
constexpr int tries_on_conflict = 3;

Remedy install_it() {
  return Remedy::try_again("with the 1Password CLI installed: https://developer.1password.com/docs/cli/get-started");
}

void add(std::vector<std::string>& arguments, std::initializer_list<std::string_view> more) {
  arguments.insert(arguments.end(), more.begin(), more.end());
}

std::string item_text(const std::string& item_id) {
  return "the item " + printable(item_id);
}

// Half a second, a second, …, plus a random part of the same length, so that two daemons do not collide again.
Clock::Duration pause_before_try(int next_try) {
  const auto base = std::chrono::milliseconds(250 << (next_try - 1));
  return base + std::chrono::milliseconds(randombytes_uniform(static_cast<std::uint32_t>(base.count())));
}

}  // namespace

Environment given_to_op(const Environment& client) {
  Environment given =
      client.only({"HOME", "PATH", "XDG_*", "LANG", "OP_ACCOUNT", "OP_CONFIG_DIR", "OP_SERVICE_ACCOUNT_TOKEN",
                   "OP_SESSION_*", "OP_CACHE", "OP_BIOMETRIC_UNLOCK_ENABLED"});
  if (!client.has("OP_SERVICE_ACCOUNT_TOKEN")) return given;
  given = given.without({"OP_ACCOUNT", "OP_SESSION_*"});
  given.set("OP_BIOMETRIC_UNLOCK_ENABLED", "false");
  return given;
}

Environment deciding_for_op(const Environment& client) {
  return given_to_op(client).only({"HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "OP_ACCOUNT", "OP_CONFIG_DIR",
                                   "OP_SERVICE_ACCOUNT_TOKEN", "OP_SESSION_*", "OP_BIOMETRIC_UNLOCK_ENABLED"});
}

OpCli::OpCli(ProgramRunner& programs, Clock& clock) : programs_(programs), clock_(clock), mutex_(clock) {}

std::string OpCli::mutex_key(const OpCaller& caller) const {
  if (caller.is_service_account()) {
    const auto token = caller.client.only({"OP_SERVICE_ACCOUNT_TOKEN"});
    return "service account " + inputs_of({}, token).hex();
  }
  const std::string account = caller.account.empty() ? caller.client.value_of("OP_ACCOUNT") : caller.account;
  const auto id = account_ids_.find(account_key(caller, account));
  return id == account_ids_.end() ? account : id->second;
}

std::string OpCli::account_key(const OpCaller& caller, std::string_view name) {
  const auto configuration = caller.client.only({"HOME", "XDG_CONFIG_HOME", "OP_CONFIG_DIR"});
  return inputs_of({}, configuration).hex() + ' ' + std::string(name);
}

Task<Secret> OpCli::run(const OpCaller& caller, Command command) {
  auto program = co_await this->program(caller.client);
  if (!program) {
    Error error = std::move(program).error();
    const bool is_missing = error.reason == Reason::program_missing;
    if (error.reason == Reason::timed_out) {
      error.reason = caller.use == OpUse::source ? Reason::source_unreachable : Reason::store_unavailable;
    }
    error.message =
        "cannot " + command.doing + (is_missing ? ": the 1Password CLI is not available: " : ": ") + error.message;
    if (is_missing) error.remedy = install_it();
    co_return failure(std::move(error));
  }
  const bool may_ask = command.needs_account && caller.attended && !caller.is_service_account();
  const auto limit = may_ask ? attended_limit : unattended_limit;
  auto lock = co_await mutex_.take(mutex_key(caller), limit);
  if (!lock) {
    if (lock.error().reason != Reason::timed_out) {
      co_return failure(Reason::cancelled, "cannot " + command.doing + ": cancelled");
    }
    co_return failure(caller.use == OpUse::source ? Reason::source_unreachable : Reason::store_unavailable,
                      "cannot " + command.doing + ": 1Password has not answered an earlier request",
                      Remedy::try_again("when the request that the 1Password app shows is answered"));
  }
  OpFault fault = OpFault::other;
  if (command.needs_account && !caller.attended && !caller.is_service_account()) {
    Command probe;
    probe.arguments = {"whoami", "--format", "json"};
    probe.doing = command.doing;
    CO_TRY(co_await run_once(caller, probe, program->path, fault));
  }
  for (int tried = 1;; ++tried) {
    auto output = co_await run_once(caller, command, program->path, fault);
    if (output || fault != OpFault::conflict) co_return output;
    if (tried >= command.tries) {
      if (!command.reports_conflict) {
        output.error().reason = caller.use == OpUse::source ? Reason::source_unreachable : Reason::store_unavailable;
      }
      co_return output;
    }
    if (!co_await clock_.wait(pause_before_try(tried))) {
      co_return failure(Reason::cancelled, "cannot " + command.doing + ": cancelled");
    }
  }
}

Task<Secret> OpCli::run_once(const OpCaller& caller, const Command& command, const std::filesystem::path& program,
                             OpFault& fault) {
  const bool whoami = command.arguments.front() == "whoami";
  const bool may_ask = command.needs_account && caller.attended && !caller.is_service_account() && !whoami;
  ProgramCall call;
  call.program = program;
  call.arguments = command.arguments;
  if (command.needs_account && !caller.account.empty() && !caller.is_service_account()) {
    add(call.arguments, {"--account", caller.account});
  }
  call.environment = given_to_op(caller.client);
  if (command.input != nullptr) call.input = command.input->clone();
  call.limit = may_ask ? attended_limit : unattended_limit;
  call.output_limit = command.output_limit;
  fault = OpFault::other;
  auto result = co_await programs_.run(std::move(call));
  if (!result) {
    Error error = std::move(result).error();
    if (error.reason == Reason::timed_out) {
      error.reason = caller.use == OpUse::source ? Reason::source_unreachable : Reason::store_unavailable;
      error.message = "cannot " + command.doing + ": 1Password's command-line tool did not answer in time";
      error.remedy = may_ask ? Remedy::try_again("and approve the request that the 1Password app shows")
                             : Remedy::of(RemedyAction::show_op_account);
    } else if (error.reason == Reason::program_missing) {
      error.remedy = install_it();
    }
    co_return failure(std::move(error));
  }
  if (result->exit_code == 0) co_return std::move(result->output);
  fault = classify_op_errors(result->errors);
  co_return failure(op_error(fault, caller.use, command.doing, caller.account, result->errors, caller.tokens));
}

Task<FoundProgram> OpCli::program(const Environment& client) {
  return programs_.locate("op", client.value_of("PATH"));
}

asio::awaitable<std::optional<OpCli::KnownVersion>> OpCli::program_of(const OpCaller& caller) {
  auto found = co_await program(caller.client);
  if (!found) co_return std::nullopt;
  if (version_ && version_->program.path == found->path && version_->program.state == found->state) co_return version_;
  KnownVersion seen{*std::move(found), std::nullopt};
  co_return seen;
}

Task<DottedVersion> OpCli::version(const OpCaller& caller) {
  auto seen = co_await program_of(caller);
  if (seen && seen->version) co_return *seen->version;
  Command command;
  command.arguments = {"--version"};
  command.doing = "ask 1Password's command-line tool for its version";
  command.needs_account = false;
  CO_TRY(auto output, co_await run(caller, std::move(command)));
  const auto version = DottedVersion::find_beside_product_name(output.view());
  if (!version) {
    co_return failure(Reason::program_failed,
                      "the program op on the PATH reports no version: it is not the 1Password CLI", install_it());
  }
  if (*version < oldest) {
    co_return failure(Reason::unsupported,
                      "the 1Password CLI is too old: " + version->str() + ", and " + oldest.str() + " is needed",
                      Remedy::of_name(RemedyAction::update_program, "op"));
  }
  if (seen) {
    seen->version = *version;
    version_ = std::move(seen);
  }
  co_return *version;
}

Task<OpIdentity> OpCli::whoami(const OpCaller& caller) {
  Command command;
  command.arguments = {"whoami", "--format", "json"};
  command.doing = "find the signed-in account of 1Password";
  // An unattended call first runs `op whoami`, which is this call.
  OpCaller asking = caller;
  asking.attended = true;
  CO_TRY(auto output, co_await run(asking, std::move(command)));
  co_return parse_op_identity(output.view(), "the signed-in account");
}

Task<std::vector<OpAccount>> OpCli::accounts(const OpCaller& caller) {
  Command command;
  command.arguments = {"account", "list", "--format", "json"};
  command.doing = "list the accounts of 1Password";
  command.needs_account = false;
  CO_TRY(auto output, co_await run(caller, std::move(command)));
  auto accounts = parse_op_accounts(output.view(), "the list of accounts");
  if (accounts) {
    for (const OpAccount& account : *accounts) {
      for (const std::string& name : {account.url, account.user_id, account.shorthand}) {
        if (!name.empty()) account_ids_.insert_or_assign(account_key(caller, name), account.id);
      }
    }
    if (accounts->size() == 1) account_ids_.insert_or_assign(account_key(caller, {}), accounts->front().id);
  }
  co_return accounts;
}

Task<std::vector<OpVault>> OpCli::vaults(const OpCaller& caller) {
  Command command;
  command.arguments = {"vault", "list", "--format", "json", "--cache=false"};
  command.doing = "list the vaults of 1Password";
  command.output_limit = item_limit;
  CO_TRY(auto output, co_await run(caller, std::move(command)));
  co_return parse_op_vaults(output.view(), "the list of vaults");
}

Task<std::vector<OpItem>> OpCli::items(const OpCaller& caller, const std::string& vault_id, const std::string& tag) {
  Command command;
  command.arguments = {"item", "list", "--vault", vault_id};
  if (!tag.empty()) add(command.arguments, {"--tags", tag});
  add(command.arguments, {"--format", "json", "--cache=false"});
  command.doing = "list the items of a 1Password vault";
  command.output_limit = list_limit;
  CO_TRY(auto output, co_await run(caller, std::move(command)));
  CO_TRY(auto items, parse_op_items(output.view(), "the items of the vault " + printable(vault_id)));
  // op also returns items with a tag nested below this one.
  if (!tag.empty()) std::erase_if(items, [&](const OpItem& item) { return !item.has_tag(tag); });
  co_return items;
}

Task<OpItem> OpCli::item(const OpCaller& caller, const std::string& vault_id, const std::string& item_id) {
  Command command;
  command.arguments = {"item", "get", item_id, "--vault", vault_id, "--format", "json", "--cache=false"};
  command.doing = "look at an item in 1Password";
  command.output_limit = item_limit;
  CO_TRY(auto output, co_await run(caller, std::move(command)));
  co_return parse_op_item(output.view(), item_text(item_id));
}

Task<OpDocument> OpCli::document(const OpCaller& caller, const std::string& vault_id, const std::string& item_id) {
  CO_TRY(auto version, co_await this->version(caller));
  Command command;
  command.arguments = {"item", "get", item_id, "--vault", vault_id, "--format", "json", "--cache=false"};
  if (version >= first_with_reveal) command.arguments.emplace_back("--reveal");
  command.doing = "read an item from 1Password";
  command.output_limit = item_limit;
  CO_TRY(auto output, co_await run(caller, std::move(command)));
  CO_TRY(auto item, parse_op_item(output.view(), item_text(item_id)));
  const auto concealed = [](const OpField& field) { return field.concealed_by_op; };
  if (std::any_of(item.fields.begin(), item.fields.end(), concealed)) {
    // An edit would store the placeholder in place of the value.
    co_return failure(Reason::unsupported,
                      "this version of the 1Password CLI does not reveal what is in " + item_text(item_id) +
                          ", so the item cannot be changed without loss",
                      Remedy::of_name(RemedyAction::update_program, "op"));
  }
  co_return OpDocument{std::move(item), std::move(output)};
}

Task<OpDocument> OpCli::quick_check(const OpCaller& caller, const std::string& vault, const std::string& item,
                                    bool fresh) {
  const auto seen = co_await program_of(caller);
  Command command;
  command.arguments = {"item", "get", item, "--vault", vault, "--format", "json"};
  if (fresh) command.arguments.emplace_back("--cache=false");
  if (seen && seen->version && *seen->version >= first_with_reveal) command.arguments.emplace_back("--reveal");
  command.doing = "read the token from 1Password";
  command.output_limit = item_limit;
  CO_TRY(auto output, co_await run(caller, std::move(command)));
  CO_TRY(auto parsed, parse_op_item(output.view(), item_text(item)));
  co_return OpDocument{std::move(parsed), std::move(output)};
}

Task<OpItem> OpCli::create(const OpCaller& caller, const std::string& vault_id, const Secret& item_template) {
  CO_TRY(co_await version(caller));
  Command command;
  command.arguments = {"item", "create", "-", "--vault", vault_id, "--format", "json"};
  command.doing = "create an item in 1Password";
  command.input = &item_template;
  command.reports_conflict = true;
  command.output_limit = item_limit;
  CO_TRY(auto output, co_await run(caller, std::move(command)));
  co_return parse_op_item(output.view(), "the new item");
}

Task<OpItem> OpCli::edit(const OpCaller& caller, const std::string& vault_id, const std::string& item_id,
                         const Secret& document) {
  CO_TRY(co_await version(caller));
  Command command;
  command.arguments = {"item", "edit", item_id, "-", "--vault", vault_id, "--format", "json"};
  command.doing = "change an item in 1Password";
  command.input = &document;
  command.reports_conflict = true;
  command.output_limit = item_limit;
  CO_TRY(auto output, co_await run(caller, std::move(command)));
  co_return parse_op_item(output.view(), item_text(item_id));
}

Task<> OpCli::remove(const OpCaller& caller, const std::string& vault_id, const std::string& item_id) {
  Command command;
  command.arguments = {"item", "delete", item_id, "--vault", vault_id};
  command.doing = "delete an item in 1Password";
  command.tries = tries_on_conflict;
  CO_TRY(co_await run(caller, std::move(command)));
  co_return Result<>();
}

Task<Secret> OpCli::read(const OpCaller& caller, const std::string& reference, bool fresh) {
  Command command;
  command.arguments = {"read", reference, "--no-newline"};
  if (fresh) command.arguments.emplace_back("--cache=false");
  command.doing = "read the token from 1Password";
  co_return co_await run(caller, std::move(command));
}

}  // namespace jackin::secrets

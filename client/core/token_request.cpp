// SPDX-License-Identifier: Apache-2.0
#include "client/core/token_request.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <string_view>
#include <utility>

#include "client/rpc/proto_conversion.hpp"

namespace jackin::client {
namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> refuse(std::string message) {
  return failure(Reason::invalid_argument, std::move(message));
}

std::string absolute(std::string_view path, const fs::path& folder) {
  if (path.empty() || path.starts_with('/') || path.starts_with('~')) return std::string(path);
  return (folder / path).lexically_normal().string();
}

// 1Password's item IDs have this form: 26 lower-case letters and digits.
bool is_item_id(std::string_view name) {
  return name.size() == 26 &&
         std::all_of(name.begin(), name.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
}

Result<> check(const TokenArguments& arguments) {
  if (!arguments.vault.empty() && !arguments.store.empty() && arguments.store != "op") {
    return refuse("--vault is 1Password's, it does not go with --store " + arguments.store);
  }
  return {};
}

Result<> check(const SetupArguments& arguments) {
  TRY(check(static_cast<const TokenArguments&>(arguments)));
  const bool has_place = !arguments.store.empty() || !arguments.vault.empty() || !arguments.item_name.empty() ||
                         !arguments.field.empty() || !arguments.section.empty();
  if (arguments.plain && has_place) return refuse("--plain keeps the token in the configuration, not in a store");
  if (!arguments.reuse.empty() && (has_place || arguments.plain)) {
    return refuse("--reuse adopts a token where it is, it does not go with another place");
  }
  if (arguments.interactive && (arguments.plain || !arguments.reuse.empty())) {
    return refuse(std::string("--interactive asks for a place, it does not go with ") +
                  (arguments.plain ? "--plain" : "--reuse"));
  }
  if (arguments.reuse.find("sk-ant-") != arguments.reuse.npos) {
    return refuse("--reuse takes a reference; a token on the command line is seen by everybody on this machine");
  }
  if (!arguments.workdir.empty() && !arguments.create) return refuse("--workdir needs --create");
  if (arguments.create && arguments.scope.global)
    return refuse("--create makes a workspace's file, not the global one");
  return {};
}

Result<> check(const RotateArguments& arguments) {
  TRY(check(static_cast<const TokenArguments&>(arguments)));
  if (!arguments.all) return {};
  if (arguments.scope.given()) return refuse("either one scope or --all");
  if (is_item_id(arguments.item_name)) {
    return refuse(
        "--all with one item's ID would put every token into the same field; give a title, perhaps with {ws}");
  }
  return {};
}

void fill(v1::TokenRequest& options, const TokenArguments& arguments, const Environment& environment) {
  *options.mutable_environment() = to_proto(environment);
  v1::StorePlace& place = *options.mutable_place();
  place.set_store(arguments.vault.empty() ? arguments.store : "op");
  place.set_vault(arguments.vault);
  place.set_item_name(arguments.item_name);
  place.set_op_account(arguments.op_account);
  options.set_no_verify(arguments.no_verify);
}

}  // namespace

void add_token_arguments(CLI::App& command, TokenArguments& arguments) {
  add_scope(command, arguments.scope);
  command.add_option("--store", arguments.store, "Store to keep the token in")
      ->check(CLI::IsMember({"op", "keychain", "secret-service", "file"}).description(""))
      ->type_name("op|keychain|secret-service|file");
  command.add_option("--vault", arguments.vault, "1Password vault; implies --store op")->type_name("VAULT");
  command.add_option("--item-name", arguments.item_name, "Title of the 1Password item; {ws} is the workspace")
      ->type_name("TITLE");
  command.add_option("--op-account", arguments.op_account, "1Password account")->type_name("ACCOUNT");
  command.add_flag("--qr", arguments.qr, "Also show the link as a QR code");
  command.add_flag("--no-browser", arguments.no_browser, "Show the link instead of opening a browser");
  command.add_flag("--no-verify", arguments.no_verify, "Do not check the token with the API");
  command.add_flag("--yes", arguments.yes, "Answer one question with its first choice");
  add_format(command, arguments.format);
}

Result<v1::SetupRequest> setup_request(const SetupArguments& arguments, const Environment& environment,
                                       const fs::path& folder) {
  TRY(const Scope scope, scope_of(arguments.scope));
  TRY(check(arguments));
  v1::SetupRequest request;
  v1::TokenRequest& options = *request.mutable_token();
  fill(options, arguments, environment);
  *options.mutable_scope() = to_proto(scope);
  options.mutable_place()->set_field(arguments.field);
  options.mutable_place()->set_section(arguments.section);
  options.set_plain(arguments.plain);
  constexpr std::string_view file = "file:";
  request.set_reuse(arguments.reuse.starts_with(file)
                        ? std::string(file) + absolute(std::string_view(arguments.reuse).substr(file.size()), folder)
                        : arguments.reuse);
  request.set_create(arguments.create);
  const bool here = arguments.create && arguments.workdir.empty();
  request.set_workdir(here ? folder.string() : absolute(arguments.workdir, folder));
  return request;
}

Result<v1::RotateRequest> rotate_request(const RotateArguments& arguments, const Environment& environment) {
  TRY(check(arguments));
  v1::RotateRequest request;
  fill(*request.mutable_token(), arguments, environment);
  if (!arguments.all) {
    TRY(const Scope scope, scope_of(arguments.scope));
    *request.mutable_token()->mutable_scope() = to_proto(scope);
  }
  request.set_with_sharing(arguments.all);
  return request;
}

}  // namespace jackin::client

// SPDX-License-Identifier: Apache-2.0
#include "client/core/token_request.hpp"

#include <algorithm>
#include <string_view>

#include "client/rpc/proto_conversion.hpp"
#include "common/pasted_credential.hpp"
#include "common/remedy.hpp"
#include "proto/enum_conversion.hpp"

namespace jackin::client {
namespace {

namespace fs = std::filesystem;

std::string absolute(std::string_view path, const fs::path& folder) {
  if (path.empty() || path.starts_with('/') || path.starts_with('~')) return std::string(path);
  return (folder / path).lexically_normal().string();
}

// 1Password's item IDs have this form: 26 lower-case letters and digits.
bool is_item_id(std::string_view name) {
  return name.size() == 26 &&
         std::all_of(name.begin(), name.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
}

Result<> expect_no_credential_in(const TokenOptions& options) {
  TRY(expect_no_credential("the vault", options.vault));
  TRY(expect_no_credential("the item name", options.item_name));
  return expect_no_credential("the account", options.op_account);
}

void fill(v1::TokenRequest& request, const TokenOptions& options, const Environment& environment) {
  *request.mutable_environment() = to_proto(environment);
  v1::StorePlace& place = *request.mutable_place();
  const auto store = !options.store && !options.vault.empty() ? SourceKind::op : options.store;
  if (store) place.set_store(to_proto(*store));
  place.set_vault(options.vault);
  place.set_item_name(options.item_name);
  place.set_op_account(options.op_account);
  request.set_plain(options.plain);
  request.set_no_verify(options.no_verify);
}

}  // namespace

Result<v1::SetupRequest> setup_request(const Scope& scope, const SetupOptions& options, const Environment& environment,
                                       const fs::path& folder) {
  TRY(expect_no_credential_in(options));
  TRY(expect_no_credential("the field", options.field));
  TRY(expect_no_credential("the section", options.section));
  TRY(expect_no_credential("the reference", options.reuse));
  TRY(expect_no_credential("the folder", options.workdir));
  v1::SetupRequest request;
  v1::TokenRequest& token = *request.mutable_token();
  fill(token, options, environment);
  *token.mutable_scope() = to_proto(scope);
  token.mutable_place()->set_field(options.field);
  token.mutable_place()->set_section(options.section);
  constexpr std::string_view file = "file:";
  request.set_reuse(options.reuse.starts_with(file)
                        ? std::string(file) + absolute(std::string_view(options.reuse).substr(file.size()), folder)
                        : options.reuse);
  request.set_create(options.create);
  const bool here = options.create && options.workdir.empty();
  request.set_workdir(here ? folder.string() : absolute(options.workdir, folder));
  return request;
}

Result<v1::RotateRequest> rotate_request(const Scope& scope, const TokenOptions& options,
                                         const Environment& environment) {
  TRY(expect_no_credential_in(options));
  v1::RotateRequest request;
  fill(*request.mutable_token(), options, environment);
  *request.mutable_token()->mutable_scope() = to_proto(scope);
  return request;
}

Result<v1::RotateRequest> rotate_all_request(const TokenOptions& options, const Environment& environment) {
  if (is_item_id(options.item_name)) {
    return failure(Reason::invalid_argument,
                   "one item's ID would put every token into the same field; give a title, perhaps with {ws}");
  }
  TRY(expect_no_credential_in(options));
  v1::RotateRequest request;
  fill(*request.mutable_token(), options, environment);
  request.set_with_sharing(true);
  return request;
}

Result<> expect_no_credential_in(const v1::StorePlace& place) {
  TRY(expect_no_credential("the vault", place.vault()));
  TRY(expect_no_credential("the item name", place.item_name()));
  TRY(expect_no_credential("the field", place.field()));
  TRY(expect_no_credential("the section", place.section()));
  return expect_no_credential("the account", place.op_account());
}

void set_terminal(v1::TokenInput& first, int rows, int columns, bool can_open_browser) {
  v1::TokenRequest& request =
      first.has_setup() ? *first.mutable_setup()->mutable_token() : *first.mutable_rotate()->mutable_token();
  request.mutable_terminal()->set_rows(static_cast<unsigned>(rows));
  request.mutable_terminal()->set_columns(static_cast<unsigned>(columns));
  request.set_can_open_browser(can_open_browser);
}

}  // namespace jackin::client

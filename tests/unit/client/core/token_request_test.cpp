// SPDX-License-Identifier: Apache-2.0
#include "client/core/token_request.hpp"

#include <gtest/gtest.h>

#include "common/remedy_command.hpp"

namespace jackin::client {
namespace {

v1::SetupRequest request_of(const SetupOptions& options) {
  return setup_request(*Scope::workspace("my-app"), options, Environment(), "/here").value();
}

TEST(SetupRequest, Options_Converted) {
  SetupOptions options;
  options.store = SourceKind::op;
  options.vault = "Private";
  options.item_name = "Claude {ws}";
  options.field = "f";
  options.section = "s";
  options.op_account = "a";
  options.no_verify = true;
  const auto request = request_of(options);
  EXPECT_EQ(request.token().scope().workspace(), "my-app");
  EXPECT_EQ(request.token().place().store(), v1::SOURCE_KIND_OP);
  EXPECT_EQ(request.token().place().vault(), "Private");
  EXPECT_EQ(request.token().place().item_name(), "Claude {ws}");
  EXPECT_EQ(request.token().place().field(), "f");
  EXPECT_EQ(request.token().place().section(), "s");
  EXPECT_EQ(request.token().place().op_account(), "a");
  EXPECT_TRUE(request.token().no_verify());
  EXPECT_FALSE(request.token().plain());
}

TEST(SetupRequest, VaultWithoutStore_MeansOnePassword) {
  SetupOptions options;
  options.vault = "Private";
  EXPECT_EQ(request_of(options).token().place().store(), v1::SOURCE_KIND_OP);
  options.store = SourceKind::file;
  EXPECT_EQ(request_of(options).token().place().store(), v1::SOURCE_KIND_FILE) << "the daemon refuses the vault";
}

TEST(SetupRequest, RelativePaths_Resolved) {
  SetupOptions options;
  options.reuse = "file:sub/../token";
  EXPECT_EQ(request_of(options).reuse(), "file:/here/token");
  options.reuse = "file:~/token";
  EXPECT_EQ(request_of(options).reuse(), "file:~/token");
  options.reuse = "file:/abs/token";
  EXPECT_EQ(request_of(options).reuse(), "file:/abs/token");
  options.reuse = "command:pass show claude";
  EXPECT_EQ(request_of(options).reuse(), "command:pass show claude");
  options = SetupOptions();
  options.create = true;
  options.workdir = "src";
  EXPECT_EQ(request_of(options).workdir(), "/here/src");
}

TEST(SetupRequest, CreateWithoutFolder_CurrentFolder) {
  SetupOptions options;
  options.create = true;
  EXPECT_EQ(request_of(options).workdir(), "/here");
}

TEST(SetupRequest, Environment_WithoutCredentials) {
  const Environment environment({{"HOME", "/h"}, {"ANTHROPIC_API_KEY", "secret"}, {"OTHER", "x"}});
  const auto request = setup_request(Scope::global(), {}, environment, "/here").value();
  ASSERT_EQ(request.token().environment().variables_size(), 1);
  EXPECT_EQ(request.token().environment().variables(0).name(), "HOME");
  EXPECT_EQ(request.token().environment().variables(0).value(), "/h");
}

// The daemon's check is too late, because the daemon's memory then contains the token.
TEST(TokenRequests, TokenInOption_NotSent) {
  const std::string token = "sk-ant-oat01-" + std::string(93, 'a') + "AA";
  const auto expect_refused = [&token](const auto& request, const std::string& option) {
    ASSERT_FALSE(request) << option;
    EXPECT_EQ(request.error().reason, Reason::invalid_argument) << option;
    EXPECT_EQ((request.error().message + command_line(request.error().remedy)).find(token), std::string::npos)
        << option;
  };
  const auto setup_with = [](const SetupOptions& options) {
    return setup_request(Scope::global(), options, Environment(), "/here");
  };
  for (const auto text : {&SetupOptions::field, &SetupOptions::section, &SetupOptions::reuse, &SetupOptions::workdir}) {
    SetupOptions options;
    options.*text = "x:" + token;
    expect_refused(setup_with(options), "of setup");
  }
  for (const auto text : {&TokenOptions::vault, &TokenOptions::item_name, &TokenOptions::op_account}) {
    SetupOptions options;
    options.*text = token;
    expect_refused(setup_with(options), "of both, in setup");
    expect_refused(rotate_request(Scope::global(), options, Environment()), "of both, in rotate");
    expect_refused(rotate_all_request(options, Environment()), "of both, in rotate --all");
  }
}

TEST(TokenRequests, TokenInTypedPlace_Refused) {
  const std::string token = "sk-ant-oat01-" + std::string(93, 'a') + "AA";
  v1::StorePlace place;
  place.set_item_name("Claude {ws}");
  EXPECT_TRUE(expect_no_credential_in(place));
  place.set_item_name(token);
  EXPECT_FALSE(expect_no_credential_in(place));
  place.set_item_name("Claude");
  place.set_section("x" + token);
  EXPECT_FALSE(expect_no_credential_in(place));
}

TEST(RotateAllRequest, NoScope_WithSharing) {
  TokenOptions options;
  options.vault = "Work";
  const auto request = rotate_all_request(options, Environment());
  ASSERT_TRUE(request);
  EXPECT_FALSE(request->token().has_scope());
  EXPECT_TRUE(request->with_sharing());
  EXPECT_EQ(request->token().place().store(), v1::SOURCE_KIND_OP);
}

TEST(RotateAllRequest, ItemId_Rejected) {
  TokenOptions options;
  options.item_name = "abcdefghijklmnopqrstuvwxyz";
  const auto request = rotate_all_request(options, Environment());
  ASSERT_FALSE(request);
  EXPECT_EQ(request.error().reason, Reason::invalid_argument);
}

TEST(SetTerminal, EitherRequest_Set) {
  v1::TokenInput setup;
  setup.mutable_setup();
  set_terminal(setup, 24, 80, true);
  EXPECT_EQ(setup.setup().token().terminal().columns(), 80U);
  EXPECT_TRUE(setup.setup().token().can_open_browser());
  v1::TokenInput rotation;
  rotation.mutable_rotate();
  set_terminal(rotation, 24, 80, false);
  EXPECT_EQ(rotation.rotate().token().terminal().rows(), 24U);
  EXPECT_FALSE(rotation.rotate().token().can_open_browser());
}

}  // namespace
}  // namespace jackin::client

// SPDX-License-Identifier: Apache-2.0
#include "client/core/token_request.hpp"

#include <gtest/gtest.h>

namespace jackin::client {
namespace {

SetupArguments for_workspace() {
  SetupArguments arguments;
  arguments.scope.workspace = "my-app";
  return arguments;
}

v1::SetupRequest request_of(const SetupArguments& arguments) {
  auto request = setup_request(arguments, Environment(), "/here");
  if (!request) {
    ADD_FAILURE() << request.error().message;
    return {};
  }
  return *request;
}

bool is_refused(const SetupArguments& arguments) {
  const auto request = setup_request(arguments, Environment(), "/here");
  return !request && request.error().reason == Reason::invalid_argument;
}

TEST(SetupRequest, PassesPlaceAndWishesOn) {
  SetupArguments arguments = for_workspace();
  arguments.store = "op";
  arguments.vault = "Private";
  arguments.item_name = "Claude {ws}";
  arguments.field = "f";
  arguments.section = "s";
  arguments.op_account = "a";
  arguments.no_verify = true;
  const auto request = request_of(arguments);
  EXPECT_EQ(request.token().scope().workspace(), "my-app");
  EXPECT_EQ(request.token().place().store(), "op");
  EXPECT_EQ(request.token().place().vault(), "Private");
  EXPECT_EQ(request.token().place().item_name(), "Claude {ws}");
  EXPECT_EQ(request.token().place().field(), "f");
  EXPECT_EQ(request.token().place().section(), "s");
  EXPECT_EQ(request.token().place().op_account(), "a");
  EXPECT_TRUE(request.token().no_verify());
  EXPECT_FALSE(request.token().plain());
}

TEST(SetupRequest, TakesAVaultForOnePassword) {
  SetupArguments arguments = for_workspace();
  arguments.vault = "Private";
  EXPECT_EQ(request_of(arguments).token().place().store(), "op");
  arguments.store = "file";
  EXPECT_TRUE(is_refused(arguments));
}

TEST(SetupRequest, RefusesPlacesThatExcludeEachOther) {
  SetupArguments arguments = for_workspace();
  arguments.plain = true;
  arguments.store = "file";
  EXPECT_TRUE(is_refused(arguments));
  arguments = for_workspace();
  arguments.reuse = "env:NAME";
  arguments.plain = true;
  EXPECT_TRUE(is_refused(arguments));
  arguments = for_workspace();
  arguments.reuse = "env:NAME";
  arguments.item_name = "x";
  EXPECT_TRUE(is_refused(arguments));
}

TEST(SetupRequest, RefusesATokenOnTheCommandLineAndDoesNotRepeatIt) {
  SetupArguments arguments = for_workspace();
  arguments.reuse = "sk-ant-oat01-abcdefgh";
  const auto request = setup_request(arguments, Environment(), "/here");
  ASSERT_FALSE(request);
  EXPECT_EQ(request.error().message.find("abcdefgh"), std::string::npos);
}

TEST(SetupRequest, TakesRelativePathsFromHereSinceTheDaemonIsElsewhere) {
  SetupArguments arguments = for_workspace();
  arguments.reuse = "file:sub/../token";
  EXPECT_EQ(request_of(arguments).reuse(), "file:/here/token");
  arguments.reuse = "file:~/token";
  EXPECT_EQ(request_of(arguments).reuse(), "file:~/token");
  arguments.reuse = "file:/abs/token";
  EXPECT_EQ(request_of(arguments).reuse(), "file:/abs/token");
  arguments.reuse = "command:pass show claude";
  EXPECT_EQ(request_of(arguments).reuse(), "command:pass show claude");
  arguments = for_workspace();
  arguments.create = true;
  arguments.workdir = "src";
  EXPECT_EQ(request_of(arguments).workdir(), "/here/src");
}

TEST(SetupRequest, MakesAFileOnlyForAWorkspaceAndAFolderOnlyForAFile) {
  SetupArguments arguments = for_workspace();
  arguments.workdir = "/src";
  EXPECT_TRUE(is_refused(arguments));
  arguments = SetupArguments();
  arguments.scope.global = true;
  arguments.create = true;
  EXPECT_TRUE(is_refused(arguments));
}

TEST(SetupRequest, MakesAWorkspaceOfThisFolderWhenNoneIsNamed) {
  SetupArguments arguments = for_workspace();
  arguments.create = true;
  EXPECT_EQ(request_of(arguments).workdir(), "/here");
}

TEST(SetupRequest, SendsNoCredentialOfTheEnvironment) {
  const Environment environment({{"HOME", "/h"}, {"ANTHROPIC_API_KEY", "secret"}, {"OTHER", "x"}});
  const auto request = setup_request(for_workspace(), environment, "/here");
  ASSERT_TRUE(request);
  ASSERT_EQ(request->token().environment().variables_size(), 1);
  EXPECT_EQ(request->token().environment().variables(0).name(), "HOME");
  EXPECT_EQ(request->token().environment().variables(0).value(), "/h");
}

}  // namespace
}  // namespace jackin::client

// SPDX-License-Identifier: Apache-2.0
#include "daemon/ipc/proto_conversion.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace jackin::ipc {
namespace {

TEST(ProtoConversion, Scope_RejectedByJackin_Rejected) {
  for (const auto& [workspace, role] : std::initializer_list<std::pair<const char*, const char*>>{
           {"..", ""}, {"a/b", ""}, {"a", "Role"}, {"a", "x/y/z"}, {"", "role"}}) {
    v1::Scope proto;
    proto.set_workspace(workspace);
    proto.set_role(role);
    const auto scope = from_proto(proto);
    ASSERT_FALSE(scope) << workspace << ":" << role;
    EXPECT_EQ(scope.error().reason, Reason::invalid_argument);
  }
}

TEST(ProtoConversion, Scope_Empty_Global) {
  const auto scope = from_proto(v1::Scope());
  ASSERT_TRUE(scope);
  EXPECT_TRUE(scope->is_global());
}

void set(v1::ClientEnvironment& proto, const std::string& name, const std::string& value) {
  v1::Variable& variable = *proto.add_variables();
  variable.set_name(name);
  variable.set_value(value);
}

TEST(ProtoConversion, ClientEnvironment_Credentials_Dropped) {
  v1::ClientEnvironment proto;
  set(proto, "HOME", "/home/p");
  set(proto, "CLAUDE_CODE_OAUTH_TOKEN", "x");
  set(proto, "ANTHROPIC_API_KEY", "x");
  set(proto, "LD_PRELOAD", "/evil.so");
  const Environment environment = from_proto(proto);
  EXPECT_EQ(environment.variables(), (Environment::Variables{{"HOME", "/home/p"}}));
}

TEST(ProtoConversion, ClientEnvironment_MalformedVariables_Dropped) {
  v1::ClientEnvironment proto;
  set(proto, "XDG_A=B", "x");
  set(proto, "XDG_NUL", std::string("a\0b", 3));
  EXPECT_TRUE(from_proto(proto).variables().empty());
}

TEST(ProtoConversion, SetupRequest_VerifiesByDefault) {
  v1::SetupRequest proto;
  proto.mutable_token()->mutable_scope()->set_workspace("demo");
  EXPECT_TRUE(from_proto(proto)->verify);
  proto.mutable_token()->set_no_verify(true);
  EXPECT_FALSE(from_proto(proto)->verify);
}

TEST(ProtoConversion, RotateRequest_TokenRequest_Converted) {
  v1::RotateRequest proto;
  proto.mutable_token()->mutable_scope()->set_workspace("demo");
  proto.mutable_token()->mutable_place()->set_vault("Work");
  proto.mutable_token()->mutable_place()->set_item_name("Claude");
  proto.set_with_sharing(true);
  const auto request = from_proto(proto);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->scope.str(), "demo");
  EXPECT_EQ(request->place.vault, "Work");
  EXPECT_EQ(request->place.item_name, "Claude");
  EXPECT_TRUE(request->with_sharing);
  EXPECT_TRUE(request->verify);
}

TEST(ProtoConversion, CredentialInAnyText_RejectedWithoutQuotingIt) {
  const std::string credential = "sk-ant-oat01-abcdefgh";
  using Edit = std::function<void(v1::SetupRequest&)>;
  const std::vector<Edit> edits{
      [&](auto& request) { request.mutable_token()->mutable_scope()->set_workspace(credential); },
      [&](auto& request) { request.mutable_token()->mutable_scope()->set_role(credential); },
      [&](auto& request) { request.mutable_token()->set_claude("/opt/" + credential); },
      [&](auto& request) { request.mutable_token()->mutable_place()->set_vault(credential); },
      [&](auto& request) { request.mutable_token()->mutable_place()->set_item_name(credential); },
      [&](auto& request) { request.mutable_token()->mutable_place()->set_field(credential); },
      [&](auto& request) { request.mutable_token()->mutable_place()->set_section(credential); },
      [&](auto& request) { request.mutable_token()->mutable_place()->set_op_account(credential); },
      [&](auto& request) { request.set_reuse("file:" + credential); },
      [&](auto& request) { request.set_workdir("/" + credential); },
  };
  for (const Edit& edit : edits) {
    v1::SetupRequest proto;
    proto.mutable_token()->mutable_scope()->set_workspace("demo");
    ASSERT_TRUE(from_proto(proto));
    edit(proto);
    const auto request = from_proto(proto);
    ASSERT_FALSE(request);
    EXPECT_EQ(request.error().reason, Reason::invalid_argument);
    EXPECT_NE(request.error().message.find("counts as leaked"), std::string::npos) << request.error().message;
    EXPECT_EQ(request.error().message.find("abcdefgh"), std::string::npos) << request.error().message;
  }
  EXPECT_FALSE(check_place(credential));
  EXPECT_FALSE(check_path("folder", "/src/" + credential));
}

TEST(ProtoConversion, ValueTooLong_RejectedBeforeItIsDecoded) {
  const std::string credential = "sk-ant-oat01-abcdefgh";
  const auto refused = check_path("folder", "/" + std::string(4096, 'x') + "/" + credential);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "the request's folder is not usable");
}

TEST(ProtoConversion, SetupRequest_TextNotUtf8_Rejected) {
  v1::SetupRequest proto;
  proto.mutable_token()->mutable_scope()->set_workspace("caf\xe9");
  proto.mutable_token()->set_claude("/opt/caf\xe9/claude");
  ASSERT_TRUE(from_proto(proto));
  EXPECT_EQ(from_proto(proto)->scope.workspace_name(), "caf\xe9");
  EXPECT_EQ(from_proto(proto)->claude, "/opt/caf\xe9/claude");
  proto.set_reuse("file:/caf\xe9");
  EXPECT_EQ(from_proto(proto).error().message, R"(the request's reference is not UTF-8: 'file:/caf\xe9')");
  proto.clear_reuse();
  proto.mutable_token()->mutable_place()->set_vault("caf\xe9");
  EXPECT_EQ(from_proto(proto).error().message, R"(the request's vault is not UTF-8: 'caf\xe9')");
}

TEST(ProtoConversion, RevokeRequest_NeitherScopeNorAll_Rejected) {
  v1::RevokeRequest proto;
  EXPECT_EQ(from_proto(proto).error().reason, Reason::invalid_argument);
  proto.mutable_scope();
  proto.set_delete_item(true);
  ASSERT_TRUE(from_proto(proto));
  EXPECT_TRUE(from_proto(proto)->scope.is_global());
  EXPECT_TRUE(from_proto(proto)->delete_item);
  EXPECT_FALSE(from_proto(proto)->all);
  EXPECT_FALSE(from_proto(proto)->force);
  proto.set_all(true);
  EXPECT_EQ(from_proto(proto).error().reason, Reason::invalid_argument);
  proto.clear_scope();
  EXPECT_TRUE(from_proto(proto)->all);
}

TEST(ProtoConversion, LaunchPlan_TokenOnlyInItsField) {
  launch::LaunchPlan plan;
  plan.token = Secret::copy_of("the-token");
  v1::PrepareReply proto;
  to_proto(plan, proto);
  EXPECT_EQ(proto.token(), "the-token");
  proto.clear_token();
  EXPECT_EQ(proto.SerializeAsString().find("the-token"), std::string::npos);
}

TEST(ProtoConversion, LaunchPlan_NoToken_FieldUnset) {
  v1::PrepareReply proto;
  to_proto(launch::LaunchPlan(), proto);
  EXPECT_FALSE(proto.has_token());
}

TEST(ProtoConversion, PrepareRequest_VariableOfClient_UnsetIsNotEmpty) {
  v1::PrepareRequest proto;
  proto.mutable_scope()->set_workspace("demo");
  EXPECT_FALSE(from_proto(proto)->variable);
  proto.mutable_variable()->set_name("MY_TOKEN");
  auto wanted = from_proto(proto);
  ASSERT_TRUE(wanted && wanted->variable);
  EXPECT_EQ(wanted->variable->name, "MY_TOKEN");
  EXPECT_EQ(wanted->variable->value, nullptr);
  proto.mutable_variable()->set_value("the-token");
  wanted = from_proto(proto);
  ASSERT_TRUE(wanted && wanted->variable && wanted->variable->value);
  EXPECT_EQ(wanted->variable->value->view(), "the-token");
  EXPECT_EQ(proto.variable().value(), "") << "wiped";
}

TEST(ProtoConversion, UnknownStore_InvalidArgument) {
  v1::SetupRequest request;
  request.mutable_token()->mutable_scope()->set_workspace("demo");
  ASSERT_TRUE(from_proto(request)) << "unspecified means the default";
  request.mutable_token()->mutable_place()->set_store(v1::SOURCE_KIND_OP);
  EXPECT_EQ(from_proto(request)->place.store, SourceKind::op);
  request.mutable_token()->mutable_place()->set_store(static_cast<v1::SourceKind>(99));
  const auto refused = from_proto(request);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, Reason::invalid_argument);
  EXPECT_EQ(refused.error().message, "the request's store (99) is not known");
}

}  // namespace
}  // namespace jackin::ipc

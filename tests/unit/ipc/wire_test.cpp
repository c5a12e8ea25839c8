#include "daemon/ipc/wire.hpp"

#include <gtest/gtest.h>

namespace jackin::ipc {
namespace {

TEST(Wire, RefusesScopesThatJackinWouldRefuse) {
  for (const auto& [workspace, role] : std::initializer_list<std::pair<const char*, const char*>>{
           {"..", ""}, {"a/b", ""}, {"a", "Role"}, {"a", "x/y/z"}, {"", "role"}}) {
    v1::Scope wire;
    wire.set_workspace(workspace);
    wire.set_role(role);
    const auto scope = from_wire(wire);
    ASSERT_FALSE(scope) << workspace << ":" << role;
    EXPECT_EQ(scope.error().reason, Reason::invalid_argument);
  }
}

TEST(Wire, TakesNoScopeAtAllForGlobal) {
  const auto scope = from_wire(v1::Scope());
  ASSERT_TRUE(scope);
  EXPECT_TRUE(scope->is_global());
}

void set(v1::ClientEnvironment& wire, const std::string& name, const std::string& value) {
  v1::Variable& variable = *wire.add_variables();
  variable.set_name(name);
  variable.set_value(value);
}

TEST(Wire, DropsCredentialsThatAClientShouldNotHaveSent) {
  v1::ClientEnvironment wire;
  set(wire, "HOME", "/home/p");
  set(wire, "CLAUDE_CODE_OAUTH_TOKEN", "x");
  set(wire, "ANTHROPIC_API_KEY", "x");
  set(wire, "LD_PRELOAD", "/evil.so");
  const Environment environment = from_wire(wire);
  EXPECT_EQ(environment.variables(), (Environment::Variables{{"HOME", "/home/p"}}));
}

TEST(Wire, DropsVariablesThatAreNone) {
  v1::ClientEnvironment wire;
  set(wire, "XDG_A=B", "x");
  set(wire, "XDG_NUL", std::string("a\0b", 3));
  EXPECT_TRUE(from_wire(wire).variables().empty());
}

TEST(Wire, RefusesASetupRequestWithARelativeFolder) {
  v1::SetupRequest wire;
  wire.mutable_order()->mutable_scope()->set_workspace("demo");
  wire.set_workdir("here");
  const auto request = from_wire(wire);
  ASSERT_FALSE(request);
  EXPECT_EQ(request.error().reason, Reason::invalid_argument);
}

TEST(Wire, VerifiesUnlessToldNotTo) {
  v1::SetupRequest wire;
  wire.mutable_order()->mutable_scope()->set_workspace("demo");
  EXPECT_TRUE(from_wire(wire)->verify);
  wire.mutable_order()->set_no_verify(true);
  EXPECT_FALSE(from_wire(wire)->verify);
}

TEST(Wire, TakesARotationsOrderAsASetups) {
  v1::RotateRequest wire;
  wire.mutable_order()->mutable_scope()->set_workspace("demo");
  wire.mutable_order()->mutable_place()->set_vault("Work");
  wire.mutable_order()->mutable_place()->set_item_name("Claude");
  wire.set_with_sharing(true);
  const auto request = from_wire(wire);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->scope.str(), "demo");
  EXPECT_EQ(request->place.vault, "Work");
  EXPECT_EQ(request->place.item_name, "Claude");
  EXPECT_TRUE(request->with_sharing);
  EXPECT_TRUE(request->verify);
}

TEST(Wire, RefusesTextThatNoConfigurationCouldHold) {
  v1::SetupRequest wire;
  wire.mutable_order()->mutable_scope()->set_workspace("caf\xe9");
  wire.mutable_order()->set_claude("/opt/caf\xe9/claude");
  ASSERT_TRUE(from_wire(wire));
  EXPECT_EQ(from_wire(wire)->scope.workspace_name(), "caf\xe9");
  EXPECT_EQ(from_wire(wire)->claude, "/opt/caf\xe9/claude");
  wire.set_reuse("file:/caf\xe9");
  EXPECT_EQ(from_wire(wire).error().message, R"(the request's reference is not UTF-8: 'file:/caf\xe9')");
  wire.clear_reuse();
  wire.mutable_order()->mutable_place()->set_vault("caf\xe9");
  EXPECT_EQ(from_wire(wire).error().message, R"(the request's vault is not UTF-8: 'caf\xe9')");
}

TEST(Wire, RevokesOneScopeOrAllAndNothingByMistake) {
  v1::RevokeRequest wire;
  EXPECT_EQ(from_wire(wire).error().reason, Reason::invalid_argument);
  wire.mutable_scope();
  wire.set_delete_item(true);
  ASSERT_TRUE(from_wire(wire));
  EXPECT_TRUE(from_wire(wire)->scope.is_global());
  EXPECT_TRUE(from_wire(wire)->delete_item);
  EXPECT_FALSE(from_wire(wire)->all);
  EXPECT_FALSE(from_wire(wire)->force);
  wire.set_all(true);
  EXPECT_EQ(from_wire(wire).error().reason, Reason::invalid_argument);
  wire.clear_scope();
  EXPECT_TRUE(from_wire(wire)->all);
}

TEST(Wire, PutsATokenIntoThePlanAndNowhereElse) {
  launch::LaunchPlan plan;
  plan.token = Secret::copy_of("the-token");
  v1::PrepareReply wire;
  to_wire(plan, wire);
  EXPECT_EQ(wire.token(), "the-token");
  wire.clear_token();
  EXPECT_EQ(wire.SerializeAsString().find("the-token"), std::string::npos);
}

TEST(Wire, SaysNoTokenWhereThereIsNone) {
  v1::PrepareReply wire;
  to_wire(launch::LaunchPlan(), wire);
  EXPECT_FALSE(wire.has_token());
}

}  // namespace
}  // namespace jackin::ipc

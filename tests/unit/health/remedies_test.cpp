// SPDX-License-Identifier: Apache-2.0
// The remedy for a fault of a source.

#include "daemon/health/remedies.hpp"

#include <gtest/gtest.h>

#include "common/remedy_command.hpp"
#include "daemon/secrets/credential_source.hpp"

namespace jackin::health {
namespace {

std::string text_of_remedy(Reason reason, Remedy remedy, secrets::CredentialSource source) {
  config::EffectiveAuth auth;
  auth.scope = Scope::workspace("my app").value();
  auth.mode = AuthMode::oauth_token;
  auth.source = std::move(source);
  auth.source_layer = config::LayerKind::workspace;
  return command_line(remedy_for_failure({reason, "it failed", std::move(remedy)}, auth));
}

const secrets::CredentialSource in_1password = secrets::OpSource{"op://v/i/f", "V/I/F", ""};
const secrets::CredentialSource in_a_file = secrets::FileSource{"~/token"};

TEST(Remedies, CertainFaultInStore_Rotate) {
  EXPECT_EQ(text_of_remedy(Reason::source_gone, {}, in_1password), "jackinctl rotate 'my app'");
  EXPECT_EQ(text_of_remedy(Reason::source_gone, Remedy::try_again(), in_1password), "jackinctl rotate 'my app'");
  EXPECT_EQ(text_of_remedy(Reason::source_invalid, Remedy::try_again("with its ID"), in_1password),
            "jackinctl rotate 'my app'  # or with its ID");
  EXPECT_EQ(text_of_remedy(Reason::source_invalid, Remedy::show_op_item("i", {}), in_1password), "op item get i");
}

TEST(Remedies, TemporaryFault_Doctor) {
  EXPECT_EQ(text_of_remedy(Reason::source_unreachable, {}, in_1password), "jackinctl doctor 'my app'");
  EXPECT_EQ(
      text_of_remedy(Reason::source_unreachable, Remedy::try_again("when the network is available"), in_1password),
      "jackinctl doctor 'my app'  # when the network is available");
  EXPECT_EQ(text_of_remedy(Reason::source_denied, Remedy::set_access("x", PathAccess::private_file), in_a_file),
            "chmod 600 x");
}

TEST(Remedies, ScopePlaceholder_Replaced) {
  EXPECT_EQ(text_of_remedy(Reason::source_gone, Remedy::of(RemedyAction::rotate).noting("or so"), in_1password),
            "jackinctl rotate 'my app'  # or so");
}

}  // namespace
}  // namespace jackin::health

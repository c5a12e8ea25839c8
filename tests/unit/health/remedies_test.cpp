// SPDX-License-Identifier: Apache-2.0
// The remedy for a fault of a source.

#include "daemon/health/remedies.hpp"

#include <gtest/gtest.h>

#include "daemon/secrets/credential_source.hpp"

namespace jackin::health {
namespace {

std::string mended(Reason reason, std::string remedy, secrets::CredentialSource source) {
  config::EffectiveAuth auth;
  auth.scope = Scope::workspace("my app").value();
  auth.mode = config::AuthMode::oauth_token;
  auth.source = std::move(source);
  auth.source_layer = config::LayerKind::workspace;
  return mends_failure({reason, "it failed", std::move(remedy)}, auth);
}

const secrets::CredentialSource in_1password = secrets::OpSource{"op://v/i/f", "V/I/F", ""};
const secrets::CredentialSource in_a_file = secrets::FileSource{"~/token"};

TEST(Mending, CertainFaultInStore_Rotate) {
  EXPECT_EQ(mended(Reason::source_gone, "", in_1password), "jackinctl rotate 'my app'");
  EXPECT_EQ(mended(Reason::source_gone, "#", in_1password), "jackinctl rotate 'my app'");
  EXPECT_EQ(mended(Reason::source_invalid, "# with its ID", in_1password),
            "jackinctl rotate 'my app'  # or with its ID");
  EXPECT_EQ(mended(Reason::source_invalid, "op item get i", in_1password), "op item get i");
}

TEST(Mending, TemporaryFault_Doctor) {
  EXPECT_EQ(mended(Reason::source_unreachable, "", in_1password), "jackinctl doctor 'my app'");
  EXPECT_EQ(mended(Reason::source_unreachable, "# when the network is there", in_1password),
            "jackinctl doctor 'my app'  # when the network is there");
  EXPECT_EQ(mended(Reason::source_denied, "chmod 600 x", in_a_file), "chmod 600 x");
}

TEST(Mending, ScopePlaceholder_Replaced) {
  EXPECT_EQ(mended(Reason::source_gone, "jackinctl rotate SCOPE  # or so", in_1password),
            "jackinctl rotate 'my app'  # or so");
}

}  // namespace
}  // namespace jackin::health

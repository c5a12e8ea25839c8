// SPDX-License-Identifier: Apache-2.0
#include "daemon/secrets/command_credential.hpp"

#include <gtest/gtest.h>

namespace jackin::secrets {
namespace {

using Command = std::vector<std::string>;

TEST(CommandCredential, HasCredential_CredentialInArguments_True) {
  for (const Command& argv : {
           Command{"echo", "sk-ant-oat01-abcdefghijklmnop"},
           Command{"curl", "-H", "X-Vault-Token: hvs.CAESIJ1234567890", "https://vault/v1/claude"},
           Command{"curl", "-H", "Authorization: Bearer 0123456789abcdef0123456789", "https://x"},
           Command{"curl", "https://me:hunter2@vault.example/claude"},
           Command{"vault-cli", "--token", "s.1234567890abcdef"},
           Command{"vault-cli", "--password=hunter2", "get", "claude"},
           Command{"sh", "-c", "VAULT_TOKEN=s.1234abcd vault kv get claude"},
           Command{"sh", "-c", "curl -H 'Authorization: Bearer abcdef123456' https://x | jq -r .token"},
           Command{"bash", "-c", "bw get password claude --session eyJhbGciOiJIUzI1NiJ9.x"},
       }) {
    EXPECT_TRUE(has_credential(argv)) << argv.back();
  }
}

TEST(CommandCredential, HasCredential_OrdinaryArguments_False) {
  for (const Command& argv : {
           Command{"pass", "show", "claude/token"},
           Command{"gopass", "show", "--password", "claude/token"},
           Command{"secret-tool", "lookup", "service", "claude", "token", "main"},
           Command{"security", "find-generic-password", "-s", "claude", "-a", "me", "-w"},
           Command{"vault", "kv", "get", "-field=token", "secret/claude"},
           Command{"op", "read", "op://Personal/Claude/credential"},
           Command{"op", "read", "op://q3vzbcg7sxc5rmbyh5xs2gjz2u/abcdefghijklmnopqrstuvwxyz/credential"},
           Command{"my-tool", "--token-file", "/run/secrets/claude2"},
           Command{"my-tool", "--token=$CLAUDE", "--key", "~/.ssh/id_ed25519"},
           Command{"sh", "-c", "curl -H \"Authorization: Bearer $(cat /run/t0ken)\" https://x"},
           Command{"aws", "secretsmanager", "get-secret-value", "--secret-id", "claude2", "--query", "SecretString"},
           Command{"gpg", "--decrypt", "/home/me/claude.gpg"},
           // The program's name is not an argument.
           Command{"ghp_0123456789abcdef0123"},
       }) {
    EXPECT_FALSE(has_credential(argv)) << argv.back();
  }
}

}  // namespace
}  // namespace jackin::secrets

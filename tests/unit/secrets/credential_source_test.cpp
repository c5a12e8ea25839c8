// SPDX-License-Identifier: Apache-2.0
#include "daemon/secrets/credential_source.hpp"

#include <gtest/gtest.h>

#include "common/fingerprint.hpp"

namespace jackin::secrets {
namespace {

CredentialSource literal(std::string_view text) {
  return LiteralSource{std::make_shared<const Secret>(Secret::copy_of(text))};
}

TEST(CredentialSource, Reference_ParseAndFormat_RoundTrip) {
  const std::vector<CredentialSource> sources{
      OpSource{"op://vault/item/field", "", ""},
      OpSource{"op://vault/item/section/field", "", ""},
      OsStoreSource{"jackin", "my-app"},
      OsStoreSource{"jackin", "a/b"},
      FileSource{"~/.jackin/secrets/x.token"},
      FileSource{"/etc/a file with blanks"},
      EnvSource{"MY_TOKEN"},
      CommandSource{{"pass", "show", "claude token"}},
      CommandSource{{"/bin/sh", "-c", "echo \"it's\" $HOME\\n"}},
      CommandSource{{"prog", ""}},
  };
  for (const auto& source : sources) {
    const auto back = parse_reference(reference_of(source));
    ASSERT_TRUE(back) << reference_of(source) << ": " << back.error().message;
    EXPECT_EQ(*back, source) << reference_of(source);
  }
}

TEST(CredentialSource, Parse_Malformed_Rejected) {
  for (const std::string_view text : {"",
                                      "op:/x",
                                      "op://",
                                      "op://vault",
                                      "op://vault/item",
                                      "op:///item/field",
                                      "op://vault//field",
                                      "op://v/i/f/",
                                      "op://a/b/c/d/e",
                                      "os-store:",
                                      "os-store:service",
                                      "os-store:/account",
                                      "os-store:service/",
                                      "file:",
                                      "file:relative",
                                      "file:~user/x",
                                      "env:",
                                      "env:1X",
                                      "env:A-B",
                                      "env:A=B",
                                      "command:",
                                      "command:   ",
                                      "command:'open",
                                      "literal:a3f9c2b81e74",
                                      "FILE:/x"}) {
    const auto parsed = parse_reference(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().reason, Reason::invalid_argument) << text;
  }
}

TEST(CredentialSource, Parse_CommandNeedsShell_Rejected) {
  for (const std::string_view text : {"command:~/bin/tok", "command:tok | head -1", "command:$HOME/bin/tok",
                                      "command:tok>x", "command:a; b", "command:a && b", "command:echo `x`"}) {
    const auto parsed = parse_reference(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_NE(parsed.error().message.find("no shell runs"), std::string::npos) << parsed.error().message;
  }
  const auto quoted = parse_reference("command:sh -c 'tok | head -1' \"a;b\" c\\&d e~f");
  ASSERT_TRUE(quoted) << quoted.error().message;
  EXPECT_EQ(std::get<CommandSource>(*quoted).argv,
            (std::vector<std::string>{"sh", "-c", "tok | head -1", "a;b", "c&d", "e~f"}));
}

TEST(CredentialSource, Parse_PastedToken_NotQuotedInError) {
  const std::string token = "sk-ant-oat01-" + std::string(93, 'x') + "AA";
  for (const std::string& text : {token, "op://" + token, "env:" + token, "\"" + token + "\""}) {
    const auto parsed = parse_reference(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().message.find("xxxxxx"), std::string::npos) << parsed.error().message;
  }
}

TEST(CredentialSource, DescriptionAndReference_Literal_TokenNotShown) {
  const auto source = literal("sk-ant-oat01-abcdefghij");
  EXPECT_EQ(kind_of(source), SourceKind::literal);
  EXPECT_EQ(describe(source).find("abcdef"), std::string::npos);
  EXPECT_EQ(reference_of(source), "literal:" + Secret::copy_of("sk-ant-oat01-abcdefghij").digest().fingerprint().str());
}

TEST(CredentialSource, Literals_EqualWhenBytesAre) {
  EXPECT_EQ(literal("a"), literal("a"));
  EXPECT_FALSE(literal("a") == literal("b"));
}

TEST(CredentialSource, Description_Printable) {
  for (const CredentialSource& source :
       {CredentialSource(OpSource{"op://v/i/f", "A\x1b[31mB/c/d", ""}), CredentialSource(OsStoreSource{"s\n", "a\x07"}),
        CredentialSource(FileSource{"/a\x1b]0;t\x07/b"}), CredentialSource(CommandSource{{"p\x1b[2J", "x"}})}) {
    const std::string text = describe(source);
    for (const char c : text) EXPECT_GE(static_cast<unsigned char>(c), 0x20) << text;
  }
}

TEST(CredentialSource, Description_NamesPreferredToIds) {
  EXPECT_EQ(describe(OpSource{"op://abc/def/ghi", "Personal/Claude/credential", ""}),
            "1Password Personal/Claude/credential");
  EXPECT_EQ(describe(OpSource{"op://abc/def/ghi", "", ""}), "1Password op://abc/def/ghi");
}

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

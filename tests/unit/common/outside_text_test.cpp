// SPDX-License-Identifier: Apache-2.0
#include "common/outside_text.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <random>

#include "common/text_characters.hpp"
#include "tests/support/token_forms.hpp"

namespace jackin {
namespace {

using test::forms_of_token;
using test::sample_token;

const std::string withheld(withheld_text);

TEST(OutsideText, TokenInAnyForm_TextWithheld) {
  const Secret token = Secret::copy_of(sample_token);
  for (const auto& form : forms_of_token(sample_token)) {
    EXPECT_EQ(outside_text(form.text, {&token}), withheld) << form.name;
    EXPECT_EQ(outside_text("error: bad token: " + form.text + ", try again", {&token}), withheld) << form.name;
  }
}

TEST(OutsideText, TokenBehindCut_TextWithheld) {
  const Secret token = Secret::copy_of(sample_token);
  const std::string behind = std::string(1000, '.') + std::string(sample_token);
  EXPECT_EQ(outside_text(behind, {&token}), withheld);
  EXPECT_EQ(outside_text(behind, {}), withheld);
}

TEST(OutsideText, AnyKnownToken_TextWithheld) {
  const Secret token = Secret::copy_of(sample_token);
  const Secret old = Secret::copy_of("sk-ant-oat01-" + std::string(sample_token.rbegin(), sample_token.rbegin() + 90));
  const Secret empty;
  const std::string text = "was " + std::string(old.view().substr(20, 30));
  EXPECT_EQ(outside_text(text, {&token, nullptr, &empty}), text);
  EXPECT_EQ(outside_text(text, {&token, nullptr, &empty, &old}), withheld);
}

TEST(OutsideText, PrefixAlone_Masked) {
  const Secret token = Secret::copy_of(sample_token);
  EXPECT_EQ(outside_text("a token begins with sk-ant-oat01-", {&token}), "a token begins with sk-ant-***");
}

TEST(OutsideText, FewPiecesOfFiveCharacters_Shown) {
  const Secret token = Secret::copy_of(sample_token);
  const auto piece = [](std::size_t at) { return std::string(sample_token.substr(at, 5)); };
  const std::string two = piece(13) + "!! " + piece(40);
  EXPECT_EQ(outside_text(two, {&token}), two);
  EXPECT_EQ(outside_text(two + "!! " + piece(13), {&token}), two + "!! " + piece(13));
  EXPECT_EQ(outside_text(two + "!! " + piece(60), {&token}), withheld);
}

TEST(OutsideText, ShortValue_WithheldOnlyWhenWhole) {
  const Secret value = Secret::copy_of("correct-horse-battery");
  EXPECT_EQ(outside_text("the battery of a horse", {&value}), "the battery of a horse");
  for (const auto& form : {"CORRECT HORSE BATTERY", "%63orrect-horse-batter%79", "Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5"}) {
    EXPECT_EQ(outside_text(form, {&value}), withheld) << form;
  }
}

TEST(OutsideText, NoKnownToken_PrefixDecides) {
  for (const std::string text : {"s k - a n t - o a t 0 1 - x", "sk%2Dant%2Doat01%2Dx", "SK-ANT-OAT02-x",
                                 "sk\\u002dant-oat01", "sk-ant-\noat01-x"}) {
    EXPECT_EQ(outside_text(text, {}), withheld) << text;
  }
  EXPECT_EQ(outside_text("bad token: " + std::string(95, 'a') + "!", {}), "bad token: ***!");
  EXPECT_EQ(outside_text("an API key begins with sk-ant-api03-", {}), "an API key begins with sk-ant-***");
}

TEST(OutsideText, NoKnownToken_SplitWord_Withheld) {
  for (const std::string text : {
           "no: ZkTqVxWbLmRcYp\n  | pJsHdNf4gUeXaKo2",
           "no: Z\xcc\x81k\xcc\x81TqVxWbLmRcYpJsHdNfgUeXaKo2",
           "no: ５３Ｂ2DabcdefghijklmnopqRstu",
           "no: 5A:6B:34:54:71:56:39:78:57:62:32:5F:4C:6D",
       }) {
    EXPECT_EQ(outside_text(text, {}), withheld) << text;
  }
  for (const std::string text :
       {"no route to 00:1a:2b:3c:4d:5e at 12:00:00", "caf\xc3\xa9 e\xcc\x81t\xc3\xa9 ｅｒｒｏｒ １"}) {
    EXPECT_EQ(outside_text(text, {}), text);
  }
  EXPECT_EQ(outside_text("id 0aAbBcCdDeEfFgGhH1\nvault locked", {}), "id *** vault locked");
  EXPECT_EQ(outside_text("cannot load the configuration\nauthentication failed, error 404\nat line 12", {}),
            "cannot load the configuration authentication failed, error 404 at line 12");
}

// Texts as op, curl and claude print them.
TEST(OutsideText, OrdinaryText_Unchanged) {
  const Secret token = Secret::copy_of(sample_token);
  for (const std::string text : {
           "[ERROR] 2026/11/23 12:00:00 You are not currently signed in. Please run `op signin --help` for "
           "instructions",
           "[ERROR] 2026/11/23 12:00:00 error initializing client: connecting to desktop app: read: connection reset, "
           "make sure 1Password CLI is installed correctly, then open the 1Password app",
           "[ERROR] 2026/11/23 12:00:00 could not read secret 'op://Personal/Claude/credential': could not get item",
           "[ERROR] 2026/11/23 12:00:00 (429) Too Many Requests: You've reached the maximum number of this type of "
           "requests this service account is allowed to make. Please retry in 31 seconds",
           "curl: (6) Could not resolve host: api.anthropic.com",
           "curl: (60) SSL certificate problem: unable to get local issuer certificate",
           "curl: (35) OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to api.anthropic.com:443",
           "Error: Cannot find module '/usr/lib/node_modules/@anthropic-ai/claude-code/cli.js'",
           "OAuth error: Invalid code. Please make sure the full code was copied",
           "Error: Unable to connect to API due to poor internet connection",
           "node:internal/modules/cjs/loader:1143 throw err;",
           "OAuth authentication is currently not supported.",
           "This organization has been disabled.",
           "Invalid bearer token",
       }) {
    EXPECT_EQ(outside_text(text, {&token}), text);
    EXPECT_EQ(outside_text(text, {}), text);
  }
}

TEST(OutsideText, RandomTokens_FoundAndLongTextPasses) {
  std::mt19937 random(20261123);
  constexpr std::string_view characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string prose;
  while (prose.size() < 4096)
    prose += "The daemon reads the token from the store and compares it with error 404 at line 12. ";
  for (int round = 0; round < 20; ++round) {
    std::string text = "sk-ant-oat01-";
    for (int i = 0; i < 93; ++i) text += characters[random() % characters.size()];
    text += "AA";
    const Secret token = Secret::copy_of(text);
    for (const auto& form : forms_of_token(text)) EXPECT_TRUE(carries_token(form.text, {&token})) << form.name << text;
    EXPECT_FALSE(carries_token(prose, {&token})) << text;
  }
}

TEST(OutsideText, LongText_BoundedPartSearched) {
  const Secret token = Secret::copy_of(sample_token);
  const std::string large(std::size_t{1} << 20, '%');
  EXPECT_EQ(outside_text(large, {&token}, 10), "%%%%%%%%%%…");
}

TEST(OutsideTextClass, Shown_SameAsFunction) {
  const Secret token = Secret::copy_of(sample_token);
  const OutsideText text{std::string("no ") + std::string(sample_token.substr(30, 12))};
  EXPECT_EQ(text.shown({&token}), withheld);
  EXPECT_EQ(OutsideText(std::string_view("no route")).shown({}), "no route");
  EXPECT_TRUE(OutsideText().empty());
  EXPECT_EQ(OutsideText().shown({}), "");
}

TEST(Decoded, EscapesOfEachKind_Decoded) {
  EXPECT_EQ(decoded("%41%62 \\x43 \\u0044 &#69; &#x46;&#X47; 100% \\n &amp; &#; %4").view(),
            "Ab C D E FG 100% \\n &amp; &#; %4");
  EXPECT_EQ(decoded("%2541").view(), "%41");
  EXPECT_EQ(decoded("").view(), "");
  EXPECT_EQ(decoded("\\uFF53").view(), "\xef\xbd\x93");
}

}  // namespace
}  // namespace jackin

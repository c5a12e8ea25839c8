// SPDX-License-Identifier: Apache-2.0
#include "common/untrusted_text.hpp"

#include <gtest/gtest.h>

#include "common/outside_text.hpp"

namespace jackin {
namespace {

TEST(Printable, OrdinaryText_Unchanged) {
  EXPECT_EQ(printable("vault 'Personal' is locked (ünï€𝄞)"), "vault 'Personal' is locked (ünï€𝄞)");
  EXPECT_EQ(printable(""), "");
}

TEST(Printable, EscapeSequences_Removed) {
  EXPECT_EQ(printable("\x1b[31mred\x1b[0m"), "red");
  EXPECT_EQ(printable("\x1b]0;title\x07text"), "text");
  EXPECT_EQ(printable("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\"), "link");
  EXPECT_EQ(printable("\x1bPdevice\x1b\\text"), "text");
  EXPECT_EQ(printable("\x1b_app\x1b\\a\x1b^pm\x1b\\b"), "ab");
  EXPECT_EQ(printable("\x1b"
                      "cfull reset"),
            "full reset");
  EXPECT_EQ(printable("open\x1b[31"), "open");
  EXPECT_EQ(printable("open\x1b]0;never ends"), "open");
  EXPECT_EQ(printable("end\x1b"), "end");
}

TEST(Printable, AnyBytes_NoControlCharacterLeft) {
  std::string everything;
  for (int round = 0; round < 3; ++round) {
    for (int c = 0; c < 256; ++c) everything += static_cast<char>(c);
    everything +=
        "\xc2\x9b"
        "31m\xe2\x80\xae\xef\xbb\xbf";
  }
  const std::string text = printable(everything, 10000);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    EXPECT_TRUE(byte >= 0x20 && byte != 0x7f) << i;
    EXPECT_FALSE(byte == 0xc2 && static_cast<unsigned char>(text[i + 1]) < 0xa0) << i;
  }
}

TEST(Printable, DirectionalAndInvisibleCharacters_Removed) {
  EXPECT_EQ(printable("a\xe2\x80\xae"
                      "b"),
            "ab");  // right-to-left override
  EXPECT_EQ(printable("a\xe2\x80\x8b"
                      "b"),
            "ab");  // zero width space
  EXPECT_EQ(printable("a\xe2\x81\xa6"
                      "b"),
            "ab");  // isolate
  EXPECT_EQ(printable("a\xf3\xa0\x81\x81"
                      "b"),
            "ab");  // tag
}

TEST(Printable, BytesNotUtf8_ShownAsHex) {
  EXPECT_EQ(printable("a\xff"
                      "b\xc3(c\xc0\xaf"
                      "d\xed\xa0\x80"
                      "e\xe2\x82"),
            R"(a\xffb\xc3(c\xc0\xafd\xed\xa0\x80e\xe2\x82)");
}

TEST(Printable, BadByteInCredential_StillMasked) {
  EXPECT_EQ(printable("x sk-ant-oat01-ab\xff"
                      "cd-ef"),
            "x sk-ant-***");
  EXPECT_EQ(printable("sk-\xff"
                      "ant-oat01-abc"),
            "sk-ant-***");
}

TEST(Printable, LineEnds_BecomeOneBlank) {
  EXPECT_EQ(printable("one\r\n\r\n\ttwo\n"), "one two");
  EXPECT_EQ(printable("\n\nonly"), "only");
  EXPECT_EQ(printable(" \n "), "");
}

TEST(Printable, Credentials_Masked) {
  EXPECT_EQ(printable("token sk-ant-oat01-abc_DEF-123!"), "token sk-ant-***!");
  EXPECT_EQ(printable("sk-ant-api03-a and sk-ant-ort01-b"), "sk-ant-*** and sk-ant-***");
  // Hidden characters inside the prefix must not prevent the mask.
  EXPECT_EQ(printable("sk-\x1b[1mant-oat01-\xe2\x80\x8b"
                      "abc"),
            "sk-ant-***");
}

TEST(WithoutSecretWords, TokenWithoutPrefix_Removed) {
  EXPECT_EQ(without_secret_words("bad token: " + std::string(95, 'a') + "!"), "bad token: ***!");
  EXPECT_EQ(without_secret_words(std::string(24, 'a')), "***");
  EXPECT_EQ(without_secret_words(std::string(23, 'a')), std::string(23, 'a'));
  EXPECT_EQ(without_secret_words("a1b2c3d4e5f6\nKLMNOPQRST4v"), "***\n***");
  EXPECT_EQ(without_secret_words("FileNotFoundError, exit 127, python3"), "FileNotFoundError, exit 127, python3");
  EXPECT_EQ(without_secret_words("cannot open /home/me/.config/tokens: no such file"),
            "cannot open /home/me/.config/tokens: no such file");
  EXPECT_EQ(without_secret_words(""), "");
}

TEST(Printable, LongText_CutAtCharacterAfterMasking) {
  EXPECT_EQ(printable(std::string(400, 'x')), std::string(300, 'x') + "…");
  EXPECT_EQ(printable("aaaä", 4), "aaa…");
  EXPECT_EQ(printable("aaaä", 5), "aaaä");
  // The text is masked before it is cut: cut first, the mask would not recognise the prefix.
  EXPECT_EQ(printable("x sk-ant-oat01-" + std::string(200, 'A'), 20).find("AA"), std::string::npos);
}

TEST(Printable, DisguisedToken_TextWithheld) {
  for (const std::string text : {"s k - a n t - o a t 0 1 - a b c", "sk%2dant%2doat01%2dabc", "sk-ant-\noat01-abc",
                                 "sk sk-ant oa sk-ant oat 0 sk_ant_oat01"}) {
    EXPECT_EQ(printable(text), withheld_text) << text;
  }
}

}  // namespace
}  // namespace jackin

// SPDX-License-Identifier: Apache-2.0
#include "client/terminal/input.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace jackin::client {
namespace {

using namespace std::chrono_literals;

const InputParser::Time start{std::chrono::hours(1)};

std::string name_of_key(const Key& key) {
  std::string text;
  if (key.ctrl) text += "^";
  if (key.alt) text += "alt-";
  if (key.shift) text += "shift-";
  switch (key.name) {
    case KeyName::character:
      return text + (key.code < 0x80 ? std::string(1, static_cast<char>(key.code)) : "U+" + std::to_string(key.code));
    case KeyName::function:
      return text + "f" + std::to_string(key.code);
    case KeyName::enter:
      return text + "enter";
    case KeyName::tab:
      return text + "tab";
    case KeyName::back_tab:
      return text + "back_tab";
    case KeyName::backspace:
      return text + "backspace";
    case KeyName::escape:
      return text + "esc";
    case KeyName::insert:
      return text + "insert";
    case KeyName::del:
      return text + "del";
    case KeyName::up:
      return text + "up";
    case KeyName::down:
      return text + "down";
    case KeyName::left:
      return text + "left";
    case KeyName::right:
      return text + "right";
    case KeyName::home:
      return text + "home";
    case KeyName::end:
      return text + "end";
    case KeyName::page_up:
      return text + "page_up";
    case KeyName::page_down:
      return text + "page_down";
    case KeyName::unknown:
      return text + "unknown";
  }
  return text;
}

std::string described(const Input& input) {
  if (const auto* key = std::get_if<Key>(&input)) return name_of_key(*key);
  if (const auto* paste = std::get_if<Paste>(&input)) {
    return "paste(" + std::string(paste->text.view()) + (paste->cut ? "…)" : ")");
  }
  const auto& mouse = std::get<Mouse>(input);
  return "mouse" + std::to_string(static_cast<int>(mouse.kind)) + "@" + std::to_string(mouse.row) + "," +
         std::to_string(mouse.column);
}

std::string described(const std::vector<Input>& inputs) {
  std::string text;
  for (const Input& input : inputs) text += (text.empty() ? "" : " ") + described(input);
  return text;
}

// Parses the pieces, each one read after `pause`, then the end of input.
std::string parsed(const std::vector<std::string_view>& pieces, std::chrono::milliseconds pause = 0ms) {
  InputParser parser;
  InputParser::Time now = start;
  std::vector<Input> inputs;
  const auto take = [&] {
    for (Input& input : parser.take(now)) inputs.push_back(std::move(input));
  };
  for (const std::string_view piece : pieces) {
    parser.feed(piece, now);
    take();
    now += pause;
    take();
  }
  now += 10s;
  take();
  EXPECT_EQ(parser.deadline(), std::nullopt);
  return described(inputs);
}

struct Case {
  std::string_view bytes;
  std::string_view inputs;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> all{
      {"abc", "a b c"},
      {"Q?", "Q ?"},
      {"\r", "enter"},
      {"\n", "enter"},
      {"\t", "tab"},
      {"\x7f", "backspace"},
      {"\b", "backspace"},
      {"\x03\x07\x0c\x12", "^c ^g ^l ^r"},
      {std::string_view("\0", 1), "^@"},
      {"\x1c", "^\\"},
      {"\x1b", "esc"},
      {"\x1b\x1b", "esc esc"},
      {"\x1b[A\x1b[B\x1b[C\x1b[D", "up down right left"},
      {"\x1bOA\x1bOB\x1bOC\x1bOD", "up down right left"},
      {"\x1b[H\x1b[F\x1b[1~\x1b[4~\x1b[7~\x1b[8~", "home end home end home end"},
      {"\x1b[2~\x1b[3~\x1b[5~\x1b[6~", "insert del page_up page_down"},
      {"\x1b[Z", "back_tab"},
      {"\x1bOP\x1b[15~\x1b[24~\x1b[[A", "f1 f5 f12 f1"},
      {"\x1b[1;5C\x1b[1;3D\x1b[1;2A\x1b[3;5~", "^right alt-left shift-up ^del"},
      {"\x1b[27;5;99~\x1b[99;5u\x1b[13;2u", "^c ^c shift-enter"},
      {"\x1b[9;2u", "shift-back_tab"},
      {"\x1bx\x1b\r", "alt-x alt-enter"},
      {"\xc3\xbc", "U+252"},
      {"\xe6\xbc\xa2\xf0\x9f\x8e\x89", "U+28450 U+127881"},
      {"\x1b[<0;5;7M\x1b[<0;5;7m", "mouse0@6,4 mouse1@6,4"},
      {"\x1b[<64;1;1M\x1b[<65;1;1M", "mouse2@0,0 mouse3@0,0"},
      {"\x1b[<35;3;3M", "mouse4@2,2"},
      {"\x1b[200~code#state\x1b[201~", "paste(code#state)"},
      {"\x1b[200~\x1b[201~", "paste()"},
      {"a\x1b[200~b\x1b[201~c", "a paste(b) c"},
      {"\x1b[200~a\x1b[200~b\x1b[A\x1b[201~", "paste(a\x1b[200~b\x1b[A)"},
      {"\x1b[200~one\x1b[201~\x1b[200~two\x1b[201~", "paste(one) paste(two)"},
      {"\x1b[200~\x1b[201\x1b[201~", "paste(\x1b[201)"},
  };
  return all;
}

TEST(Input, CompleteSequence_ItsKey) {
  for (const Case& one : cases()) EXPECT_EQ(parsed({one.bytes}), one.inputs) << testing::PrintToString(one.bytes);
}

TEST(Input, SequenceInTwoParts_SameInput) {
  for (const Case& one : cases()) {
    for (std::size_t at = 0; at <= one.bytes.size(); ++at) {
      EXPECT_EQ(parsed({one.bytes.substr(0, at), one.bytes.substr(at)}, 5ms), one.inputs)
          << testing::PrintToString(one.bytes) << " at " << at;
    }
  }
}

TEST(Input, SequenceInSingleBytes_SameInput) {
  for (const Case& one : cases()) {
    std::vector<std::string_view> pieces;
    for (std::size_t at = 0; at < one.bytes.size(); ++at) pieces.push_back(one.bytes.substr(at, 1));
    EXPECT_EQ(parsed(pieces, 5ms), one.inputs) << testing::PrintToString(one.bytes);
  }
}

TEST(Input, LoneEscape_KeyAfter30Milliseconds) {
  InputParser parser;
  parser.feed("\x1b", start);
  EXPECT_TRUE(parser.take(start).empty());
  ASSERT_EQ(parser.deadline(), start + 30ms);
  EXPECT_TRUE(parser.take(start + 29ms).empty());
  EXPECT_EQ(described(parser.take(start + 30ms)), "esc");
  EXPECT_EQ(parser.deadline(), std::nullopt);
}

TEST(Input, BytesAfterTheEscapeWait_SeparateKeys) {
  EXPECT_EQ(parsed({"\x1b", "x"}, 40ms), "esc x");
  EXPECT_EQ(parsed({"\x1b", "[A"}, 40ms), "esc [ A");
}

TEST(Input, PasteInTwoParts_OnePaste) {
  const std::string bytes = "\x1b[200~cABC#def\x1b[201~";
  for (std::size_t at = 1; at < bytes.size(); ++at) {
    // If the pause is longer than the wait for Esc, the beginning of ESC[200~ may have become keys. The rest is a
    // paste.
    for (const auto pause : {5ms, 31ms, 400ms, 3000ms}) {
      const std::string seen =
          parsed({std::string_view(bytes).substr(0, at), std::string_view(bytes).substr(at)}, pause);
      const std::string paste = "paste(cABC#def)";
      ASSERT_GE(seen.size(), paste.size());
      EXPECT_EQ(seen.substr(seen.size() - paste.size()), paste) << "at " << at << ": " << seen;
      const std::string before = seen.substr(0, seen.size() - paste.size());
      EXPECT_TRUE(before.empty() || before == "esc " || before == "alt-[ ") << before;
      if (pause == 5ms || at > 2) {
        EXPECT_EQ(before, "") << at;
      }
    }
  }
}

TEST(Input, PasteWithoutEnd_ReportedAfterFiveSeconds) {
  InputParser parser;
  parser.feed("\x1b[200~abc", start);
  EXPECT_TRUE(parser.take(start + 4s).empty());
  ASSERT_EQ(parser.deadline(), start + 5s);
  EXPECT_EQ(described(parser.take(start + 5s)), "paste(abc)");
  parser.feed("\x1b[201~x", start + 6s);
  EXPECT_EQ(described(parser.take(start + 6s)), "x");
}

TEST(Input, PasteTooLong_Cut) {
  InputParser parser;
  const std::string megabyte(1 << 20, 'a');
  parser.feed("\x1b[200~" + megabyte + "\x1b[201~", start);
  const auto inputs = parser.take(start);
  ASSERT_EQ(inputs.size(), 1U);
  const auto& paste = std::get<Paste>(inputs.front());
  EXPECT_TRUE(paste.cut);
  EXPECT_EQ(paste.text.size(), most_pasted);
}

TEST(Input, ReplyOfTheTerminal_NoInput) {
  EXPECT_EQ(parsed({"\x1b[?62;c"}), "");
  EXPECT_EQ(parsed({"\x1b[24;80R"}), "");
  EXPECT_EQ(parsed({"\x1b[?2026;2$y"}), "");
  EXPECT_EQ(parsed({"\x1b]11;rgb:0000/0000/0000\x07x"}), "x");
  EXPECT_EQ(parsed({"\x1b]11;rgb:0000/0000/0000\x1b\\x"}), "x");
  EXPECT_EQ(parsed({"\x1bP1$r0m\x1b\\x"}), "x");
  EXPECT_EQ(parsed({"\x1b[M !!x"}), "x");
}

TEST(Input, ControlKeyAfterAltP_IsAKey) {
  EXPECT_EQ(parsed({"\x1bP\x03"}), "alt-P ^c");
  EXPECT_EQ(parsed({"\x1bP", "\x03"}, 5ms), "alt-P ^c");
  EXPECT_EQ(parsed({"\x1b]\r"}), "alt-] enter");
  EXPECT_EQ(parsed({"\x1b_\x7f"}), "alt-_ backspace");
  EXPECT_EQ(parsed({"\x1bP\x1b[A"}), "alt-P up");
  EXPECT_EQ(parsed({"\x1bP\x1b"}, 600ms), "alt-P esc");
}

TEST(Input, ControlKeyInAString_EndsIt) {
  EXPECT_EQ(parsed({"\x1bP1$r\x03x"}), "^c x");
  EXPECT_EQ(parsed({"\x1b]11;rgb:\x1b[A"}), "up");
}

TEST(Input, BytesOfAllKeys_EqualTheBytesFed) {
  const std::string bytes = "c\x1b[D\x1bOA\xc3\xbc\xff\x80\x03\r\x1b[1;5C\x1bx\xe6\xbc";
  InputParser parser;
  parser.feed(bytes, start);
  std::string together;
  for (const Input& input : parser.take(start + 10s)) together += std::get<Key>(input).bytes;
  EXPECT_EQ(together, bytes);
}

TEST(Input, Collect_BytesWithoutPause_OneChunk) {
  InputParser parser;
  parser.collect(true);
  InputParser::Time now = start;
  const std::string code = "c2345678901234567890123456789012345#6789";
  for (const char byte : code) {
    parser.feed({&byte, 1}, now);
    EXPECT_TRUE(parser.take(now).empty());
    now += 1ms;
  }
  ASSERT_TRUE(parser.deadline());
  std::string together;
  for (const Input& input : parser.take(*parser.deadline())) together += std::get<Key>(input).bytes;
  EXPECT_EQ(together, code);
}

TEST(Input, Collect_NoPause_KeysReportedAfterALimit) {
  InputParser parser;
  parser.collect(true);
  std::size_t seen = 0;
  for (int i = 0; i < 100; ++i) {
    parser.feed("a", start + 10ms * i);
    seen += parser.take(start + 10ms * i).size();
  }
  EXPECT_GT(seen, 50U);
}

TEST(Input, RandomBytes_LaterKeyStillReported) {
  std::mt19937 random(2026);
  const std::string alphabet = std::string("\x1b\x1b\x1b[[]O;<>?0123456789~mMuRABcPx\x07\\ \x7f\xc3\xbc\xff\r") + '\0';
  for (int round = 0; round < 300; ++round) {
    InputParser parser;
    parser.collect(round % 2 == 0);
    InputParser::Time now = start;
    for (int i = 0; i < 60; ++i) {
      std::string piece;
      for (auto size = random() % 9; size > 0; --size) piece += alphabet[random() % alphabet.size()];
      parser.feed(piece, now);
      parser.take(now);
      now += std::chrono::milliseconds(random() % 60);
      if (const auto due = parser.deadline(); due && *due <= now) parser.take(now);
    }
    // After any input a key is reported as such, at the latest when a paste without an end has ended.
    now += 10s;
    parser.collect(false);
    parser.take(now);
    parser.feed("\r\r\r\r", now);
    EXPECT_FALSE(parser.take(now + 10s).empty());
  }
}

TEST(Input, SequenceWithoutEnd_DroppedAndNextKeyReported) {
  const std::string digits(100000, '1');
  InputParser parser;
  parser.feed("\x1b[" + digits, start);
  parser.take(start);
  parser.feed("\x1b]" + digits, start);
  parser.take(start + 10s);
  parser.feed("q", start + 20s);
  EXPECT_EQ(described(parser.take(start + 20s)), "q");
}

TEST(WipeFront, Prefix_RestMovedAndBytesAfterItZero) {
  std::string text = "a code that is longer than the text that follows:rest";
  const std::size_t size = text.size();
  wipe_front(text, size - 4);
  EXPECT_EQ(text, "rest");
  ASSERT_GE(text.capacity(), size);
  for (std::size_t at = text.size(); at < size; ++at) ASSERT_EQ(text.data()[at], '\0') << at;
}

}  // namespace
}  // namespace jackin::client

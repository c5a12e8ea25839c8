// SPDX-License-Identifier: Apache-2.0
// The capture reads the same token, however a program draws the cells. No frame shows a piece of the token.

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "common/text_characters.hpp"
#include "daemon/mint/authorize_url.hpp"
#include "daemon/mint/frame.hpp"
#include "daemon/mint/known_sentence.hpp"
#include "daemon/mint/token_capture.hpp"
#include "tests/unit/mint/artist.hpp"

namespace jackin::mint {
namespace {

using test::Artist;
using test::between;
using test::chance;
using test::Picture;
using test::Random;

constexpr std::size_t piece_length = 6;

// A terminal, with an observer that takes a frame at random moments.
class Watched {
 public:
  Watched(TerminalSize size, const std::string& token, Random& random) : screen(size), random_(random) {
    for (std::size_t i = 0; i + piece_length <= token.size(); ++i) fragments_.insert(token.substr(i, piece_length));
  }

  void write(std::string_view bytes) {
    const int most = chance(random_, 0.1) ? 1 : between(random_, 2, 60);
    while (!bytes.empty()) {
      const auto count = std::min(bytes.size(), static_cast<std::size_t>(between(random_, 1, most)));
      screen.write({bytes.data(), count});
      bytes.remove_prefix(count);
      look();
    }
  }

  void resize(int columns) {
    capture.observe(screen);
    screen.resize(columns);
    look();
  }

  void look() {
    capture.observe(screen);
    if (capture.sighted() || !chance(random_, 0.3)) return;
    ++frames;
    const Frame frame = frame_of(screen, mask_for(screen, url.known()));
    std::string joined;
    for (const auto& row : frame.rows) {
      std::string text;
      for (const auto& run : row) text += run.text;
      expect_no_piece(text);
      const auto first = text.find_first_not_of(" |");
      const auto last = text.find_last_not_of(" |");
      if (first != std::string::npos) joined += text.substr(first, last - first + 1);
    }
    if (across_rows) expect_no_piece(joined);
  }

  Screen screen;
  TokenCapture capture;
  AuthorizeUrlReader url;
  int frames = 0;
  bool across_rows = true;

 private:
  void expect_no_piece(const std::string& text) {
    for (std::size_t i = 0; i + piece_length <= text.size(); ++i) {
      const auto fragment = text.substr(i, piece_length);
      ASSERT_FALSE(fragments_.contains(fragment)) << "shown: " << fragment << " in: " << text;
    }
  }

  Random& random_;
  std::set<std::string> fragments_;
};

void append(Picture& picture, const Picture& more) {
  picture.insert(picture.end(), more.begin(), more.end());
}

Picture prompt(const std::string& url, TerminalSize size) {
  Picture picture{" Welcome to Claude", ""};
  append(picture, test::wrapped(url, size.columns, 0));
  append(picture, {"", " Paste code here >"});
  return picture;
}

// As claude shows it: below other text, above other text, at any width.
Picture success(const std::string& token, TerminalSize size, Random& random) {
  Picture picture;
  for (int i = between(random, 0, 3); i > 0; --i) picture.emplace_back(chance(random, 0.5) ? " Your token:" : "");
  append(picture, test::wrapped(token, size.columns, between(random, 0, 3), chance(random, 0.2)));
  if (chance(random, 0.7)) append(picture, {"", " Store this token."});
  return picture;
}

TerminalSize random_size(Random& random) {
  static constexpr int widths[] = {24, 32, 40, 60, 64, 80, 97, 107, 108, 109, 110, 111, 120, 143, 300};
  return {between(random, 24, 40), widths[between(random, 0, static_cast<int>(std::size(widths)) - 1)]};
}

void expect_captured(const Watched& watched, const std::string& token) {
  ASSERT_TRUE(watched.capture.found());
  EXPECT_TRUE(watched.capture.found()->known_shape);
  EXPECT_EQ(watched.capture.found()->token.view(), token);
}

void consent(Watched& watched, Artist& artist, const std::string& url, TerminalSize size) {
  watched.write(artist.draw(prompt(url, size), Artist::Order::downwards));
  EXPECT_EQ(watched.url.read(watched.screen), url);
}

class Drawing : public testing::Test {
 protected:
  template <typename Round>
  void repeat(Round round) {
    const auto first = test::test_seed();
    for (auto seed = first; seed < first + test::test_rounds(6) && !HasFailure(); ++seed) {
      SCOPED_TRACE("JACKIN_TEST_SEED=" + std::to_string(seed));
      Random random(seed);
      round(random);
    }
  }
};

TEST_F(Drawing, TokenDownwards_CapturedAndNoPieceShown) {
  repeat([](Random& random) {
    const auto token = test::random_token(random);
    const auto size = random_size(random);
    Watched watched(size, token, random);
    Artist artist(size, random);
    consent(watched, artist, test::random_authorize_url(random), size);
    watched.write(artist.draw(success(token, size, random), Artist::Order::downwards));
    expect_captured(watched, token);
    EXPECT_GT(watched.frames, 0);
  });
}

TEST_F(Drawing, TokenInAnyOrder_CapturedAndNoPieceShown) {
  repeat([](Random& random) {
    const auto token = test::mixed_token(random);
    const auto size = random_size(random);
    Watched watched(size, token, random);
    Artist artist(size, random);
    consent(watched, artist, test::random_authorize_url(random), size);
    watched.across_rows = false;  // few characters at a row's end and few at the start of the next row can be words
    watched.write(artist.draw(success(token, size, random), Artist::Order::any));
    expect_captured(watched, token);
  });
}

TEST_F(Drawing, ResizedMeanwhile_TokenCaptured) {
  repeat([](Random& random) {
    const auto token = test::random_token(random);
    const auto size = random_size(random);
    Watched watched(size, token, random);
    Artist artist(size, random);
    consent(watched, artist, test::random_authorize_url(random), size);
    const auto first = artist.draw(success(token, size, random), Artist::Order::downwards);
    watched.write(std::string_view(first).substr(0, static_cast<std::size_t>(between(random, 0, int(first.size())))));
    const TerminalSize other{size.rows, random_size(random).columns};
    watched.resize(other.columns);
    watched.write("\x1b[m" + artist.start_over(other));
    watched.write(artist.draw(success(token, other, random), Artist::Order::downwards));
    expect_captured(watched, token);
  });
}

TEST_F(Drawing, ScrolledMeanwhile_TokenCaptured) {
  repeat([](Random& random) {
    const auto token = test::random_token(random);
    const TerminalSize size{between(random, 6, 10), between(random, 24, 60)};
    Watched watched(size, token, random);
    const Picture rows = test::wrapped(token, size.columns, between(random, 0, 2));
    std::string bytes;
    for (int i = 0; i < size.rows - 2; ++i) bytes += " Welcome to Claude\r\r\n";
    for (const auto& row : rows) bytes += row + "\r\r\n";
    for (int i = 0; i < 2 * size.rows; ++i) bytes += "\r\r\n Store this token.";
    watched.write(bytes);
    expect_captured(watched, token);
  });
}

TEST_F(Drawing, BytesSplitAnywhere_SameScreen) {
  repeat([](Random& random) {
    const auto token = test::random_token(random);
    const auto size = random_size(random);
    Artist artist(size, random);
    const auto bytes = artist.draw(success(token, size, random), Artist::Order::any);
    Screen whole(size);
    whole.write(bytes);
    Screen split(size);
    for (const char byte : bytes) split.write({&byte, 1});
    EXPECT_EQ(frame_of(whole, Mask(whole.size())), frame_of(split, Mask(split.size())));
  });
}

std::string squeezed(std::string_view text) {
  std::string kept;
  any_squeezed(text, [&](char c) {
    kept += c;
    return false;
  });
  return kept;
}

std::string full_width(char c) {
  const int code = 0xfee0 + c;
  return {static_cast<char>(0xe0 | code >> 12), static_cast<char>(0x80 | (code >> 6 & 0x3f)),
          static_cast<char>(0x80 | (code & 0x3f))};
}

// The token as no release so far has drawn it: its characters spaced, marked or widened.
std::string set_apart(const std::string& token, Random& random) {
  static constexpr std::string_view between_letters[] = {" ", "  ", ".", " . ", "|", "\u00b7", "\u00ad", "\r\n"};
  static constexpr std::string_view onto_letters[] = {"\u0301", "\u0323\u0301", "\u200b", "\u200d", "\u2060"};
  const int way = between(random, 0, 3);
  const int group = way == 1 ? between(random, 2, 5) : 1;
  const auto gap = between_letters[between(random, 0, static_cast<int>(std::size(between_letters)) - 1)];
  const auto mark = onto_letters[between(random, 0, static_cast<int>(std::size(onto_letters)) - 1)];
  std::string drawn;
  for (std::size_t i = 0; i < token.size(); ++i) {
    drawn += way == 3 ? full_width(token[i]) : std::string(1, token[i]);
    if (way == 2) drawn += mark;
    if (way < 2 && (static_cast<int>(i) + 1) % group == 0) drawn += gap;
  }
  return drawn;
}

TEST_F(Drawing, CharactersSetApart_NoPieceShownOrQuoted) {
  repeat([](Random& random) {
    const auto token = test::random_token(random);
    const auto body = squeezed(std::string_view(token).substr(13));
    const auto expect_none = [&](const std::string& text) {
      const auto shown = squeezed(text);
      for (std::size_t i = 0; i + piece_length <= body.size(); ++i) {
        ASSERT_EQ(shown.find(body.substr(i, piece_length)), std::string::npos) << text;
      }
    };
    Screen screen({120, random_size(random).columns});
    TokenCapture capture;
    const std::string bytes = " Your token:\r\n\r\n " + set_apart(token, random) + "\r\n\r\n Store it.\r\n";
    for (std::string_view left = bytes; !left.empty();) {
      const auto count = std::min(left.size(), static_cast<std::size_t>(between(random, 1, 40)));
      screen.write({left.data(), count});
      left.remove_prefix(count);
      capture.observe(screen);
      if (capture.sighted()) continue;
      std::string text;
      for (const auto& row : frame_of(screen, mask_for(screen, {})).rows) {
        for (const auto& run : row) text += run.text;
      }
      expect_none(text);
    }
    EXPECT_TRUE(capture.sighted()) << bytes;
    EXPECT_EQ(known_sentence(screen), "");
  });
}

// Any output of a program, well-formed or not: movements, scrolling regions, insertions, the other screen, cut
// sequences, characters of all kinds.
std::string noise(Random& random) {
  static constexpr std::string_view bits[] = {
      "\x1b[", "\x1b]",  "\x1bP", "\x1b\\",  "\x1b",   "?",     "1049h", "1049l",    "H",         "2J",      "K",
      "m",     ";",      "99999", "\r\n",    "\x07",   "M",     "L",     "P",        "@",         "S",       "T",
      "3;9r",  "\x1b(0", "é",     "e\u0301", "\u4e16", "\xff",  "\xc3",  "\x9b",     "4h",        "?7l",     "?6h",
      "X",     "\x0e",   "\t",    "I",       "6n",     "sk-an", "t-oat", "https://", "\x1b[1;1H", "\x1b[2L", "\x1bM"};
  std::string bytes;
  for (int i = between(random, 1, 8); i > 0; --i) {
    bytes += chance(random, 0.3) ? std::to_string(between(random, 0, 60))
                                 : bits[between(random, 0, static_cast<int>(std::size(bits)) - 1)];
  }
  return bytes;
}

TEST_F(Drawing, Noise_ScreenStaysReadable) {
  repeat([](Random& random) {
    Watched watched({between(random, 5, 20), between(random, 20, 60)}, "", random);
    for (int i = 0; i < 200; ++i) {
      watched.write(noise(random));
      if (chance(random, 0.05)) watched.resize(between(random, 20, 60));
    }
    const auto& screen = watched.screen;
    for (int row = 0; row < screen.size().rows; ++row) {
      for (int column = 0; column < screen.size().columns; ++column) {
        const Cell cell = screen.cell(row, column);
        const char32_t expected = cell.width == 0 ? U'\ufffd' : cell.code_points[0] == 0 ? U' ' : cell.code_points[0];
        ASSERT_EQ(screen.character(screen.first_row() + row, column), expected) << row << "," << column;
      }
    }
  });
}

TEST_F(Drawing, Differences_AppliedByClient_SameFrame) {
  repeat([](Random& random) {
    auto size = random_size(random);
    Screen screen(size);
    Artist artist(size, random);
    Frame before;
    Frame shown;
    for (int step = 0; step < 6; ++step) {
      if (chance(random, 0.2)) {
        size.columns = random_size(random).columns;
        screen.resize(size.columns);
        screen.write(artist.start_over(size));
      }
      screen.write(artist.draw(success(test::random_token(random), size, random), Artist::Order::any));
      const Frame now = frame_of(screen, mask_for(screen, {}));
      apply(difference(step == 0 ? nullptr : &before, now), shown);
      EXPECT_EQ(shown, now);
      before = now;
    }
  });
}

TEST_F(Drawing, NoToken_NothingCaptured) {
  repeat([](Random& random) {
    const auto size = random_size(random);
    Watched watched(size, "", random);
    Artist artist(size, random);
    auto text = test::random_token(random);
    const auto hidden = static_cast<std::size_t>(between(random, 13, 100));
    text[hidden] = ' ';  // the text after it belongs to something else
    watched.write(artist.draw(success(text, size, random), Artist::Order::downwards));
    EXPECT_FALSE(watched.capture.found_whole());
    EXPECT_TRUE(watched.capture.sighted());
  });
}

}  // namespace
}  // namespace jackin::mint

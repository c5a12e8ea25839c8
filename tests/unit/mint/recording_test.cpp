// SPDX-License-Identifier: Apache-2.0
// The output of the real program, as recorded.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "daemon/mint/authorize_url.hpp"
#include "daemon/mint/frame.hpp"
#include "daemon/mint/known_sentence.hpp"
#include "daemon/mint/token_capture.hpp"

namespace jackin::mint {
namespace {

// The token that the stand-in issued.
const std::string token = std::string("sk-ant-") +
                          "oat01-UK44_28Uo7oG3s_QqaJ5nt4vXIOq8MiCJhlonBVYNWLVAkT_4QevtDjnniIONhmVBncM9pxYEYvHT01hB1gOO"
                          "KB2JJ1xXAA";

TerminalSize parse_size(const std::string& text) {
  TerminalSize size;
  char separator = 0;
  std::istringstream(text) >> size.columns >> separator >> size.rows;
  return size;
}

class RecordingPlayer : public testing::Test {
 protected:
  virtual std::string recording() const = 0;

  // Plays the recording in chunks of at most `most` bytes and checks the screen after each.
  void play(std::size_t most) {
    std::ifstream file(std::string(JACKIN_TEST_RECORDINGS) + "/" + recording() + ".cast");
    ASSERT_TRUE(file);
    std::string line;
    std::getline(file, line);
    const auto header = nlohmann::json::parse(line);
    Screen screen({header.at("height"), header.at("width")});
    while (std::getline(file, line)) {
      const auto event = nlohmann::json::parse(line);
      const std::string data = event.at(2);
      if (event.at(1) == "r") {
        capture.observe(screen);
        screen.resize(parse_size(data).columns);
        continue;
      }
      for (std::size_t at = 0; at < data.size(); at += most) {
        screen.write({data.data() + at, std::min(most, data.size() - at)});
        capture.observe(screen);
        replies += screen.take_replies();
        if (!capture.sighted()) {
          frames.push_back(text_of(frame_of(screen, mask_for(screen, reader.known()))));
        }
      }
      if (!capture.sighted()) {
        if (auto url = reader.read(screen)) urls.push_back(*url);
      }
    }
    said = known_sentence(screen);
  }

  static std::string text_of(const Frame& frame) {
    std::string text;
    for (const auto& row : frame.rows) {
      for (const auto& run : row) text += run.text;
    }
    return text;
  }

  TokenCapture capture;
  AuthorizeUrlReader reader;
  std::vector<std::string> urls;
  std::vector<std::string> frames;
  std::string replies;
  std::string said;
};

class Recording : public RecordingPlayer, public testing::WithParamInterface<std::string> {
 protected:
  std::string recording() const override { return GetParam(); }
  bool pasted() const { return GetParam().find("browser") == std::string::npos; }
};

class RecordingWithEnoughRows : public Recording {};

TEST_P(RecordingWithEnoughRows, Capture_WholeToken) {
  for (const std::size_t most : {7, 100, 100'000}) {
    capture = {};
    play(most);
    ASSERT_TRUE(capture.found_whole());
    EXPECT_EQ(capture.found()->token.view(), token);
  }
}

TEST_P(Recording, Frames_NoPieceOfToken) {
  play(5);
  ASSERT_FALSE(frames.empty());
  for (const auto& frame : frames) {
    for (std::size_t i = 0; i + 6 <= token.size(); ++i) {
      ASSERT_EQ(frame.find(token.substr(i, 6)), std::string::npos) << frame;
    }
  }
}

TEST_P(Recording, Url_OnceAndWhole) {
  play(100'000);
  if (!pasted()) {
    EXPECT_THAT(urls, testing::IsEmpty());
    return;
  }
  ASSERT_THAT(urls, testing::SizeIs(1));
  EXPECT_THAT(urls[0], testing::StartsWith("https://claude.com/cai/oauth/authorize?code=true&client_id="));
  EXPECT_THAT(urls[0], testing::HasSubstr("redirect_uri=https%3A%2F%2Fplatform.claude.com%2Foauth%2Fcode%2Fcallback&"));
  EXPECT_EQ(query_parameter(urls[0], "state").size(), 43U);
}

TEST_P(Recording, Frames_ShowWhatUserNeeds) {
  play(100'000);
  EXPECT_THAT(frames, testing::Contains(testing::HasSubstr("Opening browser to sign in…")));
  if (!pasted()) return;
  EXPECT_THAT(frames, testing::Contains(testing::HasSubstr("Paste code here if prompted >")));
  EXPECT_THAT(frames, testing::Contains(testing::HasSubstr(urls.at(0).substr(urls.at(0).size() - 60))))
      << "the URL must be left as it is";
}

TEST_P(Recording, TerminalQueries_Answered) {
  play(100'000);
  EXPECT_THAT(replies, testing::HasSubstr("\x1bP>|jackind("));
  EXPECT_THAT(replies, testing::HasSubstr("\x1b[?1;2c"));
}

struct Lifetime {
  std::string recording;
  int days;
};

class RecordedLifetime : public RecordingPlayer, public testing::WithParamInterface<Lifetime> {
 protected:
  std::string recording() const override { return GetParam().recording; }
};

TEST_P(RecordedLifetime, Capture_LifetimeBesideToken) {
  for (const std::size_t most : {7, 100, 100'000}) {
    capture = {};
    play(most);
    ASSERT_TRUE(capture.found_whole());
    EXPECT_EQ(capture.found()->token.view(), token);
    EXPECT_EQ(capture.found()->lifetime, std::chrono::days(GetParam().days));
  }
}

TEST_P(RecordedLifetime, Url_ConsentLink) {
  play(100'000);
  ASSERT_THAT(urls, testing::SizeIs(1));
  EXPECT_TRUE(is_authorize_url(urls[0])) << urls[0];
}

struct Refusal {
  std::string recording;
  std::string sentence;
};

class RecordedRefusal : public RecordingPlayer, public testing::WithParamInterface<Refusal> {
 protected:
  std::string recording() const override { return GetParam().recording; }
};

TEST_P(RecordedRefusal, Refusal_KnownSentenceFound) {
  play(100'000);
  EXPECT_FALSE(capture.sighted());
  EXPECT_EQ(said, GetParam().sentence);
}

template <typename Param>
std::string name_of_recording(const testing::TestParamInfo<Param>& test) {
  std::string name = test.param.recording;
  std::erase(name, '-');
  return name;
}

std::string name_of(const testing::TestParamInfo<std::string>& test) {
  std::string name = test.param;
  std::erase(name, '-');
  return name;
}

const auto enough_rows =
    testing::Values("paste-40", "paste-80", "paste-110", "paste-300", "browser-80", "resize-prompt-110-50",
                    "resize-sent-64-120", "resize-sent-80-40", "resize-token-97-40");

INSTANTIATE_TEST_SUITE_P(Claude, Recording, enough_rows, name_of);
INSTANTIATE_TEST_SUITE_P(Claude, RecordingWithEnoughRows, enough_rows, name_of);
INSTANTIATE_TEST_SUITE_P(Claude, RecordedLifetime,
                         testing::Values(Lifetime{"newer-80-days", 90}, Lifetime{"newer-40-days", 400},
                                         Lifetime{"newer-24-hours", 0}, Lifetime{"newer-110-year", 365},
                                         Lifetime{"paste-40", 365}),
                         name_of_recording<Lifetime>);
INSTANTIATE_TEST_SUITE_P(
    Claude, RecordedRefusal,
    testing::Values(Refusal{"refused-30", "OAuth error: Request failed with status code 400"},
                    Refusal{
                        "newer-refused-40",
                        "OAuth error: The sign-in service couldn't finish signing you in (HTTP 400). Sign in again, "
                        "and contact support if it keeps failing."},
                    Refusal{"newer-half-code-30",
                            "That doesn't look like the full code. Copy all of it, including the # in the middle."}),
    name_of_recording<Refusal>);
INSTANTIATE_TEST_SUITE_P(ClaudeOnAShortTerminal, Recording, testing::Values("short-40x10"), name_of);

}  // namespace
}  // namespace jackin::mint

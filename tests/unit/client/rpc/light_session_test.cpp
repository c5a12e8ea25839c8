// SPDX-License-Identifier: Apache-2.0
#include "client/rpc/light_session.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/temp_dir.hpp"
#include "tests/unit/client/rpc/scripted_daemon.hpp"
#include "tests/unit/client/rpc/session_input.hpp"

namespace jackin::client {
namespace {

constexpr std::chrono::seconds limit{30};
constexpr std::size_t preface_size = 24;

std::string output_of(LightSession& session) {
  std::string out;
  session.take_output(out);
  return out;
}

TEST(LightSession, TwoCalls_SentTogetherWithPreface) {
  LightSession session;
  const auto first = session.begin("/a.B/C", "one", limit);
  const auto second = session.begin("/a.B/D", "two", limit);
  const std::string out = output_of(session);
  EXPECT_TRUE(out.starts_with("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
  std::vector<std::uint32_t> ended;
  for (const SeenFrame& one : frames_in(std::string_view(out).substr(preface_size))) {
    if (one.type == FrameType::data && (one.flags & end_stream) != 0) ended.push_back(one.stream);
  }
  EXPECT_EQ(ended, (std::vector{static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(second)}));
}

// The daemon's table of headers stays empty, and so does its client's: a token in a header would otherwise stay in it.
TEST(LightSession, Headers_InNoTable) {
  LightSession session;
  session.begin("/a.B/C", "", limit);
  const std::string first = output_of(session).substr(preface_size);
  session.begin("/a.B/C", "", limit);
  const std::string second = output_of(session);
  // A call whose headers were in the table would need fewer bytes.
  const auto size_of_headers = [](std::string_view bytes) {
    while (static_cast<FrameType>(bytes.at(3)) != FrameType::headers) {
      bytes.remove_prefix(9 + static_cast<std::uint8_t>(bytes.at(2)));
    }
    return static_cast<int>(static_cast<std::uint8_t>(bytes.at(2)));
  };
  // The first one also says that the table has no entries, in one byte.
  EXPECT_EQ(size_of_headers(first), size_of_headers(second) + 1);
}

TEST(LightSession, SecretReply_Received) {
  LightSession session;
  const auto call = session.begin("/a.B/C", "", limit, ReplyKind::secret);
  (void)output_of(session);
  EXPECT_FALSE(session.end_of(call));
  const std::string bytes = settings() + reply(1, std::string(108, 't'));
  session.receive(bytes);
  (void)output_of(session);
  ASSERT_TRUE(session.end_of(call));
  EXPECT_TRUE(session.end_of(call)->has_value());
  EXPECT_EQ(session.reply_of(call), std::string(108, 't'));
}

TEST(LightSession, Closed_CallsLost) {
  LightSession session;
  const auto call = session.begin("/a.B/C", "", limit);
  session.close();
  ASSERT_TRUE(session.end_of(call));
  EXPECT_TRUE(session.end_of(call)->error().lost);
}

// What ./dev fuzz found interesting, and recordings of jackind.
TEST(LightSession, Corpus_EveryCallEnds) {
  int inputs = 0;
  for (const auto& entry : std::filesystem::directory_iterator(JACKIN_SESSION_CORPUS)) {
    EXPECT_TRUE(handle_session_input(test::read_file(entry.path()))) << entry.path();
    ++inputs;
  }
  EXPECT_GT(inputs, 10);
}

}  // namespace
}  // namespace jackin::client

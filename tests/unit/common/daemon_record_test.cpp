#include "common/daemon_record.hpp"

#include <gtest/gtest.h>

namespace jackin {
namespace {

DaemonRecord record() {
  DaemonRecord made;
  made.pid = 4711;
  made.version = "0.1.0";
  made.socket = "/run/user/1/a folder\nwith % and \x01/jackind.sock";
  made.config_dir = "/home/me/.config/jackin";
  made.log = "journal";
  return made;
}

TEST(DaemonRecord, IsReadBackAsItWasWritten) {
  for (const bool stopping : {false, true}) {
    DaemonRecord written = record();
    written.stopping = stopping;
    EXPECT_EQ(parse_daemon_record(format_daemon_record(written)), written);
  }
}

TEST(DaemonRecord, HalfWrittenIsNone) {
  const std::string text = format_daemon_record(record());
  for (std::size_t length = 0; length < text.size(); ++length) {
    EXPECT_FALSE(parse_daemon_record(text.substr(0, length))) << length;
  }
}

TEST(DaemonRecord, NonsenseIsNone) {
  for (const std::string_view text :
       {"end\n", "pid x\nend\n", "pid 0\nend\n", "pid -5\nend\n", "pid\nend\n", "pid 1\nsocket %zz\nend\n",
        "pid 1\nsocket %4\nend\n", "pid 99999999999999\nend\n"}) {
    EXPECT_FALSE(parse_daemon_record(text)) << text;
  }
}

}  // namespace
}  // namespace jackin

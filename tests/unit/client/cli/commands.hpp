// SPDX-License-Identifier: Apache-2.0
#pragma once

// jackinctl as a whole against a fake daemon.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "client/cli/program.hpp"
#include "common/scope.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/client/core/fake_daemon.hpp"

namespace jackin::client {

class Commands : public testing::Test {
 protected:
  Commands() : daemon_(temp_.path().string()) {
    daemon_.probe.mutable_scope()->set_workspace("my-app");
    daemon_.probe.set_decision(v1::DECISION_ALLOW);
    daemon_.probe.set_verdict(v1::VERDICT_OK);
    daemon_.probe.set_fresh(true);
    // stdin is open, and no input arrives.
    EXPECT_EQ(pipe(silence_), 0);
    input_ = silence_[0];
  }
  ~Commands() override {
    close(input_);
    close(silence_[1]);
  }

  int run(std::vector<std::string> arguments) {
    const int out = open(full_ ? "/dev/full" : (temp_ / "out").c_str(), O_CREAT | O_TRUNC | O_RDWR, 0600);
    const int err = screen_ >= 0 ? screen_ : open((temp_ / "err").c_str(), O_CREAT | O_TRUNC | O_RDWR, 0600);
    Environment::Variables variables = variables_;
    variables["HOME"] = temp_.path().string();
    variables["JACKIN_RUNTIME_DIR"] = runtime_.empty() ? temp_.path().string() : runtime_;
    variables["JACKIN_NO_AUTOSTART"] = "1";
    variables["TERM"] = "xterm";
    CommandContext cli{Environment(std::move(variables)), [] { return Moment(std::chrono::seconds(1'800'000'000)); },
                       input_, out, err};
    cli.launch = [this](const HookCommand& command) {
      launched_ = command;
      return launch_code_;
    };
    const int code = run_jackinctl(std::move(arguments), cli);
    close(out);
    if (screen_ < 0) close(err);
    if (!full_) out_ = test::read_file(temp_ / "out");
    if (screen_ < 0) err_ = test::read_file(temp_ / "err");
    return code;
  }

  void give_input(const std::string& text) {
    test::write_file(temp_ / "in", text);
    close(input_);
    input_ = open((temp_ / "in").c_str(), O_RDONLY);
  }

  test::TempDir temp_;
  FakeDaemon daemon_;
  std::string runtime_;
  Environment::Variables variables_;
  int silence_[2] = {-1, -1};
  int input_ = -1;
  int screen_ = -1;
  bool full_ = false;  // stdout
  std::optional<HookCommand> launched_;
  int launch_code_ = 0;
  std::string out_;
  std::string err_;
};

// With a terminal: one end for the program, the other for the test.
class CommandsOnTerminal : public Commands {
 protected:
  CommandsOnTerminal() : master_(posix_openpt(O_RDWR | O_NOCTTY)) {
    EXPECT_EQ(grantpt(master_), 0);
    EXPECT_EQ(unlockpt(master_), 0);
    close(input_);
    input_ = open(ptsname(master_), O_RDWR | O_NOCTTY);
    screen_ = input_;
    EXPECT_EQ(tcgetattr(input_, &before_), 0);
    reader_ = std::thread([this] {
      char bytes[4096];
      for (ssize_t count = 0; (count = read(master_, bytes, sizeof bytes)) > 0;) {
        const std::lock_guard lock(mutex_);
        shown_.append(bytes, static_cast<std::size_t>(count));
        grown_.notify_all();
      }
    });
  }
  ~CommandsOnTerminal() override {
    // Closes the terminal, which ends the reader. The base class closes the replacement of `input_`.
    hang_up();
    close(master_);
  }

  void hang_up() {
    if (!reader_.joinable()) return;
    close(input_);
    input_ = open("/dev/null", O_RDONLY);
    reader_.join();
  }

  void type(const std::string& keys) { EXPECT_EQ(write(master_, keys.data(), keys.size()), ssize_t(keys.size())); }

  // Waits until the text is on the terminal. Before that, the terminal may not be in raw mode yet.
  void wait_until_shown(const std::string& text) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(grown_.wait_for(lock, std::chrono::seconds(60), [&] { return shown_.find(text) != std::string::npos; }))
        << shown_;
  }

  bool terminal_is_as_before() {
    termios now{};
    tcgetattr(input_, &now);
    return now.c_lflag == before_.c_lflag && now.c_iflag == before_.c_iflag && now.c_oflag == before_.c_oflag;
  }

  int master_;
  termios before_{};
  std::thread reader_;
  std::mutex mutex_;  // guards the two below
  std::condition_variable grown_;
  std::string shown_;
};

}  // namespace jackin::client

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "common/environment.hpp"

namespace jackin::test {

/// The exit code and the output of a program.
struct ProgramEnd {
  int exit_code = -1;  ///< 128 + the signal when a signal ended it; -1 when it was still running at the limit.
  std::string output;
  std::string errors;
};

/// A program that a test started, its three streams on pipes. It is killed at the end of the scope if it still runs.
class Program {
 public:
  struct Start {
    std::filesystem::path program;  ///< Absolute.
    std::vector<std::string> arguments;
    Environment environment;
    std::filesystem::path directory = "/";
    std::vector<int> inherited;  ///< Descriptors of the test that the program inherits, under the same numbers.
  };
  explicit Program(const Start& start);
  Program(Program&& other) noexcept;
  Program& operator=(Program&&) = delete;
  ~Program();

  pid_t pid() const { return pid_; }
  void signal(int number) const;

  /// Writes `text` to its stdin.
  void write(std::string_view text);
  void close_input();

  /// Reads until its stderr (or stdout) contains `text`. False when the program ended, or the limit was reached, before
  /// that.
  bool wait_for_error_text(std::string_view text, std::chrono::seconds limit = std::chrono::seconds(60));
  bool wait_for_output_text(std::string_view text, std::chrono::seconds limit = std::chrono::seconds(60));

  /// Closes its stdin, waits for its end and returns its output. Output of its children after its end is not awaited.
  ProgramEnd wait(std::chrono::seconds limit = std::chrono::seconds(60));

  const std::string& output() const { return output_.text; }
  const std::string& errors() const { return errors_.text; }

 private:
  struct Stream {
    int fd = -1;
    std::string text;
  };
  using Until = std::chrono::steady_clock::time_point;
  bool read_once(Until until, bool and_exit);
  void drain(Stream& stream);
  bool wait_for(const Stream& stream, std::string_view text, std::chrono::seconds limit);

  pid_t pid_ = -1;
  int exit_fd_ = -1;
  int input_ = -1;
  Stream output_;
  Stream errors_;
  bool exited_ = false;
};

}  // namespace jackin::test

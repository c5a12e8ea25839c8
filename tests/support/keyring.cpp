// SPDX-License-Identifier: Apache-2.0
#include "tests/support/keyring.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>
#include <vector>

extern "C" char** environ;

namespace jackin::test {

Keyring::Keyring(const std::string& option) {
  int to[2];
  int from[2];
  if (pipe2(to, O_CLOEXEC) != 0 || pipe2(from, O_CLOEXEC) != 0) throw std::runtime_error("no pipes");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, to[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, from[1], STDOUT_FILENO);
  std::vector<std::string> words{"python3", "-B", KEYRING_PROGRAM, folder_.path().string()};
  if (!option.empty()) words.push_back(option);
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const int failed = posix_spawnp(&helper_, "python3", &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(to[0]);
  close(from[1]);
  to_ = fdopen(to[1], "w");
  from_ = fdopen(from[0], "r");
  if (failed != 0) throw std::runtime_error("python3 cannot be started");
  address_ = next_line();
}

Keyring::~Keyring() {
  std::fclose(to_);
  waitpid(helper_, nullptr, 0);
  std::fclose(from_);
}

std::string Keyring::next_line() {
  std::string line;
  for (int c = std::fgetc(from_); c != '\n'; c = std::fgetc(from_)) {
    if (c == EOF) throw std::runtime_error("keyring.py has ended");
    line.push_back(static_cast<char>(c));
  }
  return line;
}

std::string Keyring::say(const std::string& line) {
  std::fputs((line + "\n").c_str(), to_);
  std::fflush(to_);
  return next_line();
}

}  // namespace jackin::test

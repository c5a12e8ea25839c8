// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/support/programs.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <utility>

#include "common/os/daemon_record.hpp"
#include "common/readiness.hpp"

namespace jackin::test {
namespace fs = std::filesystem;
namespace {

constexpr const char* closed_port = "http://127.0.0.1:1";
constexpr int readiness_limit_ms = 60'000;

// All data that is written to `fd` until the last writer has closed it, or the limit is reached.
std::string read_all(int fd) {
  std::string text;
  std::array<char, 4096> buffer{};
  for (;;) {
    pollfd waiting{fd, POLLIN, 0};
    if (poll(&waiting, 1, readiness_limit_ms) <= 0) return text;
    const ssize_t count = read(fd, buffer.data(), buffer.size());
    if (count <= 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

}  // namespace

Programs::Programs(const Sandbox& sandbox) : environment(sandbox.environment()), sandbox_(sandbox) {
  environment.set("XDG_RUNTIME_DIR", sandbox.paths.runtime_dir.parent_path().string());
  environment.set("LANG", "C.UTF-8");
  environment.set("TERM", "xterm-256color");
  const Environment sanitizers = Environment::of_this_process().only({"ASAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS"});
  for (const auto& [name, value] : sanitizers.variables()) environment.set(name, value);
  // No request reaches the real API, even when the settings are broken.
  environment.set("HTTPS_PROXY", closed_port);
  write_settings();
}

Programs::~Programs() {
  if (daemon_) stop_daemon();
  stop_autostarted_daemon();
}

void Programs::stop_autostarted_daemon() const {
  const int lock = open(sandbox_.paths.daemon_lock().c_str(), O_RDONLY | O_CLOEXEC);
  if (lock < 0) return;
  if (flock(lock, LOCK_SH | LOCK_NB) != 0) {
    const auto record = parse_daemon_record(read_file(sandbox_.paths.daemon_lock()));
    if (record && kill(record->pid, SIGTERM) == 0) flock(lock, LOCK_SH);
  }
  close(lock);
}

void Programs::write_settings(std::string_view text) const {
  write_file(sandbox_.paths.settings_file(), std::string(text) + "\n[upstream]\nbase_url = \"" + closed_port + "\"\n");
}

fs::path Programs::built(std::string_view program) {
  if (program.starts_with('/')) return program;
  for (const char* folder : {JACKIN_BIN_DIR, JACKIN_LIBEXEC_DIR, JACKIN_TESTS_DIR}) {
    if (fs::exists(fs::path(folder) / program)) return fs::path(folder) / program;
  }
  throw std::runtime_error("not built: " + std::string(program));
}

Program Programs::start(std::string_view program, std::vector<std::string> arguments,
                        std::vector<int> inherited) const {
  return Program({.program = built(program),
                  .arguments = std::move(arguments),
                  .environment = environment,
                  .inherited = std::move(inherited)});
}

ProgramEnd Programs::run(std::string_view program, std::vector<std::string> arguments, std::string_view input) const {
  Program running = start(program, std::move(arguments));
  running.write(input);
  return running.wait();
}

std::string Programs::start_daemon(std::vector<std::string> arguments) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) throw std::runtime_error("no pipe left");
  fcntl(ends[0], F_SETFD, FD_CLOEXEC);
  arguments.insert(arguments.end(), {"--foreground", "--ready-fd", std::to_string(ends[1])});
  daemon_.reset();
  daemon_.emplace(start("jackind", std::move(arguments), {ends[1]}));
  close(ends[1]);
  const std::string said = read_all(ends[0]);
  close(ends[0]);
  if (parse_readiness(said) == Readiness::ready) return {};
  const ProgramEnd end = stop_daemon();
  const std::string text = said + end.errors;
  return text.empty() ? "ended without output" : text;
}

ProgramEnd Programs::stop_daemon() {
  daemon_->signal(SIGTERM);
  ProgramEnd end = daemon_->wait();
  daemon_.reset();
  return end;
}

}  // namespace jackin::test

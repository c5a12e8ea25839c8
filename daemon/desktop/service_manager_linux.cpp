// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#include <cstdint>

#include "daemon/desktop/service_manager.hpp"

namespace jackin {
namespace {

constexpr const char* socket_variable = "NOTIFY_SOCKET";

// A line end separates the lines of the protocol.
std::string one_line(std::string text) {
  for (char& c : text) {
    if (c == '\n' || c == '\0') c = ' ';
  }
  return text;
}

std::uint64_t monotonic_microseconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000 + static_cast<std::uint64_t>(now.tv_nsec) / 1'000;
}

class Systemd final : public ServiceManager {
 public:
  explicit Systemd(std::optional<Clock::Duration> watchdog) : watchdog_(watchdog) {}

  void ready(const std::string& status) override { notify("READY=1\nSTATUS=" + one_line(status)); }
  // Without the time systemd 253 and later ignore RELOADING for Type=notify-reload (sd_notify(3)).
  void reloading() override { notify("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(monotonic_microseconds())); }
  void stopping(const std::string& status) override { notify("STOPPING=1\nSTATUS=" + one_line(status)); }
  std::optional<Clock::Duration> watchdog() const override { return watchdog_; }
  void alive() override { notify("WATCHDOG=1"); }

 private:
  // A manager that has ended needs no report.
  static void notify(const std::string& state) { static_cast<void>(sd_notify(0, state.c_str())); }

  std::optional<Clock::Duration> watchdog_;
};

void set_from(const Environment& inherited, const char* name) {
  if (const auto value = inherited.get(name)) {
    setenv(name, value->c_str(), 1);
  } else {
    unsetenv(name);
  }
}

std::optional<Clock::Duration> watchdog_of_this_process(const Environment& inherited) {
  for (const char* name : {"WATCHDOG_USEC", "WATCHDOG_PID"}) set_from(inherited, name);
  std::uint64_t microseconds = 0;
  // This also unsets the variables. The function ignores a limit that names another process.
  const int enabled = sd_watchdog_enabled(1, &microseconds);
  if (enabled <= 0) return std::nullopt;
  return std::chrono::microseconds(microseconds);
}

}  // namespace

std::unique_ptr<ServiceManager> system_service_manager(const Environment& inherited) {
  const auto watchdog = watchdog_of_this_process(inherited);
  set_from(inherited, socket_variable);
  if (!inherited.has(socket_variable)) return no_service_manager();
  return std::make_unique<Systemd>(watchdog);
}

}  // namespace jackin

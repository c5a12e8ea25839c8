// SPDX-License-Identifier: Apache-2.0
#include "tests/support/message_bus.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

namespace jackin::test {
namespace {

std::string configuration(const TempDir& folder) {
  return R"(<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=)" +
         (folder / "bus").string() + R"(</listen>
  <auth>EXTERNAL</auth>
  <servicedir>)" +
         (folder / "services").string() + R"(</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
)";
}

}  // namespace

MessageBus::MessageBus() {
  write_file(folder_ / "bus.conf", configuration(folder_));
  start();
}

MessageBus::~MessageBus() {
  stop();
}

void MessageBus::start_on_demand(std::string_view name, std::string_view command) {
  stop();
  const auto script = folder_ / "service.sh";
  write_file(script, command);
  write_file(folder_ / "services" / (std::string(name) + ".service"),
             "[D-BUS Service]\nName=" + std::string(name) + "\nExec=/bin/sh " + script.string() + "\n");
  start();
}

void MessageBus::start() {
  const std::string config = "--config-file=" + (folder_ / "bus.conf").string();
  std::array<int, 2> ready{};
  if (::pipe(ready.data()) != 0) throw std::runtime_error("no pipe");
  const std::string print = "--print-address=" + std::to_string(ready[1]);
  daemon_ = ::fork();
  if (daemon_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::close(ready[0]);
    // dbus-daemon warns about limits that it may not raise.
    ::dup2(::open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
    ::execlp("dbus-daemon", "dbus-daemon", "--nofork", "--nopidfile", config.c_str(), print.c_str(), nullptr);
    ::_exit(127);
  }
  ::close(ready[1]);
  // dbus-daemon prints its address once it listens on it.
  address_.clear();
  std::array<char, 256> buffer{};
  for (ssize_t count = 1; count > 0 && !address_.ends_with('\n');) {
    count = ::read(ready[0], buffer.data(), buffer.size());
    if (count > 0) address_.append(buffer.data(), static_cast<std::size_t>(count));
  }
  ::close(ready[0]);
  if (!address_.ends_with('\n')) throw std::runtime_error("dbus-daemon does not start; is it installed? ./dev deps");
  address_.pop_back();
}

void MessageBus::freeze() {
  ::kill(daemon_, SIGSTOP);
  // Waits until the process has stopped.
  ::waitpid(daemon_, nullptr, WUNTRACED);
}

void MessageBus::stop() {
  if (daemon_ <= 0) return;
  ::kill(daemon_, SIGKILL);
  ::waitpid(daemon_, nullptr, 0);
  daemon_ = -1;
  ::unlink((folder_ / "bus").c_str());
}

}  // namespace jackin::test

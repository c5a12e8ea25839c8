// SPDX-License-Identifier: Apache-2.0
// A stand-in for logind on the bus whose address it is given. Prints "ready", and "inhibited" whenever a client takes a
// delay lock for suspend. It executes the lines on its stdin, answers each with "done", and ends when stdin is closed:
//
//   session ID USER   a session begins
//   sleep             the machine is about to suspend; answered once no delay lock is held
//   resume            it runs again
//   lock ID           the session shall be locked
//   hint ID           the session says that it is locked

#include <cstdint>
#include <iostream>
#include <mutex>
#include <sstream>
#include <string>

#include "tests/unit/desktop/fake_logind.hpp"

namespace {

std::mutex output;

void say(const std::string& line) {
  const std::scoped_lock lock(output);
  std::cout << line << std::endl;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::cerr << "usage: fake_logind BUS_ADDRESS\n";
    return 2;
  }
  jackin::test::FakeLogind logind(arguments[1], [] { say("inhibited"); });
  say("ready");
  std::string line;
  while (std::getline(std::cin, line)) {
    std::istringstream words(line);
    std::string what;
    std::string id;
    std::uint32_t user = 0;
    words >> what >> id >> user;
    if (what == "session") logind.add_session(id, user);
    if (what == "sleep") {
      logind.prepare_for_sleep(true);
      logind.wait_for_sleep_to_be_allowed();
    }
    if (what == "resume") logind.prepare_for_sleep(false);
    if (what == "lock") logind.ask_to_lock(id, true);
    if (what == "hint") logind.set_locked_hint(id, true);
    say("done");
  }
  return 0;
}

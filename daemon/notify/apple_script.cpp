// SPDX-License-Identifier: Apache-2.0
#include "daemon/notify/notifiers.hpp"

#include <utility>

#include "common/remedy_command.hpp"

namespace jackin::notify {
namespace {

class AppleScriptNotifier final : public Notifier {
 public:
  AppleScriptNotifier(std::filesystem::path osascript, Environment environment, ProgramRunner& programs)
      : osascript_(std::move(osascript)), environment_(std::move(environment)), programs_(programs) {}

  Task<> deliver(Notice notice) override {
    ProgramCall call;
    call.program = osascript_;
    // The arguments after the script are the script's arguments (osascript(1)). The first begins with a letter, so that
    // it is no option.
    call.arguments = {"-e",
                      "on run argv",
                      "-e",
                      "display notification (item 3 of argv) with title (item 1 of argv) subtitle (item 2 of argv)",
                      "-e",
                      "end run",
                      "jackind",
                      notice.summary,
                      command_line(notice.remedy)};
    call.environment = environment_.only({"HOME", "PATH", "LANG"});
    call.limit = std::chrono::seconds(10);
    CO_TRY(const auto ran, co_await programs_.run(std::move(call)));
    if (ran.exit_code != 0) {
      std::string message = "osascript ended with " + std::to_string(ran.exit_code);
      if (!ran.errors.empty()) message += ": " + ran.errors.shown({});
      co_return failure(Reason::program_failed, std::move(message));
    }
    co_return Result<>();
  }

 private:
  std::filesystem::path osascript_;
  Environment environment_;
  ProgramRunner& programs_;
};

}  // namespace

std::unique_ptr<Notifier> apple_script_notifier(std::filesystem::path osascript, Environment environment,
                                                ProgramRunner& programs) {
  return std::make_unique<AppleScriptNotifier>(std::move(osascript), std::move(environment), programs);
}

}  // namespace jackin::notify

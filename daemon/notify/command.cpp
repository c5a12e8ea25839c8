// SPDX-License-Identifier: Apache-2.0
#include "daemon/notify/notifiers.hpp"

#include <utility>

#include "common/remedy_command.hpp"
#include "common/untrusted_text.hpp"
#include "common/words.hpp"

namespace jackin::notify {
namespace {

class CommandNotifier final : public Notifier {
 public:
  CommandNotifier(std::vector<std::string> command, Environment environment, ProgramRunner& programs)
      : command_(std::move(command)), environment_(std::move(environment)), programs_(programs) {}

  Task<> deliver(Notice notice) override {
    CO_TRY(auto program, co_await programs_.locate(command_.front(), environment_.value_of("PATH")));
    const std::string name = "the notify command " + printable(program.path.string());
    ProgramCall call;
    call.program = std::move(program.path);
    call.arguments.assign(command_.begin() + 1, command_.end());
    call.environment = environment_.only(
        {"HOME", "PATH", "LANG", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY"});
    add_facts(call.environment, notice);
    CO_TRY(const auto ran, co_await programs_.run(std::move(call)));
    if (ran.too_much_output) {
      co_return failure(Reason::program_failed, name + " wrote more than 64 KiB and was stopped");
    }
    if (ran.exit_code != 0) {
      std::string message = name + " ended with " + std::to_string(ran.exit_code);
      if (!ran.errors.empty()) message += ": " + ran.errors.shown({});
      co_return failure(Reason::program_failed, std::move(message));
    }
    co_return Result<>();
  }

 private:
  static void add_facts(Environment& environment, const Notice& notice) {
    environment.set("JACKIN_EVENT", std::string(word_of(notice.kind)));
    environment.set("JACKIN_SCOPE", notice.scope.str());
    environment.set("JACKIN_SUMMARY", notice.summary);
    environment.set("JACKIN_REMEDY", command_line(notice.remedy));
    if (notice.days_left) environment.set("JACKIN_DAYS_LEFT", std::to_string(*notice.days_left));
    if (notice.expires_on) environment.set("JACKIN_EXPIRES_ON", format_date(*notice.expires_on));
    if (notice.fingerprint) environment.set("JACKIN_FINGERPRINT", notice.fingerprint->str());
  }

  std::vector<std::string> command_;
  Environment environment_;
  ProgramRunner& programs_;
};

}  // namespace

std::unique_ptr<Notifier> command_notifier(std::vector<std::string> command, Environment environment,
                                           ProgramRunner& programs) {
  return std::make_unique<CommandNotifier>(std::move(command), std::move(environment), programs);
}

}  // namespace jackin::notify

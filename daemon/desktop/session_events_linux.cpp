// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include <array>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "daemon/async/timeout.hpp"
#include "daemon/desktop/bus.hpp"
#include "daemon/desktop/logind_events.hpp"
#include "daemon/desktop/sleep_watch.hpp"

namespace jackin::desktop {
namespace {

constexpr const char* login = "org.freedesktop.login1";
constexpr const char* login_object = "/org/freedesktop/login1";
constexpr const char* manager = "org.freedesktop.login1.Manager";
constexpr auto answer_limit = std::chrono::seconds(25);  // D-Bus's own
constexpr std::array<std::chrono::seconds, 3> until_next_try{std::chrono::seconds(5), std::chrono::seconds(60),
                                                             std::chrono::seconds(600)};

std::string signals_of(std::string_view rest) {
  return "type='signal',sender='org.freedesktop.login1'," + std::string(rest);
}

Result<> read_well(int outcome) {
  if (outcome < 0) return failure(bus_error("cannot understand logind", outcome));
  return {};
}

// LockedHint, when these changed properties (sa{sv}as) contain it.
std::optional<bool> locked_hint(sd_bus_message& changed) {
  if (sd_bus_message_skip(&changed, "s") < 0 || sd_bus_message_enter_container(&changed, 'a', "{sv}") < 0) return {};
  while (sd_bus_message_enter_container(&changed, 'e', "sv") > 0) {
    const char* name = nullptr;
    if (sd_bus_message_read(&changed, "s", &name) < 0) return {};
    if (std::string_view(name) == "LockedHint") {
      int locked = 0;
      if (sd_bus_message_read(&changed, "v", "b", &locked) < 0) return {};
      return locked != 0;
    }
    if (sd_bus_message_skip(&changed, "v") < 0 || sd_bus_message_exit_container(&changed) < 0) return {};
  }
  return {};
}

class LogindEvents final : public SessionEvents {
 public:
  LogindEvents(asio::any_io_executor executor, Clock& clock, LogindSources sources)
      : state_(std::make_shared<State>(*this, std::move(executor), clock, std::move(sources))) {}
  ~LogindEvents() override { state_->end(); }

  void start() override { state_->start(); }

 private:
  // The running coroutine shares it.
  struct State : std::enable_shared_from_this<State> {
    State(LogindEvents& events, asio::any_io_executor executor_of_all, Clock& clock_of_all, LogindSources all)
        : owner(&events), executor(std::move(executor_of_all)), clock(clock_of_all), sources(std::move(all)) {}

    void start() {
      watch.emplace(executor, std::move(sources.clock_jumps), sources.asleep, [this] {
        suspending = false;
        owner->report_resume();
      });
      spawn(&State::follow);
    }

    void end() {
      owner = nullptr;
      watch.reset();
      retry.cancel();
      bus.reset();
      delay.close();
    }

    void spawn(Task<> (State::*work)()) { asio::co_spawn(executor, run(shared_from_this(), work), asio::detached); }

    static asio::awaitable<void> run(std::shared_ptr<State> self, Task<> (State::*work)()) {
      if (self->owner == nullptr) co_return;
      const auto done = co_await ((*self).*work)();
      if (!done && self->owner != nullptr && work == &State::follow) self->try_again(done.error());
    }

    // Connects and subscribes to logind's signals.
    Task<> follow() {
      CO_TRY(bus, Bus::connect(executor, clock, sources.system_bus));
      bus->on_loss([this](const Error& error) { try_again(error); });
      CO_TRY(listen());
      CO_TRY(co_await list_sessions());
      worked = true;
      tries = 0;
      co_return co_await ask_for_delay();
    }

    Result<> listen() {
      TRY(bus->listen(signals_of("interface='org.freedesktop.login1.Manager',member='PrepareForSleep'"),
                      [this](sd_bus_message& message) { handle_sleep_signal(message); }));
      for (const char* const member : {"SessionNew", "SessionRemoved"}) {
        TRY(bus->listen(signals_of("interface='org.freedesktop.login1.Manager',member='" + std::string(member) + "'"),
                        [this](sd_bus_message&) { spawn(&State::list_sessions); }));
      }
      const std::string of_sessions = "path_namespace='/org/freedesktop/login1/session',";
      for (const char* const member : {"Lock", "Unlock"}) {
        TRY(bus->listen(signals_of(of_sessions + "interface='org.freedesktop.login1.Session',member='" + member + "'"),
                        [this](sd_bus_message& message) {
                          report_locked(message, std::string_view(sd_bus_message_get_member(&message)) == "Lock");
                        }));
      }
      // The session's signal also carries other properties, such as idle: at most one message per user action.
      return bus->listen(signals_of(of_sessions + "interface='org.freedesktop.DBus.Properties',"
                                                  "member='PropertiesChanged',arg0='org.freedesktop.login1.Session'"),
                         [this](sd_bus_message& message) {
                           if (const auto locked = locked_hint(message)) report_locked(message, *locked);
                         });
    }

    // Lists this user's sessions.
    Task<> list_sessions() {
      CO_TRY(auto question, to_logind("ListSessions"));
      CO_TRY(const auto answer, co_await bus->call(std::move(question), answer_limit, "logind"));
      std::set<std::string, std::less<>> found;
      CO_TRY(read_well(sd_bus_message_enter_container(answer.get(), 'a', "(susso)")));
      const char* path = nullptr;
      std::uint32_t uid = 0;
      int more = 0;
      while ((more = sd_bus_message_read(answer.get(), "(susso)", nullptr, &uid, nullptr, nullptr, &path)) > 0) {
        if (uid == sources.user) found.insert(path);
      }
      CO_TRY(read_well(more));
      sessions = std::move(found);
      co_return Result<>();
    }

    // While the daemon holds this inhibitor a suspend waits, for at most InhibitDelayMaxSec (systemd-logind, "Inhibitor
    // Locks"). Without it the machine may sleep before the daemon has reacted; the daemon reports no error for that.
    Task<> ask_for_delay() {
      CO_TRY(auto question, to_logind("Inhibit"));
      CO_TRY(read_well(sd_bus_message_append(question.get(), "ssss", "sleep", "jackind",
                                             "forgets tokens before the machine sleeps", "delay")));
      const auto answer = co_await bus->call(std::move(question), answer_limit, "logind");
      int lent = -1;
      if (answer && !suspending && sd_bus_message_read(answer->get(), "h", &lent) > 0) {
        delay = os::Descriptor(fcntl(lent, F_DUPFD_CLOEXEC, 0));
      }
      co_return Result<>();
    }

    // Never starts logind: the call asks only a running one.
    Result<BusMessage> to_logind(const char* method) {
      if (bus == nullptr) return failure(Reason::cancelled, "no longer connected to logind");
      TRY(auto message, bus->method_call(login, login_object, manager, method));
      TRY(read_well(sd_bus_message_set_auto_start(message.get(), 0)));
      return message;
    }

    void handle_sleep_signal(sd_bus_message& message) {
      int begins = 0;
      if (sd_bus_message_read(&message, "b", &begins) < 0) return;
      if (begins != 0) {
        suspending = true;
        owner->report_suspend();
        delay.close();
        return;
      }
      // The kernel may have reported it already.
      const bool slept = watch->has_slept();
      if (std::exchange(suspending, false) || slept) owner->report_resume();
      spawn(&State::ask_for_delay);
    }

    void report_locked(sd_bus_message& message, bool locked) {
      if (!sessions.contains(sd_bus_message_get_path(&message))) return;
      if (locked) {
        owner->report_lock();
      } else {
        owner->report_unlock();
      }
    }

    // A pending call and the connection's own callback both report a lost bus.
    void try_again(const Error& error) {
      if (std::exchange(is_between_tries, true)) return;
      bus.reset();
      delay.close();
      sessions.clear();
      const bool is_absent = !worked && error.reason == Reason::unsupported;
      if (is_absent || tries == until_next_try.size()) {
        owner->report_trouble(error);
        return;
      }
      retry = async::Timeout(executor, clock, until_next_try.at(tries++), [this] {
        is_between_tries = false;
        spawn(&State::follow);
      });
    }

    LogindEvents* owner;  // nothing once it is gone
    asio::any_io_executor executor;
    Clock& clock;
    LogindSources sources;
    std::optional<SleepWatch> watch;
    std::unique_ptr<Bus> bus;
    async::Timeout retry;
    std::size_t tries = 0;
    bool is_between_tries = false;
    bool worked = false;
    bool suspending = false;
    os::Descriptor delay;
    std::set<std::string, std::less<>> sessions;
  };

  std::shared_ptr<State> state_;
};

}  // namespace

std::unique_ptr<SessionEvents> logind_events(asio::any_io_executor executor, Clock& clock, LogindSources sources) {
  return std::make_unique<LogindEvents>(std::move(executor), clock, std::move(sources));
}

}  // namespace jackin::desktop

namespace jackin {

std::unique_ptr<SessionEvents> system_session_events(asio::any_io_executor executor, Clock& clock,
                                                     const Environment& environment) {
  desktop::LogindSources sources;
  sources.system_bus = desktop::system_bus_address(environment);
  sources.user = ::geteuid();
  sources.clock_jumps = desktop::wall_clock_jumps();
  sources.asleep = desktop::time_asleep;
  return desktop::logind_events(std::move(executor), clock, std::move(sources));
}

}  // namespace jackin

// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <poll.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <asio/associated_cancellation_slot.hpp>
#include <asio/async_result.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/post.hpp>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <list>
#include <string_view>
#include <utility>
#include <vector>

#include "common/outside_text.hpp"
#include "common/untrusted_text.hpp"
#include "daemon/async/timeout.hpp"
#include "daemon/desktop/bus.hpp"

namespace jackin::desktop {
namespace {

// A value in a D-Bus address: all but these are escaped (D-Bus specification, "Server Addresses").
std::string escaped(std::string_view value) {
  constexpr std::string_view plain = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_/.\\*";
  std::string text;
  for (const char c : value) {
    if (plain.find(c) != plain.npos) {
      text += c;
    } else {
      std::array<char, 4> code{};
      std::snprintf(code.data(), code.size(), "%%%02x", static_cast<unsigned char>(c));
      text += code.data();
    }
  }
  return text;
}

// What an error reply means.
Error error_of(const sd_bus_error& error, const std::string& what) {
  const std::string_view name = error.name == nullptr ? std::string_view() : error.name;
  constexpr std::string_view prefix = "org.freedesktop.DBus.Error.";
  const std::string_view known = name.starts_with(prefix) ? name.substr(prefix.size()) : std::string_view();
  Reason reason = Reason::io_failed;
  if (known == "ServiceUnknown" || known == "NameHasNoOwner" || known.starts_with("Unknown") ||
      known.starts_with("Spawn.") || known == "NotSupported") {
    reason = Reason::unsupported;
  } else if (known == "AccessDenied" || known == "AuthFailed") {
    reason = Reason::permission_denied;
  } else if (known == "NoReply" || known == "Timeout" || known == "TimedOut") {
    reason = Reason::timed_out;
  }
  const std::string_view said = error.message == nullptr || *error.message == '\0' ? name : error.message;
  return {reason, what + ": " + outside_text(said, {}), {}};
}

}  // namespace

void BusMessageRelease::operator()(sd_bus_message* message) const noexcept {
  sd_bus_message_unref(message);
}

Result<std::string> session_bus_address(const Environment& environment) {
  if (environment.has("DBUS_SESSION_BUS_ADDRESS")) return environment.value_of("DBUS_SESSION_BUS_ADDRESS");
  const std::string folder = environment.value_of("XDG_RUNTIME_DIR");
  if (!folder.starts_with('/')) return failure(Reason::unsupported, "no session bus");
  return "unix:path=" + escaped(folder + "/bus");
}

std::string system_bus_address(const Environment& environment) {
  if (environment.has("DBUS_SYSTEM_BUS_ADDRESS")) return environment.value_of("DBUS_SYSTEM_BUS_ADDRESS");
  return "unix:path=/run/dbus/system_bus_socket";
}

Error bus_error(std::string_view what, int negative_errno) {
  Error error = error_from_errno(what, -negative_errno);
  if (negative_errno == -ENOENT || negative_errno == -ECONNREFUSED) error.reason = Reason::unsupported;
  return error;
}

// Every pending wait shares it, so that it exists when they end.
struct Bus::State : std::enable_shared_from_this<Bus::State> {
  struct Call {
    State* owner = nullptr;
    std::uint64_t number = 0;
    sd_bus_slot* slot = nullptr;
    async::Timeout timeout;
    std::string what;
    std::function<void(Result<BusMessage>)> done;
    std::list<Call>::iterator self;
  };
  struct Match {
    State* owner = nullptr;
    sd_bus_slot* slot = nullptr;
    std::function<void(sd_bus_message&)> on_message;
  };

  State(asio::any_io_executor executor_of_all, Clock& clock_of_all)
      : executor(std::move(executor_of_all)), clock(clock_of_all), watch(executor) {}
  ~State() { close({Reason::cancelled, "the connection to the bus was closed", {}}); }

  // Lets sd-bus read, write and run its callbacks, then waits for more.
  void work() {
    const auto keep = shared_from_this();
    while (bus != nullptr) {
      const int progress = sd_bus_process(bus, nullptr);
      if (progress < 0) {
        lose(bus_error("the connection to the bus was lost", progress));
        return;
      }
      if (progress == 0) break;
    }
    wait();
  }

  void wait() {
    if (bus == nullptr) return;
    if (!reading) {
      reading = true;
      wait_for(asio::posix::stream_descriptor::wait_read, reading);
    }
    const int events = sd_bus_get_events(bus);
    if (events > 0 && (events & POLLOUT) != 0 && !writing) {
      writing = true;
      wait_for(asio::posix::stream_descriptor::wait_write, writing);
    }
  }

  void wait_for(asio::posix::stream_descriptor::wait_type what, bool& waiting) {
    watch.async_wait(what, [self = shared_from_this(), &waiting](const asio::error_code& error) {
      waiting = false;
      if (!error) self->work();
    });
  }

  void lose(const Error& error) {
    if (bus == nullptr) return;
    close(error);
    if (const auto report = std::exchange(lost, nullptr)) {
      asio::post(executor, [self = shared_from_this(), report, error] {
        if (!self->abandoned) report(error);
      });
    }
  }

  void close(const Error& error) {
    if (bus == nullptr) return;
    while (!calls.empty()) finish(calls.front(), failure(error));
    for (auto& match : matches) sd_bus_slot_unref(match.slot);
    matches.clear();
    asio::error_code ignored;
    watch.close(ignored);  // NOLINT(bugprone-unused-return-value): nothing can be done about it
    sd_bus_close_unref(std::exchange(bus, nullptr));
  }

  // Ends a call and destroys it.
  void finish(Call& call, Result<BusMessage> result) {
    sd_bus_slot_unref(std::exchange(call.slot, nullptr));
    call.timeout.cancel();
    const auto done = std::move(call.done);
    calls.erase(call.self);
    if (done) done(std::move(result));
  }

  void cancel(std::uint64_t number) {
    const auto found =
        std::find_if(calls.begin(), calls.end(), [number](const Call& call) { return call.number == number; });
    if (found != calls.end()) finish(*found, failure(Reason::cancelled, found->what + ": cancelled"));
  }

  static int replied(sd_bus_message* reply, void* userdata, sd_bus_error*) {
    auto& call = *static_cast<Call*>(userdata);
    if (const sd_bus_error* const error = sd_bus_message_get_error(reply)) {
      // sd-bus reports a lost bus with a NoReply error that it creates itself.
      const bool lost = sd_bus_is_open(call.owner->bus) <= 0;
      call.owner->finish(call, lost ? failure(Reason::io_failed, call.what + ": the connection to the bus was lost")
                                    : failure(error_of(*error, call.what)));
    } else {
      call.owner->finish(call, BusMessage(sd_bus_message_ref(reply)));
    }
    return 1;
  }

  static int arrived(sd_bus_message* message, void* userdata, sd_bus_error*) {
    auto& match = *static_cast<Match*>(userdata);
    // Posted, because the callback may close the connection.
    asio::post(match.owner->executor,
               [self = match.owner->shared_from_this(), on_message = match.on_message,
                kept = std::shared_ptr<sd_bus_message>(sd_bus_message_ref(message), BusMessageRelease())] {
                 if (!self->abandoned) on_message(*kept);
               });
    return 0;
  }

  asio::any_io_executor executor;
  Clock& clock;
  sd_bus* bus = nullptr;
  asio::posix::stream_descriptor watch;
  bool reading = false;
  bool writing = false;
  bool abandoned = false;  // by its Bus
  std::uint64_t newest_call = 0;
  std::list<Call> calls;
  std::list<Match> matches;
  std::function<void(const Error&)> lost;
};

Result<std::unique_ptr<Bus>> Bus::connect(asio::any_io_executor executor, Clock& clock, const std::string& address) {
  const std::string what = "cannot connect to the bus at '" + printable(address) + "'";
  auto state = std::make_shared<State>(std::move(executor), clock);
  if (const int error = sd_bus_new(&state->bus); error < 0) return failure(bus_error(what, error));
  for (const int error :
       {sd_bus_set_description(state->bus, "jackind"), sd_bus_set_address(state->bus, address.c_str()),
        sd_bus_set_bus_client(state->bus, 1), sd_bus_start(state->bus)}) {
    if (error < 0) return failure(bus_error(what, error));
  }
  const int descriptor = sd_bus_get_fd(state->bus);
  if (descriptor < 0) return failure(bus_error(what, descriptor));
  // sd-bus closes its own descriptor.
  const int copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
  if (copy < 0) return failure(error_from_errno(what, errno));
  asio::error_code error;
  if (state->watch.assign(copy, error); error) {
    ::close(copy);
    return failure(error_from_errno(what, error.value()));
  }
  state->work();
  return std::unique_ptr<Bus>(new Bus(std::move(state)));
}

Bus::Bus(std::shared_ptr<State> state) : state_(std::move(state)) {}

Bus::~Bus() {
  state_->abandoned = true;
  state_->close({Reason::cancelled, "the connection to the bus was closed", {}});
}

Result<BusMessage> Bus::method_call(const char* destination, const char* path, const char* interface,
                                    const char* member) {
  const std::string what = std::string("cannot call ") + member;
  if (state_->bus == nullptr) return failure(Reason::io_failed, what + ": the connection to the bus was lost");
  sd_bus_message* message = nullptr;
  const int error = sd_bus_message_new_method_call(state_->bus, &message, destination, path, interface, member);
  if (error < 0) return failure(bus_error(what, error));
  return BusMessage(message);
}

Task<BusMessage> Bus::call(BusMessage message, Clock::Duration limit, std::string what) {
  const auto state = state_;
  if (co_await async::cancelled_already()) co_return failure(Reason::cancelled, what + ": cancelled");
  if (state->bus == nullptr) co_return failure(Reason::io_failed, what + ": the connection to the bus was lost");
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Result<BusMessage>)>(
      [&state, &what, limit](auto handler, BusMessage sent) {
        auto& call = state->calls.emplace_back();
        call.self = std::prev(state->calls.end());
        call.owner = state.get();
        call.number = ++state->newest_call;
        call.what = what;
        if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected()) {
          // The handler stays in the slot until the coroutine's next wait, longer than the call.
          slot.assign([weak = state->weak_from_this(), number = call.number](asio::cancellation_type) {
            if (const auto self = weak.lock()) self->cancel(number);
          });
        }
        // std::function requires a copyable target.
        auto resume = std::make_shared<decltype(handler)>(std::move(handler));
        call.done = [resume, executor = state->executor](Result<BusMessage> result) {
          auto kept = std::make_shared<Result<BusMessage>>(std::move(result));
          asio::post(executor, [resume, kept] { std::move (*resume)(std::move(*kept)); });
        };
        const int error = sd_bus_call_async(state->bus, &call.slot, sent.get(), State::replied, &call, UINT64_MAX);
        if (error < 0) {
          state->finish(call, failure(bus_error(what, error)));
          return;
        }
        call.timeout = async::Timeout(state->executor, state->clock, limit, [&call, state] {
          state->finish(call, failure(Reason::timed_out, call.what + ": no answer in time"));
        });
        // sd-bus may not have written the whole message.
        state->work();
      },
      asio::use_awaitable, std::move(message));
}

Result<> Bus::listen(const std::string& match, std::function<void(sd_bus_message&)> on_message) {
  const std::string what = "cannot listen on the bus";
  if (state_->bus == nullptr) return failure(Reason::io_failed, what + ": the connection was lost");
  auto& added = state_->matches.emplace_back();
  added.owner = state_.get();
  added.on_message = std::move(on_message);
  const int error = sd_bus_add_match_async(state_->bus, &added.slot, match.c_str(), State::arrived, nullptr, &added);
  if (error < 0) {
    state_->matches.pop_back();
    return failure(bus_error(what, error));
  }
  state_->work();
  return {};
}

void Bus::on_loss(std::function<void(const Error&)> lost) {
  state_->lost = std::move(lost);
}

}  // namespace jackin::desktop

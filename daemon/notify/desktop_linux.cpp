// SPDX-License-Identifier: Apache-2.0
#include <systemd/sd-bus.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/remedy_command.hpp"
#include "common/words.hpp"
#include "daemon/desktop/bus.hpp"
#include "daemon/notify/notifiers.hpp"

namespace jackin::notify {
namespace {

using desktop::Bus;
using desktop::bus_error;
using desktop::BusMessage;

// Desktop Notifications Specification 1.2: specifications.freedesktop.org/notification-spec.
constexpr const char* service = "org.freedesktop.Notifications";
constexpr const char* object = "/org/freedesktop/Notifications";
constexpr const char* the_bus = "org.freedesktop.DBus";
constexpr const char* bus_object = "/org/freedesktop/DBus";
constexpr auto limit_of_all = std::chrono::seconds(5);

std::uint8_t level(Urgency urgency) {
  switch (urgency) {
    case Urgency::low:
      return 0;
    case Urgency::normal:
      return 1;
    case Urgency::critical:
      return 2;
  }
  return 1;
}

// The strings of an array reply; empty when the reply is no array.
std::vector<std::string> strings_in(sd_bus_message& reply) {
  std::vector<std::string> strings;
  if (sd_bus_message_enter_container(&reply, 'a', "s") <= 0) return strings;
  const char* text = nullptr;
  while (sd_bus_message_read(&reply, "s", &text) > 0) strings.emplace_back(text);
  return strings;
}

bool has(const std::vector<std::string>& strings, std::string_view wanted) {
  return std::find(strings.begin(), strings.end(), wanted) != strings.end();
}

// `text` escaped for services that interpret the body as markup.
std::string in_markup(std::string_view text) {
  std::string markup;
  for (const char c : text) {
    switch (c) {
      case '&':
        markup += "&amp;";
        break;
      case '<':
        markup += "&lt;";
        break;
      case '>':
        markup += "&gt;";
        break;
      default:
        markup += c;
    }
  }
  return markup;
}

// The notification service.
struct Service {
  std::string owner;  // Its unique name on the bus; notification IDs are valid for this owner only.
  bool takes_markup = false;
};

// The delivery of one notification over its own connection.
class Delivery {
 public:
  Delivery(std::unique_ptr<Bus> bus, Clock& clock)
      : bus_(std::move(bus)), clock_(clock), deadline_(clock.uptime() + limit_of_all) {}

  Task<Service> find_service(bool may_be_started) {
    CO_TRY(const bool is_there, co_await is_owned());
    may_be_started_ = may_be_started && !is_there;
    if (may_be_started_) {
      CO_TRY(may_be_started_, co_await is_activatable());
    }
    if (!is_there && !may_be_started_) {
      co_return failure(Reason::unsupported, "no desktop notification service is on the session bus");
    }
    CO_TRY(auto question, to_service("GetCapabilities"));
    CO_TRY(const auto answer, co_await send(std::move(question)));
    const char* const owner = sd_bus_message_get_sender(answer.get());
    Service found;
    if (owner != nullptr) found.owner = owner;
    found.takes_markup = has(strings_in(*answer), "body-markup");
    co_return found;
  }

  // Returns the ID that the service assigns.
  Task<std::uint32_t> notify(const Notice& notice, const std::string& body, std::uint32_t replaces) {
    CO_TRY(auto message, to_service("Notify"));
    const std::string category = "x-jackin.token." + std::string(word_of(notice.kind));
    const char* const icon = notice.kind == NoticeKind::expiring ? "dialog-warning" : "dialog-error";
    // No actions; the service chooses the timeout (-1).
    CO_TRY(fill(sd_bus_message_append(message.get(), "susssasa{sv}i", "jackind", replaces, icon, notice.summary.c_str(),
                                      body.c_str(), 0, 2, "urgency", "y", level(notice.urgency), "category", "s",
                                      category.c_str(), -1)));
    CO_TRY(const auto answer, co_await send(std::move(message)));
    std::uint32_t number = 0;
    CO_TRY(fill(sd_bus_message_read(answer.get(), "u", &number)));
    co_return number;
  }

 private:
  Task<bool> is_owned() {
    CO_TRY(auto question, bus_->method_call(the_bus, bus_object, the_bus, "NameHasOwner"));
    CO_TRY(fill(sd_bus_message_append(question.get(), "s", service)));
    CO_TRY(const auto answer, co_await send(std::move(question)));
    int owned = 0;
    CO_TRY(fill(sd_bus_message_read(answer.get(), "b", &owned)));
    co_return owned != 0;
  }

  Task<bool> is_activatable() {
    CO_TRY(auto question, bus_->method_call(the_bus, bus_object, the_bus, "ListActivatableNames"));
    CO_TRY(const auto answer, co_await send(std::move(question)));
    co_return has(strings_in(*answer), service);
  }

  // A method call that starts no service unless that is allowed.
  Result<BusMessage> to_service(const char* method) {
    TRY(auto message, bus_->method_call(service, object, service, method));
    TRY(fill(sd_bus_message_set_auto_start(message.get(), may_be_started_ ? 1 : 0)));
    return message;
  }

  static Result<> fill(int outcome) {
    if (outcome < 0) return failure(bus_error("cannot talk to the desktop's notification service", outcome));
    return {};
  }

  Task<BusMessage> send(BusMessage message) {
    return bus_->call(std::move(message), deadline_ - clock_.uptime(), "the desktop's notification service");
  }

  std::unique_ptr<Bus> bus_;
  Clock& clock_;
  Clock::Duration deadline_;
  bool may_be_started_ = false;
};

class DesktopNotifier final : public Notifier {
 public:
  DesktopNotifier(asio::any_io_executor executor, Clock& clock, Environment environment)
      : executor_(std::move(executor)), clock_(clock), environment_(std::move(environment)) {}

  Task<> deliver(Notice notice) override {
    CO_TRY(const auto address, desktop::session_bus_address(environment_));
    CO_TRY(auto bus, Bus::connect(executor_, clock_, address));
    Delivery delivery(std::move(bus), clock_);
    const bool has_display = environment_.has("DISPLAY") || environment_.has("WAYLAND_DISPLAY");
    CO_TRY(const auto found, co_await delivery.find_service(has_display));
    if (found.owner != owner_) shown_.clear();
    owner_ = found.owner;
    std::string body = command_line(notice.remedy);
    if (found.takes_markup) body = in_markup(body);
    const auto before = shown_.find(notice.scope);
    const std::uint32_t replaces = before == shown_.end() ? 0 : before->second;
    CO_TRY(const auto number, co_await delivery.notify(notice, body, replaces));
    shown_.insert_or_assign(notice.scope, number);
    co_return Result<>();
  }

 private:
  asio::any_io_executor executor_;
  Clock& clock_;
  Environment environment_;
  std::string owner_;                     // the service that assigned the IDs in shown_
  std::map<Scope, std::uint32_t> shown_;  // the ID of each scope's newest notification
};

}  // namespace

std::unique_ptr<Notifier> desktop_notifier(asio::any_io_executor executor, Clock& clock, Environment environment,
                                           ProgramRunner&) {
  return std::make_unique<DesktopNotifier>(std::move(executor), clock, std::move(environment));
}

}  // namespace jackin::notify

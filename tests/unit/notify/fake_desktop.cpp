// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/notify/fake_desktop.hpp"

#include <sdbus-c++/sdbus-c++.h>

#include <map>
#include <utility>

namespace jackin::test {
namespace {

constexpr const char* name = "org.freedesktop.Notifications";

}  // namespace

struct FakeDesktop::Service {
  std::unique_ptr<sdbus::IConnection> connection;
  std::unique_ptr<sdbus::IObject> object;
  std::vector<sdbus::Result<std::uint32_t>> unanswered;
};

FakeDesktop::FakeDesktop(const std::string& bus_address, std::vector<std::string> capabilities)
    : capabilities_(std::move(capabilities)), service_(std::make_unique<Service>()) {
  service_->connection = sdbus::createSessionBusConnectionWithAddress(bus_address);
  service_->object = sdbus::createObject(*service_->connection, "/org/freedesktop/Notifications");
  service_->object->registerMethod("GetCapabilities").onInterface(name).implementedAs([this] { return capabilities_; });
  service_->object->registerMethod("Notify").onInterface(name).implementedAs(
      [this](sdbus::Result<std::uint32_t>&& answer, const std::string& app_name, const std::uint32_t& replaces,
             const std::string& icon, const std::string& summary, const std::string& body,
             const std::vector<std::string>& actions, const std::map<std::string, sdbus::Variant>& hints,
             const std::int32_t& timeout) {
        const std::scoped_lock lock(mutex_);
        if (hangs_) {
          service_->unanswered.push_back(std::move(answer));
          hangs_();
          return;
        }
        Shown shown{app_name, replaces, icon, summary, body, actions, -1, {}, hints.size(), timeout};
        if (hints.contains("urgency")) shown.urgency = hints.at("urgency").get<std::uint8_t>();
        if (hints.contains("category")) shown.category = hints.at("category").get<std::string>();
        shown_.push_back(std::move(shown));
        answer.returnResults(replaces != 0 ? replaces : static_cast<std::uint32_t>(6 + shown_.size()));
      });
  service_->object->finishRegistration();
  service_->connection->requestName(name);
  service_->connection->enterEventLoopAsync();
}

FakeDesktop::~FakeDesktop() {
  service_->connection->leaveEventLoop();
}

std::vector<Shown> FakeDesktop::shown() const {
  const std::scoped_lock lock(mutex_);
  return shown_;
}

void FakeDesktop::hang(std::function<void()> asked) {
  const std::scoped_lock lock(mutex_);
  hangs_ = std::move(asked);
}

}  // namespace jackin::test

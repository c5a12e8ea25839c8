// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/desktop/fake_logind.hpp"

#include <fcntl.h>
#include <sdbus-c++/sdbus-c++.h>
#include <unistd.h>

#include <array>
#include <utility>
#include <vector>

namespace jackin::test {
namespace {

constexpr const char* manager = "org.freedesktop.login1.Manager";
constexpr const char* session = "org.freedesktop.login1.Session";

using SessionRow = sdbus::Struct<std::string, std::uint32_t, std::string, std::string, sdbus::ObjectPath>;

sdbus::ObjectPath path_of(const std::string& id) {
  return sdbus::ObjectPath("/org/freedesktop/login1/session/_3" + id);
}

}  // namespace

struct FakeLogind::Bus {
  std::unique_ptr<sdbus::IConnection> connection;
  std::unique_ptr<sdbus::IObject> object;
  std::map<std::string, std::unique_ptr<sdbus::IObject>> sessions;
};

FakeLogind::FakeLogind(const std::string& bus_address, std::function<void()> inhibited)
    : inhibited_(std::move(inhibited)), bus_(std::make_unique<Bus>()) {
  bus_->connection = sdbus::createSessionBusConnectionWithAddress(bus_address);
  bus_->object = sdbus::createObject(*bus_->connection, "/org/freedesktop/login1");
  auto& object = *bus_->object;
  object.registerMethod("ListSessions").onInterface(manager).implementedAs([this] {
    const std::scoped_lock lock(mutex_);
    std::vector<SessionRow> rows;
    for (const auto& [id, user] : users_) rows.emplace_back(id, user, "somebody", "seat0", path_of(id));
    return rows;
  });
  object.registerMethod("Inhibit").onInterface(manager).implementedAs(
      [this](const std::string& what, const std::string& who, const std::string&, const std::string& mode) {
        const std::scoped_lock lock(mutex_);
        inhibition_ = what + " " + who + " " + mode;
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw sdbus::Error("no.pipe", "no pipe");
        if (delay_ >= 0) ::close(delay_);
        delay_ = ends[0];
        inhibited_();
        return sdbus::UnixFd(ends[1], sdbus::adopt_fd);
      });
  object.registerSignal("PrepareForSleep").onInterface(manager).withParameters<bool>();
  object.registerSignal("SessionNew").onInterface(manager).withParameters<std::string, sdbus::ObjectPath>();
  object.finishRegistration();
  bus_->connection->requestName("org.freedesktop.login1");
  bus_->connection->enterEventLoopAsync();
}

FakeLogind::~FakeLogind() {
  bus_->connection->leaveEventLoop();
  if (delay_ >= 0) ::close(delay_);
}

void FakeLogind::add_session(const std::string& id, std::uint32_t user) {
  auto object = sdbus::createObject(*bus_->connection, path_of(id));
  object->registerSignal("Lock").onInterface(session);
  object->registerSignal("Unlock").onInterface(session);
  object->registerProperty("IdleHint").onInterface(session).withGetter([] { return true; });
  object->registerProperty("LockedHint").onInterface(session).withGetter([this, id] {
    const std::scoped_lock lock(mutex_);
    return locked_[id];
  });
  object->finishRegistration();
  {
    const std::scoped_lock lock(mutex_);
    users_[id] = user;
    bus_->sessions[id] = std::move(object);
  }
  bus_->object->emitSignal("SessionNew").onInterface(manager).withArguments(id, path_of(id));
}

void FakeLogind::prepare_for_sleep(bool begins) {
  bus_->object->emitSignal("PrepareForSleep").onInterface(manager).withArguments(begins);
}

void FakeLogind::ask_to_lock(const std::string& id, bool lock) {
  bus_->sessions.at(id)->emitSignal(lock ? "Lock" : "Unlock").onInterface(session);
}

void FakeLogind::set_locked_hint(const std::string& id, bool locked) {
  {
    const std::scoped_lock lock(mutex_);
    locked_[id] = locked;
  }
  bus_->sessions.at(id)->emitPropertiesChangedSignal(session, {"IdleHint", "LockedHint"});
}

std::string FakeLogind::inhibition() const {
  const std::scoped_lock lock(mutex_);
  return inhibition_;
}

void FakeLogind::wait_for_sleep_to_be_allowed() {
  int delay = -1;
  {
    const std::scoped_lock lock(mutex_);
    delay = delay_;
  }
  char byte = 0;
  static_cast<void>(!::read(delay, &byte, 1));  // the end of the file, once no process holds the other end
}

}  // namespace jackin::test

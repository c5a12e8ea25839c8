// SPDX-License-Identifier: Apache-2.0
#include <CoreFoundation/CoreFoundation.h>
#include <IOKit/IOMessage.h>
#include <IOKit/pwr_mgt/IOPMLib.h>

#include <asio/post.hpp>
#include <cstdint>
#include <future>
#include <memory>
#include <thread>
#include <utility>

#include "daemon/desktop/session_events.hpp"

namespace jackin {
namespace {

// Not documented by Apple; the login window has posted it since 10.7.
const CFStringRef screen_locked = CFSTR("com.apple.screenIsLocked");
const CFStringRef screen_unlocked = CFSTR("com.apple.screenIsUnlocked");

// Both sources require a run loop, which Asio does not provide. A dedicated thread runs one and posts the events.
class AppleEvents final : public SessionEvents {
 public:
  explicit AppleEvents(asio::any_io_executor executor)
      : alive_(std::make_shared<AppleEvents*>(this)), executor_(std::move(executor)) {}

  ~AppleEvents() override {
    *alive_ = nullptr;
    if (!thread_.joinable()) return;
    CFRunLoopStop(loop_);
    thread_.join();
    CFRelease(loop_);
  }

  void start() override {
    std::promise<CFRunLoopRef> runs;
    auto loop = runs.get_future();
    thread_ = std::thread([this, &runs] { wait_for_events(runs); });
    loop_ = loop.get();
  }

 private:
  // Runs on the thread. The destructor waits for its end.
  void wait_for_events(std::promise<CFRunLoopRef>& runs) {
    const CFRunLoopRef loop = CFRunLoopGetCurrent();
    IONotificationPortRef port = nullptr;
    io_object_t notifier = IO_OBJECT_NULL;
    power_ = IORegisterForSystemPower(this, &port, &AppleEvents::power_changed, &notifier);
    if (power_ != IO_OBJECT_NULL) {
      CFRunLoopAddSource(loop, IONotificationPortGetRunLoopSource(port), kCFRunLoopDefaultMode);
    } else {
      post([](AppleEvents& self) {
        self.report_trouble({Reason::unsupported, "cannot register for sleep events", {}});
      });
    }
    const CFNotificationCenterRef center = CFNotificationCenterGetDistributedCenter();
    for (const CFStringRef name : {screen_locked, screen_unlocked}) {
      CFNotificationCenterAddObserver(center, this, &AppleEvents::screen_changed, name, nullptr,
                                      CFNotificationSuspensionBehaviorDeliverImmediately);
    }
    // A run loop that is stopped before it runs would run on, so this is its first task.
    CFRetain(loop);
    std::promise<CFRunLoopRef>* const started = &runs;
    CFRunLoopPerformBlock(loop, kCFRunLoopDefaultMode, ^{
      started->set_value(loop);
    });
    CFRunLoopRun();
    CFNotificationCenterRemoveEveryObserver(center, this);
    if (power_ != IO_OBJECT_NULL) {
      CFRunLoopRemoveSource(loop, IONotificationPortGetRunLoopSource(port), kCFRunLoopDefaultMode);
      IODeregisterForSystemPower(&notifier);
      IOServiceClose(power_);
      IONotificationPortDestroy(port);
    }
  }

  template <typename Report>
  void post(Report report) {
    asio::post(executor_, [alive = alive_, report] {
      if (*alive != nullptr) report(**alive);
    });
  }

  static void power_changed(void* context, io_service_t, natural_t message, void* argument) {
    auto& self = *static_cast<AppleEvents*>(context);
    const auto change = reinterpret_cast<intptr_t>(argument);
    switch (message) {
      case kIOMessageCanSystemSleep:
        IOAllowPowerChange(self.power_, change);
        break;
      case kIOMessageSystemWillSleep:
        // The machine waits for the permission for about 30 s.
        self.post([change](AppleEvents& events) {
          events.report_suspend();
          IOAllowPowerChange(events.power_, change);
        });
        break;
      case kIOMessageSystemHasPoweredOn:
        self.post([](AppleEvents& events) { events.report_resume(); });
        break;
      default:
        break;
    }
  }

  static void screen_changed(CFNotificationCenterRef, void* context, CFNotificationName name, const void*,
                             CFDictionaryRef) {
    auto& self = *static_cast<AppleEvents*>(context);
    if (CFEqual(name, screen_locked)) {
      self.post([](AppleEvents& events) { events.report_lock(); });
    } else {
      self.post([](AppleEvents& events) { events.report_unlock(); });
    }
  }

  std::shared_ptr<AppleEvents*> alive_;  // to nothing once this is gone
  asio::any_io_executor executor_;
  std::thread thread_;
  CFRunLoopRef loop_ = nullptr;
  io_connect_t power_ = IO_OBJECT_NULL;
};

}  // namespace

std::unique_ptr<SessionEvents> system_session_events(asio::any_io_executor executor, Clock&, const Environment&) {
  return std::make_unique<AppleEvents>(std::move(executor));
}

}  // namespace jackin

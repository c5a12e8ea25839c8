// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace jackin::test {

/// A notification that the daemon asked the desktop to show.
struct Shown {
  std::string app_name;
  std::uint32_t replaces = 0;
  std::string icon;
  std::string summary;
  std::string body;
  std::vector<std::string> actions;
  int urgency = -1;  ///< -1: not given
  std::string category;
  std::size_t hints = 0;
  std::int32_t timeout = 0;
};

/// A desktop's notification service on a message bus, with a thread of its own. It numbers notices from 7 on.
class FakeDesktop {
 public:
  explicit FakeDesktop(const std::string& bus_address, std::vector<std::string> capabilities = {"body", "body-markup"});
  ~FakeDesktop();
  FakeDesktop(const FakeDesktop&) = delete;
  FakeDesktop& operator=(const FakeDesktop&) = delete;

  std::vector<Shown> shown() const;

  /// From now on it does not answer. `asked` is called, on its thread, for each request to show a notice.
  void hang(std::function<void()> asked);

 private:
  struct Service;
  mutable std::mutex mutex_;
  std::vector<std::string> capabilities_;
  std::vector<Shown> shown_;
  std::function<void()> hangs_;
  std::unique_ptr<Service> service_;
};

}  // namespace jackin::test

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace jackin::mint {

/// Delivers claude's browser requests to the mint that runs that claude. Each mint has a nonce that only its claude and
/// claude's children know. Daemon's thread only; outlives every registration.
class BrowserCalls {
 public:
  using Handler = std::function<void(std::string url)>;

  /// While a registration exists, calls with its nonce reach the handler.
  class Registration {
   public:
    Registration(const Registration&) = delete;
    Registration& operator=(const Registration&) = delete;
    ~Registration();
    /// 32 hex digits from the system's random source.
    const std::string& nonce() const { return nonce_; }

   private:
    friend class BrowserCalls;
    Registration(BrowserCalls& calls, std::string nonce) : calls_(calls), nonce_(std::move(nonce)) {}
    BrowserCalls& calls_;
    std::string nonce_;
  };

  Registration expect(Handler handler);

  /// Calls the handler that is registered for `nonce`; returns false when there is none.
  bool deliver(std::string_view nonce, std::string url);

 private:
  std::map<std::string, Handler, std::less<>> handlers_;
};

}  // namespace jackin::mint

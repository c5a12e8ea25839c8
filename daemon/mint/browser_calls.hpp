// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace jackin::mint {

/// Brings what claude asked of its browser back to the mint that runs this claude: each mint has a nonce, known only to
/// its claude and what that starts. Daemon's thread only; outlives every registration.
class BrowserCalls {
 public:
  using Handler = std::function<void(std::string url)>;

  /// For as long as it lives, calls with its nonce reach the handler.
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

  /// Whether somebody expected `nonce`; then the handler has been called.
  bool deliver(std::string_view nonce, std::string url);

 private:
  std::map<std::string, Handler, std::less<>> handlers_;
};

}  // namespace jackin::mint

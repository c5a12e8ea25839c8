// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "common/secret.hpp"
#include "daemon/async/task.hpp"
#include "daemon/mint/frame_update.hpp"
#include "daemon/process/pty.hpp"

namespace jackin::mint {

/// Key strokes, as the user's terminal sent them.
struct Keys {
  Secret bytes;
};
/// The code from the browser's page, whole.
struct Code {
  Secret text;
};
struct Resize {
  TerminalSize size;
};
/// The user wants out, or the client has gone.
struct Cancel {};
/// The client could not open a browser.
struct BrowserFailed {
  std::string message;
};
using UserInput = std::variant<Keys, Code, Resize, Cancel, BrowserFailed>;

/// The user at the other end while claude asks for consent. Implemented by ipc; everything is called on
/// the daemon's thread. What is said to a client that has gone is dropped.
class MintInteraction {
 public:
  virtual ~MintInteraction() = default;

  /// The user's terminal; nothing when there is none, and then no frames are wanted.
  virtual std::optional<TerminalSize> terminal() const = 0;

  /// Whether a browser can be opened where the user sits.
  virtual bool can_open_browser() const = 0;

  virtual void step(std::string_view step, std::string_view detail) = 0;
  virtual void frame(const FrameUpdate& update) = 0;

  /// The address for browsers elsewhere, which ends in a code to paste. Told once it is whole, and again if it changes.
  virtual void authorize_url(const std::string& url) = 0;

  /// Asks the client to open this, https only.
  virtual void open_browser(const std::string& url) = 0;

  /// The next thing the user does; waits for it. After the client has gone: Cancel, again and again. Errors:
  /// cancelled, when the awaiting coroutine is.
  virtual Task<UserInput> next_input() = 0;
};

}  // namespace jackin::mint

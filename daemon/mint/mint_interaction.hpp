// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "common/operation.hpp"
#include "common/secret.hpp"
#include "daemon/async/task.hpp"
#include "daemon/mint/frame_update.hpp"
#include "daemon/process/pty.hpp"

namespace jackin::mint {

/// Key strokes, as the user's terminal sent them.
struct Keys {
  Secret bytes;
};
/// The complete code from the browser's page, or the address of that page.
struct Code {
  Secret text;
};
struct Resize {
  TerminalSize size;
};
/// The user cancels, or the client has disconnected.
struct Cancel {};
/// The client could not open a browser.
struct BrowserFailed {
  std::string message;
};
using UserInput = std::variant<Keys, Code, Resize, Cancel, BrowserFailed>;

/// The user at the client while claude asks for consent. ipc implements it; all calls are on the daemon's thread.
/// Messages to a disconnected client are dropped.
class MintInteraction {
 public:
  virtual ~MintInteraction() = default;

  /// The user's terminal; nothing when there is none, and then the client gets no frames.
  virtual std::optional<TerminalSize> terminal() const = 0;

  /// Whether the client can open a browser on the user's machine.
  virtual bool can_open_browser() const = 0;

  virtual void step(Step step, std::string_view detail) = 0;
  virtual void frame(const FrameUpdate& update) = 0;

  /// The URL for other browsers, which ends in a code to paste. Sent once it is complete, and again when it changes.
  virtual void authorize_url(const std::string& url) = 0;

  /// Asks the client to open this URL, https only.
  virtual void open_browser(const std::string& url) = 0;

  /// Waits for the user's next input. After the client has disconnected it returns Cancel on every call. Errors:
  /// cancelled, when the awaiting coroutine is.
  virtual Task<UserInput> next_input() = 0;
};

}  // namespace jackin::mint

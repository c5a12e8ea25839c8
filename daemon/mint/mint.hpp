// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string_view>

#include "common/environment.hpp"
#include "common/secret.hpp"
#include "daemon/async/clock.hpp"
#include "daemon/mint/browser_calls.hpp"
#include "daemon/mint/claude_program.hpp"
#include "daemon/mint/mint_interaction.hpp"
#include "daemon/process/pty.hpp"

namespace jackin::mint {

/// The environment variables that claude passes on to jackin-relay: the nonce of this mint, and the daemon's socket.
/// The relay defines the same names.
inline constexpr std::string_view relay_nonce_variable = "JACKIN_RELAY_NONCE";
inline constexpr std::string_view relay_socket_variable = "JACKIN_RELAY_SOCKET";

struct MintRequest {
  ClaudeProgram claude;
  Environment client;            ///< The asking client's.
  std::filesystem::path relay;   ///< The installed jackin-relay; becomes claude's BROWSER.
  std::filesystem::path socket;  ///< The daemon's socket for the relay.
  std::chrono::seconds limit = std::chrono::minutes(15);
};

/// The result of a mint.
struct MintedToken {
  Secret token;
  /// False: it has the prefix of a token, but its length or its full prefix is new. Only the API can confirm that it is
  /// a complete token; until then nothing may rely on it.
  bool known_shape = true;
  /// How long the token is valid according to claude. Nothing when claude does not say, or when its release says the
  /// same of every token.
  std::optional<std::chrono::days> lifetime;
};

/// Runs `claude setup-token` on its own terminal and reads the token from its screen, while the user consents. One per
/// daemon; captures are independent. Daemon's thread only.
class Mint {
 public:
  /// The arguments must outlive the Mint.
  Mint(PtyLauncher& terminals, Clock& clock, BrowserCalls& browser_calls)
      : terminals_(terminals), clock_(clock), browser_calls_(browser_calls) {}

  /// Creates one token. claude's terminal is as wide as the user's and high enough that no output is cut. The user gets
  /// masked frames, the URLs, and the step "captured" when a credential's start first appears. From then on it sends no
  /// frame and ignores the user's input. It keeps a code that arrives before claude can accept it. In place of the code
  /// it takes the address of the page that shows the code. When this returns, claude and all its children have ended.
  ///
  /// Errors: mint_refused (claude ended without a token, or refused the code and with it the sign-in; for a user
  /// without a terminal also: claude asked for another code, reported a failure, or did not react to the code),
  /// capture_incomplete, cancelled (the user cancels, the client has disconnected, or the awaiting coroutine is
  /// cancelled), timed_out, program_missing, program_failed, io_failed (no terminal left). claude may have a token once
  /// it asked for a browser, showed a URL or received input. From then on a message quotes its screen only through
  /// `known_sentence`. A token that was read completely is returned, also after a later failure.
  Task<MintedToken> capture(MintRequest request, MintInteraction& user);

 private:
  PtyLauncher& terminals_;
  Clock& clock_;
  BrowserCalls& browser_calls_;
};

}  // namespace jackin::mint

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

/// What jackin-relay finds in the environment that claude hands on to it: the nonce of this mint, and the daemon's
/// socket. The relay spells the names once more.
inline constexpr std::string_view relay_nonce_variable = "JACKIN_RELAY_NONCE";
inline constexpr std::string_view relay_socket_variable = "JACKIN_RELAY_SOCKET";

struct MintRequest {
  ClaudeProgram claude;
  Environment client;            ///< The asking client's.
  std::filesystem::path relay;   ///< The installed jackin-relay; becomes claude's BROWSER.
  std::filesystem::path socket;  ///< Where the relay finds this daemon.
  std::chrono::seconds limit = std::chrono::minutes(15);
};

/// What claude showed.
struct MintedToken {
  Secret token;
  /// False: it begins as a token does, but its length or its prefix is new. Only the API can say whether it is one, and
  /// whole; until it has, nothing may rely on it.
  bool known_shape = true;
  /// How long claude says that it is valid. Nothing when it does not say, and when all it says is what its release says
  /// of every token.
  std::optional<std::chrono::days> lifetime;
};

/// Runs `claude setup-token` on a terminal of its own and takes the token off its screen, while the user consents.
/// One per daemon; each capture stands alone. Daemon's thread only.
class Mint {
 public:
  /// The parts must outlive the Mint.
  Mint(PtyLauncher& terminals, Clock& clock, BrowserCalls& browser_calls)
      : terminals_(terminals), clock_(clock), browser_calls_(browser_calls) {}

  /// Mints one token. claude's terminal is as wide as the user's and high enough that nothing it shows is cut. The
  /// user gets masked frames, the URLs, and the step "captured" at the first sight of a credential's start: from then
  /// on no frame leaves, and what the user does is no longer heard. A code that comes before claude can take it is
  /// kept until then. When this returns, claude and all that it started are gone.
  ///
  /// Errors: mint_refused (claude ended without a token, or, for a user without a terminal, did nothing with the
  /// code), capture_incomplete, cancelled (the user wants out, the client has gone, or the awaiting coroutine is
  /// cancelled), timed_out, program_missing, program_failed, io_failed (no terminal left). Once claude may hold a
  /// token, because a browser was asked for, a URL shown or something typed, a message quotes its screen by
  /// `known_sentence` alone. A token that has been read whole is returned whatever happens after.
  Task<MintedToken> capture(MintRequest request, MintInteraction& user);

 private:
  PtyLauncher& terminals_;
  Clock& clock_;
  BrowserCalls& browser_calls_;
};

}  // namespace jackin::mint

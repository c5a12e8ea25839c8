// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/mint/screen.hpp"

namespace jackin::mint {

/// Whether a browser may open `url`: an https URL of printable ASCII with a host, at most 4 KiB.
bool may_be_opened(std::string_view url);

/// Whether `url` may be opened and asks for consent: `response_type=code`, a `code_challenge` (43 characters, RFC 7636)
/// and a `state`; or the short form of 2.1.332, whose query is one word that ends with the challenge.
bool is_authorize_url(std::string_view url);

/// The value of a query parameter as written in `url`; empty when it is absent.
std::string_view query_parameter(std::string_view url, std::string_view name);

/// Reads the URL for the user's consent from the screen and joins its rows.
class AuthorizeUrlReader {
 public:
  /// The URL on the screen, when it is complete and new: either another consent than those read before, or a longer
  /// form of one that was read too early. Call when the program has paused, not while it draws.
  std::optional<std::string> read(const Screen& screen);

  /// The URLs that were read so far, each once.
  const std::vector<std::string>& known() const { return known_; }

 private:
  std::vector<std::string> known_;
};

}  // namespace jackin::mint

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/mint/screen.hpp"

namespace jackin::mint {

/// Whether a browser may be sent there: an https URL of printable ASCII with a host, at most 4 KiB.
bool may_be_opened(std::string_view url);

/// Whether `url` may be opened and asks for consent: `response_type=code`, a `code_challenge` (43 characters, RFC 7636)
/// and a `state`, or the short form of 2.1.332, whose query is one word that ends with the challenge.
bool is_authorize_url(std::string_view url);

/// The value of a query parameter as it stands in `url`; empty when there is none.
std::string_view query_parameter(std::string_view url, std::string_view name);

/// Reads from the screen the URL under which the user consents, joined over its rows.
class AuthorizeUrlReader {
 public:
  /// The URL that stands on the screen, when it is whole and new: another consent than those read before, or one that
  /// was read too early and went on. Call when the program has paused, not while it draws.
  std::optional<std::string> read(const Screen& screen);

  /// Those read so far, each once.
  const std::vector<std::string>& known() const { return known_; }

 private:
  std::vector<std::string> known_;
};

}  // namespace jackin::mint

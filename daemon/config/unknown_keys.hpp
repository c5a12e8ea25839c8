// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/document.hpp"

namespace jackin::config {

/// A key that jackin does not know at that place: an unknown key in `[claude]`, or a misspelt table. A value.
struct UnknownKey {
  std::string file;   ///< As messages name it.
  std::string key;    ///< Printable; what may be a secret is masked.
  std::string table;  ///< Where it stands, e.g. "[claude]"; empty: at the top of its layer.
  std::string meant;  ///< The key that it is taken for; empty when none is near.
  Place place;        ///< Its own, or that of the table.

  /// What its layer would say with it, spelt as `meant`.
  enum class Hides {
    nothing,
    source,  ///< The value of the older pair, which counts in mode oauth_token alone.
    mode,    ///< The mode, and perhaps the token.
  };
  Hides hides = Hides::nothing;

  /// config_invalid: "<file>:<line>:<column>: unknown key 'Oauth_token' in [claude]; did you mean 'oauth_token'?"
  Error error() const;

  friend bool operator==(const UnknownKey&, const UnknownKey&) = default;
};

/// The unknown keys of one layer's table, in the order of the file, which messages call `name`. jackin refuses a file
/// with an unknown key in
/// `[claude]` and overlooks a table that it does not know (seen with its own parser), so a table counts only when it
/// differs in nothing but case from one that matters here.
std::vector<UnknownKey> unknown_keys(Node layer, std::string_view name);

}  // namespace jackin::config

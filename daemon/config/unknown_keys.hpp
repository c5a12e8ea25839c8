// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/document.hpp"

namespace jackin::config {

/// A key of a file, for messages: printable, cut, and masked where it may be a token in the wrong place.
std::string shown_key(std::string_view key);

/// A key that jackin does not know at that position: an unknown key in `[claude]`, or a misspelt table. A value.
struct UnknownKey {
  std::string file;   ///< The name in messages.
  std::string key;    ///< Printable; what may be a secret is masked.
  std::string table;  ///< The table, e.g. "[claude]"; empty: at the top of its layer.
  std::string meant;  ///< The likely intended key; empty when none is similar.
  Place place;        ///< The position of the key or of the table.

  /// What the layer would decide if the key were spelt as `meant`.
  enum class Hides {
    nothing,
    source,  ///< The value of the older pair, which applies only in mode oauth_token.
    mode,    ///< The mode, and possibly the token.
  };
  Hides hides = Hides::nothing;

  /// config_invalid: "<file>:<line>:<column>: unknown key 'Oauth_token' in [claude]; did you mean 'oauth_token'?"
  Error error() const;

  friend bool operator==(const UnknownKey&, const UnknownKey&) = default;
};

/// The unknown keys of one layer's table, in the order of the file, which messages call `name`. jackin rejects a file
/// with an unknown key in `[claude]` and ignores an unknown table (seen with its own parser). So a table counts only
/// when it differs only in case from one that jackind reads. A role with capitals counts too: jackin never finds it.
std::vector<UnknownKey> unknown_keys(Node layer, std::string_view name);

}  // namespace jackin::config

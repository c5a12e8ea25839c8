// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "daemon/config/document.hpp"

namespace jackin::config {

/// A part of a file because of which jackin refuses the file, and with it the whole configuration. A value.
struct Refusal {
  Place place;
  std::string what;  ///< "unknown key 'oauth_token' in [claude]". Contains no value of the file.
};

/// The refusals in a file, in order, as jackin's own parser decides: it denies unknown keys in every table that it
/// knows but the top level, and needs `path` beside `op`. `is_global`: the file is config.toml.
std::vector<Refusal> refusals(Node root, bool is_global);

}  // namespace jackin::config

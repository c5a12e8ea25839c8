// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

// The addresses to which the daemon sends tokens. The check does not use libcurl's parser, which accepts further
// spellings of an address: `http://2130706433`, `http://127.1`, an empty port (curl 7.88).
namespace jackin::config {

/// Whether `url` is http or https to 127.0.0.0/8, [::1] or localhost, without user, password, query and fragment. Pure.
bool is_loopback_url(std::string_view url);
/// Whether `url` is https to any host, or a loopback URL; without user, password, query and fragment. Pure.
bool is_acceptable_api_url(std::string_view url);

}  // namespace jackin::config

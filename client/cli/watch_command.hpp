// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "client/terminal/json.hpp"
#include "client/terminal/style.hpp"
#include "jackin/v1/health.pb.h"

namespace jackin::client {

/// A change for `--format json`: the event and the probe's answer.
Json watch_json(const v1::WatchEvent& event);

/// A change as one line of text.
std::string watch_text(const v1::WatchEvent& event, const OutputStyle& output);

}  // namespace jackin::client

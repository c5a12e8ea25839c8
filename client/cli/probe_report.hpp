// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "client/terminal/json.hpp"
#include "client/terminal/style.hpp"
#include "common/dates.hpp"
#include "common/result.hpp"
#include "jackin/v1/health.pb.h"

namespace jackin::client {

/// A probe's answer for `--format json`.
Json probe_json(const v1::ProbeReply& probe);

/// A probe's answer as text.
std::string probe_text(const v1::ProbeReply& probe, const OutputStyle& output, Moment now);

/// A change for `--format json`: the event and the probe's answer.
Json watch_json(const v1::WatchEvent& event);

/// A change as one line of text.
std::string watch_text(const v1::WatchEvent& event, const OutputStyle& output);

/// Writes all answers as one JSON object on one line, each with the scopes that share its source. Writes in pieces,
/// because the size grows with the square of the number of scopes that share one token. Errors: the first error of
/// `write`, which is then not called again.
Result<> write_status_json(const v1::OverviewReply& overview, const std::function<Result<>(const std::string&)>& write);

/// Returns a table, at most `columns` wide (0: any width); a sentence when there is nothing to list.
std::string status_text(const v1::OverviewReply& overview, const OutputStyle& output, int columns, Moment now);

}  // namespace jackin::client

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "client/terminal/health_mark.hpp"
#include "client/terminal/json.hpp"
#include "client/terminal/report.hpp"
#include "client/terminal/style.hpp"
#include "common/dates.hpp"
#include "common/remedy_command.hpp"
#include "jackin/v1/health.pb.h"

namespace jackin::client {

/// A probe's answer for `--format json`.
Json probe_json(const v1::ProbeReply& probe);

/// A probe's answer as keys and values, without its remedy.
Report probe_report(const v1::ProbeReply& probe, const OutputStyle& output, Moment now);

/// "try: COMMAND" and a line end; empty when there is no remedy. `typed` is the command that it is about.
std::string try_line(const v1::Remedy& remedy, const OutputStyle& output, const TypedCommand& typed = {});

/// A probe's answer as text.
std::string probe_text(const v1::ProbeReply& probe, const OutputStyle& output, Moment now);

/// The mark and the verdict in words: "✓ ok".
std::string health_text(const v1::ProbeReply& probe, const OutputStyle& output);

/// Whether the daemon manages the token. It checks no other tokens, and users could mistake "never" as the last check
/// for a fault.
bool is_managed(const v1::ProbeReply& probe);

/// The mark of a probe's verdict.
HealthMark mark_of(const v1::ProbeReply& probe, const OutputStyle& output = {});

/// The verdict in words: "not managed".
std::string verdict_text(const v1::ProbeReply& probe);

}  // namespace jackin::client

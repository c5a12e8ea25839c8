// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "client/core/health.hpp"
#include "client/terminal/json.hpp"
#include "client/terminal/style.hpp"

namespace jackin::client {

using Findings = google::protobuf::RepeatedPtrField<v1::Finding>;

/// Findings for `--format json`, and as indented lines of at most `columns`. 0 means any width.
Json findings_json(const Findings& findings);
std::string findings_text(const Findings& findings, const OutputStyle& output, int columns = 0);

Json doctor_json(const DoctorFindings& found);
std::string doctor_text(const DoctorFindings& found, const OutputStyle& output, int columns = 0);

}  // namespace jackin::client

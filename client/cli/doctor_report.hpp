// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "client/terminal/json.hpp"
#include "client/terminal/style.hpp"
#include "jackin/v1/health.pb.h"

namespace jackin::client {

/// What doctor found: the scopes that were checked, and the system report if no scope was named.
struct DoctorFindings {
  bool single = false;
  std::vector<v1::ScopeHealth> scopes;
  std::optional<v1::SystemReport> system;

  /// Whether there is a fault: a scope that will not start, or a finding of severity "error".
  bool has_fault() const;
};

Json doctor_json(const DoctorFindings& found);
std::string doctor_text(const DoctorFindings& found, const OutputStyle& output);

}  // namespace jackin::client

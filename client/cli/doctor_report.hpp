#pragma once

#include <optional>
#include <string>
#include <vector>

#include "client/view/json.hpp"
#include "client/view/look.hpp"
#include "jackin/v1/health.pb.h"

namespace jackin::client {

/// What doctor found: one scope when it was asked for one, else several, and the rest of the house if it looked there.
struct DoctorFindings {
  bool single = false;
  std::vector<v1::ScopeHealth> scopes;
  std::optional<v1::HouseHealth> house;

  /// Whether something is a fault: a scope that will not start, or a finding of severity "error".
  bool has_fault() const;
};

Json doctor_json(const DoctorFindings& found);
std::string doctor_text(const DoctorFindings& found, const Look& look);

}  // namespace jackin::client

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "client/core/health.hpp"
#include "client/terminal/json.hpp"
#include "client/terminal/style.hpp"

namespace jackin::client {

Json doctor_json(const DoctorFindings& found);
std::string doctor_text(const DoctorFindings& found, const OutputStyle& output);

}  // namespace jackin::client

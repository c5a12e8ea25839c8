#pragma once

#include <string>

#include "client/view/json.hpp"
#include "jackin/v1/tokens.pb.h"

namespace jackin::client {

/// The report at the end of a setup, as `--format json` has it.
Json setup_json(const v1::SetupReport& report);

/// The same for people.
std::string setup_text(const v1::SetupReport& report);

}  // namespace jackin::client

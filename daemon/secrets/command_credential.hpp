// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace jackin::secrets {

/// Whether an argument of `argv`, or a word of one (`sh -c "…"`), looks like a credential: a token prefix of a
/// well-known service, or a password in a URL. Also the value of an option, a variable or a header that is called
/// password, token, secret, key or authorization. Names of files and variables do not count. A heuristic for warnings.
bool has_credential(const std::vector<std::string>& argv);

}  // namespace jackin::secrets

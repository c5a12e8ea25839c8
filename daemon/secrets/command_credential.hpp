// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace jackin::secrets {

/// Whether an argument of `argv`, or a word of one (`sh -c "…"`), looks like a credential: one with the beginning that
/// a well-known service gives its tokens, a password in a URL, or what follows an option, a variable or a header that
/// is called password, token, secret, key or authorization. What names a file or a variable is none. A guess, to warn
/// by.
bool has_credential(const std::vector<std::string>& argv);

}  // namespace jackin::secrets

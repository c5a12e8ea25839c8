// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace jackin {

/// The form in which the database records a source's reference (`secrets::reference_of`). A command is recorded as a
/// digest, since users write credentials into a command's arguments; any other reference is recorded as it is. Equal
/// references have equal records. A digest cannot be parsed as a reference. A text that is already a digest is returned
/// unchanged.
std::string recorded_reference(std::string_view reference);

}  // namespace jackin

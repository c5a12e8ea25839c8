// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace jackin {

/// What the database keeps of a source's reference (`secrets::reference_of`): the reference itself, but of a command a
/// digest, since people write credentials into a command's arguments. Equal references have equal records; a digest is
/// no reference that can be parsed. What is such a record already is returned as it is.
std::string recorded_reference(std::string_view reference);

}  // namespace jackin

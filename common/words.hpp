// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace jackin {

// The words of the enums in common/: what command lines, `--format json`, jackin's files and the database use. They are
// stable, and words.cpp has the only table of them. An enum without words does not link.

/// The word of a value: "allow", "not_managed".
template <typename Enum>
std::string_view word_of(Enum value);

/// The value with exactly that word; nothing for any other text.
template <typename Enum>
std::optional<Enum> from_word(std::string_view word);

/// Every value of the enum, in the order of the table.
template <typename Enum>
std::span<const Enum> values_of();

}  // namespace jackin

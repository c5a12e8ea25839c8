// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string_view>

namespace jackin {

/// The kind of place that a token is read from. The first four are stores, which setup can write to.
enum class SourceKind {
  op,              ///< 1Password.
  keychain,        ///< macOS.
  secret_service,  ///< Linux.
  file,
  env,      ///< An environment variable.
  command,  ///< The output of a program.
  literal,  ///< The configuration file itself.
};

/// The kinds that setup can write to.
inline constexpr std::array store_kinds{SourceKind::op, SourceKind::keychain, SourceKind::secret_service,
                                        SourceKind::file};

/// The operating system's store.
#ifdef __APPLE__
inline constexpr SourceKind os_store_kind = SourceKind::keychain;
#else
inline constexpr SourceKind os_store_kind = SourceKind::secret_service;
#endif

/// The name for users: "1Password", "Secret Service", "file". Its word is that of `--store` (common/words.hpp).
std::string_view display_name(SourceKind kind);

/// Whether a rotation can put a new token in the place of the old one. A variable or a program takes none.
bool can_be_rotated(SourceKind kind);

}  // namespace jackin

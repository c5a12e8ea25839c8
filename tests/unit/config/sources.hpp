// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "common/paths.hpp"
#include "daemon/config/auth_keys.hpp"
#include "daemon/config/edit.hpp"
#include "tests/support/temp_dir.hpp"

namespace jackin::test {

/// A made-up token of the right shape.
std::string example_token(char letter = 'A');

secrets::CredentialSource op_source(std::string_view item = "i1");
secrets::CredentialSource literal_source(std::string_view token);

/// Whether any 8 characters of the token's random part are in `text`.
bool shows_token(std::string_view text, std::string_view token);

/// A configuration folder of the test's own, with its paths.
struct ConfigFolder {
  TempDir folder;
  Paths paths;
  ConfigFolder();
  std::filesystem::path config() const { return paths.config_file(); }
  std::filesystem::path workspace(std::string_view name) const;
};

/// The result of `edited` as a string; "error: …" when it fails.
std::string edit(std::string_view text, const config::AuthKeys& wanted, std::string_view role = {});

}  // namespace jackin::test

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <vector>

#include "tests/fakes/security_framework/fake_keychain.hpp"

namespace jackin::test {

/// From now on the items of FakeKeychain::instance() are kept in that file, as the real ones are in the keychain's:
/// every function that looks at them reads it first, and writes it at its end when it has changed something, in one
/// step: whoever comes after a killed process finds what that one had stored.
void keep_keychain_in(const std::filesystem::path& file);

/// What such a file holds; nothing when it is not there. The second writes it.
std::vector<FakeKeychain::Item> keychain_items_in(const std::filesystem::path& file);
void write_keychain(const std::filesystem::path& file, const std::vector<FakeKeychain::Item>& items);

}  // namespace jackin::test

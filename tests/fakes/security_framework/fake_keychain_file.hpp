// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <vector>

#include "tests/fakes/security_framework/fake_keychain.hpp"

namespace jackin::test {

/// From now on the items of FakeKeychain::instance() are kept in that file, as the real ones are in the keychain's
/// file. Every function that uses the items reads the file first. After a change it writes the file at its end, in one
/// step. So the next process finds what a killed process had stored.
void keep_keychain_in(const std::filesystem::path& file);

/// Reads the items of such a file; nothing when the file does not exist. The second function writes it.
std::vector<FakeKeychain::Item> keychain_items_in(const std::filesystem::path& file);
void write_keychain(const std::filesystem::path& file, const std::vector<FakeKeychain::Item>& items);

}  // namespace jackin::test

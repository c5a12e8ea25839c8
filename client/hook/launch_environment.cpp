// SPDX-License-Identifier: Apache-2.0
#include "client/hook/launch_environment.hpp"

#include <algorithm>

#include "common/claude.hpp"
#include "common/slot_style.hpp"

namespace jackin::client {

LaunchEnvironment::LaunchEnvironment(char* const* inherited, const std::vector<std::string>& unset) {
  for (; inherited != nullptr && *inherited != nullptr; ++inherited) {
    const std::string_view entry(*inherited);
    const std::string_view name = entry.substr(0, entry.find('='));
    const bool dropped = name == token_variable || name == token_descriptor_variable || is_external_variable(name) ||
                         std::find(unset.begin(), unset.end(), name) != unset.end();
    if (!dropped) kept_.push_back(*inherited);
  }
}

void LaunchEnvironment::add(std::string_view name, std::string_view value) {
  added_.push_back(std::string(name) + "=" + std::string(value));
}

void LaunchEnvironment::add_secret(std::string_view name, const Secret& value) {
  Secret entry;
  entry.prepare(name.size() + value.size() + 2);
  entry.append(name);
  entry.push_back('=');
  entry.append(value.view());
  entry.push_back('\0');
  secrets_.push_back(std::move(entry));
}

char* const* LaunchEnvironment::entries() {
  block_ = kept_;
  for (std::string& entry : added_) block_.push_back(entry.data());
  // The parameter of execve is char* for historical reasons; it changes nothing (execve(2)).
  for (const Secret& entry : secrets_) block_.push_back(const_cast<char*>(entry.view().data()));
  block_.push_back(nullptr);
  return block_.data();
}

}  // namespace jackin::client

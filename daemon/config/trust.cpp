// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/trust.hpp"

#include "common/untrusted_text.hpp"

namespace jackin::config {
namespace fs = std::filesystem;

std::optional<os::Danger> danger_to(const fs::path& file, const os::Ownership& as_read, const Paths& paths) {
  if (const auto why = os::danger_of(as_read); !why.empty()) {
    os::Ownership owned_by_us = as_read;
    owned_by_us.mode = 0;
    return os::Danger{file, why, !os::danger_of(owned_by_us).empty()};
  }
  if (auto danger = os::danger_of_folder_at(paths.config_dir)) return danger;
  if (file.parent_path() != paths.config_dir) {
    if (auto danger = os::danger_of_folder_at(file.parent_path())) return danger;
  }
  return os::danger_behind(file);
}

Error refused(const std::string& what, const os::Danger& danger) {
  const std::string path = danger.path.string();
  return {Reason::source_denied, what + ": " + printable(path) + " " + std::string(danger.why),
          danger.is_foreign ? Remedy::inspect({path}) : Remedy::set_access(path, PathAccess::not_writable_by_others)};
}

}  // namespace jackin::config

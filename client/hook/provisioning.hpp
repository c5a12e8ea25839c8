// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "common/result.hpp"
#include "common/secret.hpp"

namespace jackin::client {

/// A file that must exist, or must not exist, in the folder of `--provision`.
struct ProvisionFile {
  enum class Rule {
    exactly,     ///< The file has this content and mode 0600.
    absent,      ///< The file does not exist.
    if_missing,  ///< A missing file gets this content; an existing one only mode 0600.
    keep,        ///< An existing file only gets mode 0600.
  };
  std::string name;  ///< "account.json" or "credentials.json"
  Rule rule = Rule::keep;
  Secret content;
};

/// Makes the files in `folder` match `files`. Creates a missing folder with mode 0700. Follows no link in the folder. A
/// link in place of a file to write or remove is itself replaced or removed. A link in place of a file to keep is an
/// error. Leaves a matching file untouched and replaces any other as a whole. Errors: invalid_argument (a name other
/// than those two), permission_denied, disk_full, io_failed. Blocking.
Result<> provision(const std::filesystem::path& folder, const std::vector<ProvisionFile>& files);

}  // namespace jackin::client

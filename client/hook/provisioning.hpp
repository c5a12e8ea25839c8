// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "common/result.hpp"
#include "common/secret.hpp"

namespace jackin::client {

/// A file that the folder of `--provision` must hold, or must not.
struct ProvisionFile {
  enum class Rule {
    exactly,     ///< This content, 0600.
    absent,      ///< No such file.
    if_missing,  ///< This content when there is none; one that is there is only made 0600.
    keep,        ///< One that is there is only made 0600.
  };
  std::string name;  ///< "account.json" or "credentials.json"
  Rule rule = Rule::keep;
  Secret content;
};

/// Makes `folder` hold what `files` say. The folder is made, 0700, when it is missing. No link in it is followed: one
/// that stands where a file is to be written or removed is itself replaced or removed; one that is to be kept is an
/// error. A file that is as it should be is left untouched; another is replaced as a whole. Errors: invalid_argument
/// (another name than those two), permission_denied, disk_full, io_failed. Blocking.
Result<> provision(const std::filesystem::path& folder, const std::vector<ProvisionFile>& files);

}  // namespace jackin::client

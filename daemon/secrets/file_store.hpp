// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "daemon/async/timed_calls.hpp"
#include "daemon/secrets/store.hpp"

namespace jackin::secrets {

/// Tokens in files: `<folder>/<scope>-<operation id>.token`, 0600 in a folder 0700. Each operation has its own file,
/// which is never overwritten. A file is jackind's when it has such a name and is in the folder, or in `earlier`, the
/// folder of earlier versions. There are no vaults, items, fields, sections or accounts: a request that names one is
/// invalid_argument. The successor of a token in another file goes into the same file, which is replaced as a whole.
/// `put_back` undoes that as long as the daemon runs. `home` shortens paths to `~/…` in sources. Each call on a file
/// ends with timed_out when its mount does not answer. A write may take place later then; until it has, every call in
/// that folder fails. A `put` into another file first reads it. When that fails, nothing was stored, and
/// `find_by_operation` says so without the file. `threads` must outlive the store.
std::unique_ptr<Store> file_store(std::filesystem::path folder, std::filesystem::path earlier,
                                  std::filesystem::path home, async::TimedCalls& threads);

/// Whether `name` has the form of the file store's names: `<scope>-<operation id>.token`.
bool is_token_file_name(std::string_view name);

}  // namespace jackin::secrets

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "daemon/async/pool.hpp"
#include "daemon/secrets/store.hpp"

namespace jackin::secrets {

/// Tokens in files: `<folder>/<scope>-<operation id>.token`, 0600 in a folder 0700. Each operation has its own file,
/// which is never overwritten. A file is jackind's when it has such a name and is in the folder, or in `earlier`, the
/// folder of earlier versions. There are no vaults, items, fields, sections or accounts: a request that names one is
/// invalid_argument. The successor of a token in another file goes into the same file, which is replaced as a whole.
/// `put_back` undoes that as long as the daemon runs. `home` shortens paths to `~/…` in sources.
std::unique_ptr<Store> file_store(std::filesystem::path folder, std::filesystem::path earlier,
                                  std::filesystem::path home, async::Pool& pool);

/// Whether `name` has the form of the file store's names: `<scope>-<operation id>.token`.
bool is_token_file_name(std::string_view name);

}  // namespace jackin::secrets

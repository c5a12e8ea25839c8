// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "daemon/async/pool.hpp"
#include "daemon/secrets/store.hpp"

namespace jackin::secrets {

/// Tokens in files: `<folder>/<scope>-<operation id>.token`, 0600 in a folder 0700, one operation a file, never
/// overwritten. A file is ours when it lies in the folder, or in `earlier`, where earlier versions put them, and is
/// named so. Knows no vault, item, field, section or account: a request that names one is invalid_argument. The
/// successor of a token in a file that is not ours goes into the same file, which is replaced whole; `put_back` undoes
/// that as long as the daemon lives. `home` shortens paths to
/// `~/…` in sources.
std::unique_ptr<Store> file_store(std::filesystem::path folder, std::filesystem::path earlier,
                                  std::filesystem::path home, async::Pool& pool);

/// Whether the file store names its files so: `<scope>-<operation id>.token`.
bool is_token_file_name(std::string_view name);

}  // namespace jackin::secrets

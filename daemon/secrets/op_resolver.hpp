// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "daemon/secrets/op_cli.hpp"
#include "daemon/secrets/resolver.hpp"

namespace jackin::secrets {

/// 1Password, read with `op read`. Might ask the user something, unless `daemon`, the daemon's own environment, has a
/// service account's token. source_gone only after the vault was seen to be listed and a second reading, past the
/// cache, said so again: a vault that may not be seen looks the same as one without the item. `op` must outlive it.
std::unique_ptr<SourceResolver> op_resolver(Environment daemon, OpCli& op);

}  // namespace jackin::secrets

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "daemon/secrets/op_cli.hpp"
#include "daemon/secrets/resolver.hpp"

namespace jackin::secrets {

/// 1Password, read with `op read`. May prompt the user, unless `daemon`, the daemon's own environment, has a service
/// account's token. Returns source_gone only after it has found the vault in the list and a second read, bypassing the
/// cache, has confirmed it. A vault without access gives the same error as a missing item. `op` must outlive it.
std::unique_ptr<SourceResolver> op_resolver(Environment daemon, OpCli& op);

}  // namespace jackin::secrets

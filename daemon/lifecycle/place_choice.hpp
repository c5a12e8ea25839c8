// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/environment.hpp"
#include "daemon/async/task.hpp"
#include "daemon/config/settings.hpp"
#include "daemon/lifecycle/setup.hpp"
#include "daemon/lifecycle/slot_style.hpp"
#include "daemon/process/program_runner.hpp"
#include "daemon/secrets/store.hpp"

namespace jackin::lifecycle {

/// The error unsupported: the older pair, which `style` is, cannot name `what`.
Error cannot_be_named(const std::string& what, const StyleChoice& style);

/// The store for a request, and whether it was chosen by default.
struct StoreChoice {
  secrets::Store* store = nullptr;
  bool by_default = false;
};

/// Chooses the store for the token: the requested one (`vault` means 1Password), else `[store] default`, else the
/// operating system's when it can be used, else files. With the older pair only a store that the pair can name. Errors:
/// invalid_argument (no such store), store_unavailable, unsupported (the older pair cannot name what this store keeps).
Task<StoreChoice> choose_store(const std::vector<secrets::Store*>& stores, const PlaceRequest& requested,
                               std::optional<SourceKind> preferred, const StyleChoice& style,
                               const Environment& client);

/// A store that this build knows.
struct StoreInfo {
  SourceKind kind = SourceKind::file;
  std::string name;  ///< The name for users.
  bool available = false;
  std::string message;  ///< Why not; may be empty.
  Remedy remedy{};
  bool is_default = false;
};

/// Every store and its state for the client with that environment. Marks the store that `choose_store` would choose for
/// a request that names none.
asio::awaitable<std::vector<StoreInfo>> list_stores(const std::vector<secrets::Store*>& stores,
                                                    std::optional<SourceKind> preferred, const Environment& client);

/// The stores that could take the token instead of `failed`, best first.
asio::awaitable<std::vector<secrets::Store*>> other_stores(const std::vector<secrets::Store*>& stores,
                                                           const secrets::Store* failed, const StyleChoice& style,
                                                           const Environment& client);

}  // namespace jackin::lifecycle

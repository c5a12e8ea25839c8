// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "common/environment.hpp"
#include "daemon/async/task.hpp"
#include "daemon/config/settings.hpp"
#include "daemon/config/writer.hpp"
#include "daemon/lifecycle/setup.hpp"
#include "daemon/process/program_runner.hpp"
#include "daemon/secrets/store.hpp"

namespace jackin::lifecycle {

/// How the token will be written down, and why so.
struct StyleChoice {
  config::SlotStyle style = config::SlotStyle::canonical;
  std::filesystem::path because_of;  ///< The jackin program that asks for the older pair; empty when none does.
};

/// `[slot] style`; "auto" means the slot, unless a `jackin` program is on the client's PATH: its released versions
/// refuse a file with a key that they do not know. Errors: timed_out (whether there is one cannot be told now),
/// cancelled.
Task<StyleChoice> choose_style(config::SlotPreference preference, ProgramRunner& programs, const Environment& client);

/// unsupported: the older pair, which `style` is, cannot name `what`.
Error cannot_be_named(const std::string& what, const StyleChoice& style);

/// The store for a wish, and whether it was chosen for the user.
struct StoreChoice {
  secrets::Store* store = nullptr;
  bool by_default = false;
};

/// Which store keeps the token: the wish's (`vault` means 1Password), else `[store] default`, else the operating
/// system's when it can be used, else files. With the older pair only what it can name. Errors: invalid_argument (no
/// such store), store_unavailable, unsupported (the older pair cannot name what this store keeps).
Task<StoreChoice> choose_store(const std::vector<secrets::Store*>& stores, const PlaceRequest& requested,
                               const std::optional<std::string>& preferred, const StyleChoice& style,
                               const Environment& client);

/// The stores that could take the token instead of `failed`, best first.
asio::awaitable<std::vector<secrets::Store*>> other_stores(const std::vector<secrets::Store*>& stores,
                                                           const secrets::Store* failed, const StyleChoice& style,
                                                           const Environment& client);

}  // namespace jackin::lifecycle

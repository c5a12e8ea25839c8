// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/paths.hpp"
#include "common/result.hpp"
#include "common/source_kind.hpp"
#include "daemon/async/task.hpp"
#include "daemon/async/timed_calls.hpp"

namespace jackin::config {

/// `[slot] style`: the form in which setup writes a token.
enum class SlotPreference {
  automatic,  ///< "auto": the slot; when jackin manages the files, the older pair or an external slot.
  canonical,
  bridge,
  external,
};

/// The address of Anthropic's API.
inline constexpr std::string_view default_base_url = "https://api.anthropic.com";

/// The settings of jackind.toml, with defaults for missing keys. A value.
struct Settings {
  SlotPreference slot_style =
      SlotPreference::automatic;                    ///< `[slot] style = "auto" | "canonical" | "bridge" | "external"`
  bool upstream_check = true;                       ///< `[upstream] check = "on" | "off"`
  std::string upstream_base_url{default_base_url};  ///< `[upstream] base_url`: https, or loopback.
  std::chrono::seconds cache_ttl{600};              ///< `[cache] ttl = "10m"`
  bool notify_enabled = true;                       ///< `[notify] enabled`
  std::vector<std::string> notify_command;          ///< `[notify] command`: program and arguments; empty: desktop.
  std::chrono::seconds health_max_age{86400};       ///< `[health] max_age = "24h"`: older answers are stale.
  /// `[health] refresh = "12h" | "off"`: the interval of automatic health checks; nothing: never.
  std::optional<std::chrono::seconds> health_refresh{43200};
  std::optional<SourceKind> store_default;  ///< `[store] default = "op" | "keychain" | "secret-service" | "file"`
  std::string log_level = "info";           ///< `[log] level`: trace, debug, info, warn, error or off.

  friend bool operator==(const Settings&, const Settings&) = default;
};

/// The settings in `text`; `name` is the file's name in errors. Errors: config_invalid, with line and column. The text
/// is not TOML, a table or key is unknown, a type is wrong, or a key cannot have the value. Pure.
Result<Settings> parse_settings(std::string_view text, std::string_view name);

/// Every key that jackind.toml may have, as "table.key", sorted. Pure.
std::vector<std::string> setting_names();

struct LoadedSettings {
  Settings settings;
  /// Why keys of the file are ignored: another user could have written the file (`danger_to`). These keys run a program
  /// or name a server that receives a token.
  std::optional<Error> refused;
};

/// The present jackind.toml; the defaults when there is none. Errors: config_invalid, config_unreadable. Blocking.
Result<LoadedSettings> load_settings(const Paths& paths);
/// The same on another thread, for at most `limit` (`os::call_within`). Errors: timed_out, when the file does not
/// answer.
Result<LoadedSettings> load_settings_within(const Paths& paths, std::chrono::milliseconds limit);
/// The same for the event loop, with the limit of `threads`.
Task<LoadedSettings> load_settings_on(async::TimedCalls& threads, Paths paths);

}  // namespace jackin::config

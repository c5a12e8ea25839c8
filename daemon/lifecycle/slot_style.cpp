// SPDX-License-Identifier: Apache-2.0
#include "daemon/lifecycle/slot_style.hpp"

#include <functional>
#include <optional>
#include <utility>

#include "common/presence.hpp"
#include "common/untrusted_text.hpp"
#include "daemon/async/timed_calls.hpp"
#include "daemon/config/configuration.hpp"

namespace jackin::lifecycle {

using config::SlotPreference;
using config::SlotStyle;

// `config.lock` is no sign: jackind creates it too.
Task<std::string> sign_of_jackin(Dependencies& deps, Environment client) {
  const auto program = co_await deps.programs.locate("jackin", client.value_of("PATH"));
  if (!program && program.error().reason != Reason::program_missing) co_return failure(program.error());
  if (program) co_return "the installed jackin (" + printable(program->path.string()) + ")";
  std::string sign;
  std::optional<Error> unread;
  const auto visit = [&](const std::string& name) {
    if (!sign.empty()) return;
    const auto is_jackins = deps.configuration.last_read().is_jackins(name);
    // A file that was deleted since the folder was listed is no sign. jackin refuses every workspace while a file of a
    // workspace is not TOML, whatever setup writes.
    const bool is_harmless = !is_jackins && (is_jackins.error().reason == Reason::unknown_workspace ||
                                             (is_jackins.error().reason == Reason::config_invalid && !name.empty()));
    if (!is_jackins && !is_harmless) unread = is_jackins.error();
    if (!is_jackins || !*is_jackins) return;
    const auto file = name.empty() ? deps.paths.config_file() : deps.paths.workspaces_dir() / (name + ".toml");
    sign = "jackin, which has written " + printable(file.lexically_relative(deps.paths.config_dir).string()) + ",";
  };
  const std::function<void(const std::string&)> each = visit;
  CO_TRY(co_await config::each_workspace(deps.configuration, each));
  if (!sign.empty()) co_return sign;
  const auto data = deps.paths.home_dir / "data";
  std::string key = data.string();
  auto look = [data] { return is_there(data); };
  const auto has_data = co_await deps.named_files.run(std::move(key), std::move(look));
  if (has_data && *has_data) co_return "jackin, which has data in " + printable(data.string()) + ",";
  if (!has_data) co_return failure(has_data.error());
  if (unread) co_return failure(*unread);
  co_return std::string();
}

SlotStyle StyleChoice::for_kind(SourceKind kind) const {
  const bool is_pair = kind == SourceKind::op || !external_otherwise;
  return style == SlotStyle::bridge && !is_pair ? SlotStyle::external : style;
}

SlotStyle StyleChoice::for_source(const secrets::CredentialSource& source) const {
  return for_kind(secrets::kind_of(source));
}

bool StyleChoice::names_only_op() const {
  return style == SlotStyle::bridge && !external_otherwise;
}

StyleChoice kept_style(SlotPreference preference, const Scope& scope, const config::AuthKeys& keys) {
  StyleChoice choice;
  if (preference != SlotPreference::canonical) choice.style = config::style_of(keys);
  if (preference == SlotPreference::external) choice.style = SlotStyle::external;
  choice.external_otherwise = preference == SlotPreference::automatic && !scope.is_global();
  return choice;
}

Task<StyleChoice> choose_style(Dependencies& deps, const Scope& scope, const Environment& client) {
  StyleChoice choice;
  switch (deps.settings.slot_style) {
    case SlotPreference::canonical:
      break;
    case SlotPreference::bridge:
      choice.style = SlotStyle::bridge;
      break;
    case SlotPreference::external:
      choice.style = SlotStyle::external;
      break;
    case SlotPreference::automatic: {
      CO_TRY(choice.because_of, co_await sign_of_jackin(deps, client));
      if (choice.because_of.empty()) break;
      choice.style = SlotStyle::bridge;
      choice.external_otherwise = !scope.is_global();
      break;
    }
  }
  co_return choice;
}

std::string kept_variable(const config::AuthKeys& keys) {
  return keys.form() == config::SlotForm::external ? *keys.variable() : std::string();
}

asio::awaitable<std::vector<Scope>> workspaces_with_global_entry(Dependencies& deps) {
  std::vector<Scope> affected;
  const auto visit = [&](const std::string& name) {
    const auto scope = name.empty() ? Scope::global() : Scope::workspace(name);
    if (!scope || scope->is_global()) return;
    const auto layer = deps.configuration.last_read().layer(*scope);
    if (layer && !layer->keys.env_entry) affected.push_back(*scope);
  };
  const std::function<void(const std::string&)> each = visit;
  static_cast<void>(co_await config::each_workspace(deps.configuration, each));
  co_return affected;
}

}  // namespace jackin::lifecycle

// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/effective_auth.hpp"

#include <array>

#include "common/untrusted_text.hpp"
#include "common/words.hpp"

namespace jackin::config {
namespace {

using secrets::LiteralSource;

struct Layer {
  LayerKind kind;
  const LayerAuth* auth;
  const LayerAuth* more_env;  // whose entry takes precedence over this layer's own
};

using Chain = std::array<Layer, 3>;

Chain chain_of(const Layers& layers) {
  return {{{LayerKind::role, layers.role, nullptr},
           {LayerKind::workspace, layers.workspace, nullptr},
           {LayerKind::global, layers.global, layers.role_in_global}}};
}

std::size_t deciding(const Chain& chain) {
  std::size_t at = 0;
  while (at < chain.size() && (chain[at].auth == nullptr || !chain[at].auth->mode())) ++at;
  return at;
}

// The mode that the layers after `decided` would set.
std::optional<AuthMode> mode_below(const Chain& chain, std::size_t decided) {
  for (std::size_t at = decided + 1; at < chain.size(); ++at) {
    if (chain[at].auth != nullptr && chain[at].auth->mode()) return chain[at].auth->mode();
  }
  return std::nullopt;
}

bool has_entry(const LayerAuth* auth) {
  return auth != nullptr && auth->keys.env_entry.has_value();
}

void take(EffectiveAuth& found, const secrets::CredentialSource& source, SlotForm form, const Layer& layer,
          Place place) {
  found.source = source;
  found.form = form;
  found.source_layer = layer.kind;
  found.source_file = layer.auth->file;
  found.source_ownership = layer.auth->ownership;
  found.source_name = layer.auth->name;
  found.source_place = place;
}

// Whether `auth` has an entry, which decides. An on-demand entry gives a launch no token, and hides those of the less
// specific layers: jackin merges the environments before it leaves out such entries.
bool take_entry(EffectiveAuth& found, const LayerAuth* auth, const Layer& layer) {
  if (!has_entry(auth)) return false;
  const EnvEntry& entry = *auth->keys.env_entry;
  if (entry.on_demand) {
    found.oddities.push_back({"on_demand_entry",
                              std::string(token_variable) +
                                  " is marked on_demand, so a launch does not receive it, nor one of a broader layer",
                              Remedy::setup(found.scope), true});
    return true;
  }
  take(found, entry.source, SlotForm::older_pair, layer, auth->env_entry_place);
  return true;
}

void find_source(EffectiveAuth& found, const Chain& chain, std::size_t decided) {
  if (chain[decided].auth->keys.slot)
    return take(found, *chain[decided].auth->keys.slot, SlotForm::canonical, chain[decided],
                chain[decided].auth->slot_place);
  for (std::size_t at = 0; at < chain.size(); ++at) {
    const Layer& layer = chain[at];
    if (layer.auth == nullptr) continue;
    const AuthKeys& keys = layer.auth->keys;
    if (at > decided && keys.slot && keys.mode() == AuthMode::oauth_token) {
      return take(found, *keys.slot, SlotForm::canonical, layer, layer.auth->slot_place);
    }
    if (take_entry(found, layer.more_env, layer) || take_entry(found, layer.auth, layer)) return;
  }
}

// The layer's `[env]` entry that a launch gets, whatever the mode.
const LayerAuth* entry_of(const Chain& chain) {
  for (const Layer& layer : chain) {
    for (const LayerAuth* auth : {layer.more_env, layer.auth}) {
      if (has_entry(auth)) return auth->keys.env_entry->on_demand ? nullptr : auth;
    }
  }
  return nullptr;
}

// Opens the file at the line that the user must change.
Remedy edit(const std::filesystem::path& file, Place place, std::string how) {
  return open_at(file.string(), place).noting(std::move(how));
}

// A source that fits into the older pair, as written in the slot; contains no token.
std::string in_slot(const secrets::CredentialSource& source) {
  if (std::holds_alternative<secrets::OpSource>(source)) return "oauth_token = { op = \"op://…\" }";
  return "oauth_token = \"…\"";
}

// Whether the layer's keys decide the mode, and not only the presence of its table.
bool decides_by_key(const Layer& layer) {
  return layer.auth->keys.mode().has_value();
}

// A misspelt key hides a layer's intended decision when the layer decides nothing without it, or only by its table.
void find_misspelling(EffectiveAuth& found, const Chain& chain, std::size_t decided) {
  const bool finds_none = found.mode == AuthMode::oauth_token && !found.source;
  for (std::size_t at = 0; at < chain.size() && (at <= decided || finds_none); ++at) {
    if (chain[at].auth == nullptr || (at == decided && !finds_none && decides_by_key(chain[at]))) continue;
    for (const UnknownKey& key : chain[at].auth->unknown_keys) {
      const bool hides = key.hides == UnknownKey::Hides::mode || (finds_none && key.hides == UnknownKey::Hides::source);
      if (!hides) continue;
      found.misspelling = key;
      return;
    }
  }
}

void note_unknown_keys(EffectiveAuth& found, const Chain& chain, std::size_t decided) {
  for (std::size_t at = 0; at < chain.size() && at <= decided; ++at) {
    if (chain[at].auth == nullptr) continue;
    for (const UnknownKey& key : chain[at].auth->unknown_keys) {
      if (found.misspelling == key) continue;
      Error error = key.error();
      found.oddities.push_back({"unknown_key", std::move(error.message), std::move(error.remedy), true, true});
    }
  }
}

void note_oddities(EffectiveAuth& found, const Chain& chain, std::size_t decided) {
  const auto note = [&](std::string code, std::string message, Remedy remedy, bool warning) {
    found.oddities.push_back({std::move(code), std::move(message), std::move(remedy), warning});
  };
  if (decided < chain.size()) {
    const AuthKeys& keys = chain[decided].auth->keys;
    if (keys.slot && keys.auth_forward && keys.auth_forward != AuthMode::oauth_token) {
      note(
          "slot_overridden",
          "a token is configured, but auth_forward = \"" + std::string(word_of(*keys.auth_forward)) + "\" overrides it",
          edit(found.file, chain[decided].auth->slot_place, "remove auth_forward or oauth_token from [claude]"), true);
      if (std::holds_alternative<LiteralSource>(*keys.slot) && chain[decided].auth->readable_by_others) {
        note("literal_readable_by_others", "other users can read the file that contains a token",
             Remedy::set_access(found.file.string(), PathAccess::private_file), true);
      }
    }
    if (keys.slot && keys.auth_forward == AuthMode::oauth_token) {
      note("auth_forward_beside_slot",
           "auth_forward = \"oauth_token\" is redundant: oauth_token in [claude] implies it",
           edit(found.file, chain[decided].auth->auth_forward_place, "remove auth_forward from [claude]"), false);
    }
    if (keys.slot && keys.env_entry) {
      note("both_forms",
           std::string(token_variable) +
               " in [env] duplicates oauth_token in [claude]; this version uses [claude], others may use [env]",
           edit(found.file, chain[decided].auth->env_entry_place,
                "remove " + std::string(token_variable) + " from [env]"),
           true);
    }
  }
  if (decided < chain.size() && !decides_by_key(chain[decided])) {
    const auto broader = mode_below(chain, decided);
    if (broader && broader != AuthMode::sync) {
      note("table_without_mode",
           "a [claude] table without auth_forward means sync, also where a broader layer has auth_forward = \"" +
               std::string(word_of(*broader)) + "\" or a token",
           edit(found.file, chain[decided].auth->claude_place, "write auth_forward into [claude], or remove the table"),
           true);
    }
  }
  if (const LayerAuth* const giver = found.env_gives_token ? entry_of(chain) : nullptr) {
    found.oddities.push_back(
        {"token_in_other_mode",
         std::string(token_variable) + " in [env] of " + giver->name + " applies in mode " +
             std::string(word_of(found.mode)) +
             " too: jackin gives its value to the container, and refuses to launch without one",
         edit(giver->name, giver->env_entry_place, "take " + std::string(token_variable) + " out of [env]"), true,
         true});
  }
  // Only the older pair can name a variable of the launch's environment.
  const bool has_slot = found.source && !std::holds_alternative<secrets::ClientEnvSource>(*found.source);
  if (found.form == SlotForm::older_pair && has_slot) {
    note("older_pair", "the token is configured in the older form, as a pair of keys",
         edit(found.source_file, found.source_place,
              "write it as " + in_slot(*found.source) + " in [claude], without auth_forward, and remove " +
                  std::string(token_variable) + " from [env]"),
         false);
  }
  if (!found.source) return;
  if (const auto* literal = std::get_if<LiteralSource>(&*found.source)) {
    if (literal->token->view().starts_with("op://")) {
      note("reference_as_literal", "the configured token is a 1Password reference",
           edit(found.source_file, found.source_place, "write it as { op = \"op://…\" }"), true);
    }
    for (const Layer& layer : chain) {
      if (layer.kind == found.source_layer && layer.auth->readable_by_others) {
        note("literal_readable_by_others", "other users can read the file that contains the token",
             Remedy::set_access(found.source_file.string(), PathAccess::private_file), true);
      }
    }
  }
}

}  // namespace

bool needs_global_layer(const Layers& layers) {
  for (const LayerAuth* layer : {layers.role, layers.workspace}) {
    if (layer == nullptr) continue;
    const auto mode = layer->mode();
    if (!mode) continue;
    // The value of the older pair may be in a less specific layer.
    return mode == AuthMode::oauth_token && !layer->keys.slot && !has_entry(layers.role) &&
           !has_entry(layers.workspace);
  }
  return true;
}

EffectiveAuth effective_auth(const Scope& scope, const Layers& layers) {
  EffectiveAuth found;
  found.scope = scope;
  const Chain chain = chain_of(layers);
  const std::size_t decided = deciding(chain);
  if (decided < chain.size()) {
    found.mode = *chain[decided].auth->mode();
    found.decided_by = chain[decided].kind;
    found.file = chain[decided].auth->file;
    if (found.mode == AuthMode::oauth_token) find_source(found, chain, decided);
  }
  if (const LayerAuth* const giver = found.mode == AuthMode::oauth_token ? nullptr : entry_of(chain)) {
    const std::string* const variable = giver->keys.variable();
    if (variable != nullptr) found.variable = *variable;
    found.env_gives_token = variable == nullptr;
  }
  for (const Layer& layer : chain) {
    if (layer.auth != nullptr && layer.auth->sync_source_dir) {
      found.sync_source_dir = layer.auth->sync_source_dir;
      break;
    }
  }
  find_misspelling(found, chain, decided);
  note_unknown_keys(found, chain, decided);
  note_oddities(found, chain, decided);
  found.key = content_key(found.mode, found.source ? &*found.source : nullptr, found.source_file);
  return found;
}

}  // namespace jackin::config

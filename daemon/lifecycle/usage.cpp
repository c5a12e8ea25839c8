#include "daemon/lifecycle/usage.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>
#include <variant>

#include "common/paths.hpp"
#include "common/presence.hpp"
#include "common/untrusted_text.hpp"
#include "daemon/config/configuration.hpp"
#include "daemon/health/decide.hpp"
#include "daemon/health/handed_out.hpp"
#include "daemon/health/health.hpp"
#include "daemon/secrets/store.hpp"
#include "daemon/state/database.hpp"

namespace jackin::lifecycle {
namespace {

// Follows linked folders, which comparing spellings would miss: the answer decides over a deletion. Empty when the path
// cannot be followed now.
std::optional<bool> is_meant(const config::Configuration& configuration, const secrets::CredentialSource& source,
                             const std::string& reference) {
  if (configuration.reference_of(source) == reference) return true;
  const auto* const file = std::get_if<secrets::FileSource>(&source);
  if (file == nullptr) return false;
  const auto other = secrets::parse_reference(reference);
  const auto* const other_file = other ? std::get_if<secrets::FileSource>(&*other) : nullptr;
  if (other_file == nullptr) return false;
  const auto& home = configuration.paths().home;
  const auto path = expand_home(file->path, home);
  std::error_code error;
  if (std::filesystem::equivalent(path, expand_home(other_file->path, home), error)) return true;
  // A source without a whole path is none (secrets/plain_resolvers).
  if (!path.is_absolute() || is_there(path)) return false;
  return std::nullopt;
}

// Everything that a scope's own layer names, used or not, scope by scope: an entry that only the container asks for as
// well.
std::vector<std::pair<Scope, secrets::CredentialSource>> sources_in(config::Configuration& configuration,
                                                                    Users& users) {
  std::vector<std::pair<Scope, secrets::CredentialSource>> sources;
  const auto entries = configuration.scopes();
  auto files = configuration.workspace_files();
  if (!entries || !files) {
    users.unreadable.push_back(Scope::global());
    return sources;
  }
  users.refused = std::move(files->refused);
  for (const auto& entry : *entries) {
    const auto layer =
        entry.error ? Result<config::LayerAuth>(failure(*entry.error)) : configuration.layer(entry.scope);
    if (!layer) {
      users.unreadable.push_back(entry.scope);
      continue;
    }
    if (layer->keys.slot) sources.emplace_back(entry.scope, *layer->keys.slot);
    if (layer->keys.env_entry) sources.emplace_back(entry.scope, layer->keys.env_entry->source);
  }
  return sources;
}

}  // namespace

bool holds_a_token(const config::AuthKeys& keys) {
  if (keys.slot) return true;
  return keys.env_entry && !keys.env_entry->on_demand && keys.auth_forward == config::AuthMode::oauth_token;
}

Error no_token_of_its_own(config::Configuration& configuration, const Scope& scope, const std::string& command) {
  const std::string name = "'" + printable(scope.str()) + "'";
  const auto auth = configuration.effective(scope);
  if (auth && auth->source) {
    const Scope owner = health::owner_of(*auth);
    if (owner != scope) {
      return {Reason::slot_missing, name + " has no token of its own: it uses that of '" + printable(owner.str()) + "'",
              "jackinctl " + command + " " + owner.arguments()};
    }
  }
  return {Reason::slot_missing, name + " has no token", "jackinctl setup " + scope.arguments()};
}

Users users_of(config::Configuration& configuration, const std::string& reference) {
  Users users;
  for (const auto& [scope, source] : sources_in(configuration, users)) {
    if (!users.scopes.empty() && users.scopes.back() == scope) continue;
    const auto meant = is_meant(configuration, source, reference);
    if (!meant) {
      users.unreadable.push_back(scope);
    } else if (*meant) {
      users.scopes.push_back(scope);
    }
  }
  return users;
}

Task<Users> users_of_item(Parts& parts, secrets::CredentialSource source, const Environment& client) {
  Users users = users_of(parts.configuration, parts.configuration.reference_of(source));
  auto* const store = keeper_of(parts.stores, source);
  if (store == nullptr) co_return users;
  std::vector<Scope> scopes;
  std::vector<secrets::CredentialSource> others;
  Users as_known;
  for (auto& [scope, other] : sources_in(parts.configuration, as_known)) {
    if (std::find(users.scopes.begin(), users.scopes.end(), scope) != users.scopes.end()) continue;
    scopes.push_back(std::move(scope));
    others.push_back(std::move(other));
  }
  auto answers = co_await store->read_from(source, std::move(others), client);
  if (!answers) {
    Error error = std::move(answers).error();
    error.message = "whether another scope uses it cannot be seen: " + error.message;
    co_return failure(std::move(error));
  }
  for (std::size_t i = 0; i < scopes.size(); ++i) {
    const bool is_known = !users.scopes.empty() && users.scopes.back() == scopes[i];
    if ((*answers)[i] && !is_known) users.scopes.push_back(scopes[i]);
  }
  co_return users;
}

std::string listed(const std::vector<Scope>& scopes) {
  constexpr std::size_t most = 5;
  std::string text;
  for (std::size_t i = 0; i < std::min(scopes.size(), most); ++i) {
    if (i > 0) text += ", ";
    text += "'" + printable(scopes[i].str(), 80) + "'";
  }
  if (scopes.size() > most) text += " and " + std::to_string(scopes.size() - most) + " more";
  return text;
}

std::string unknown_users(const Users& users) {
  std::string text = listed(users.unreadable);
  for (const std::string& name : users.refused) {
    text += (text.empty() ? "'" : ", '") + printable(name, 80) + "', whose name has characters that do not show";
  }
  return text;
}

std::string why_unknown(const config::Configuration& configuration, const Users& users) {
  if (!users.unreadable.empty()) return "jackinctl doctor " + users.unreadable.front().arguments();
  return "ls -b " + shell_quoted(configuration.paths().workspaces_dir().string());
}

bool is_adopted(const health::Health& health, const Scope& scope, const std::string& reference) {
  const auto record = health.token_of(scope);
  return record && record->reference == reference && !record->minted_by_us;
}

secrets::Store* keeper_of(const std::vector<secrets::Store*>& stores, const secrets::CredentialSource& source) {
  const auto found =
      std::find_if(stores.begin(), stores.end(), [&](const auto* store) { return store->keeps(source); });
  return found == stores.end() ? nullptr : *found;
}

asio::awaitable<std::vector<Scope>> launched_with_that_of(Parts& parts, Scope owner) {
  std::vector<Scope> scopes{owner};
  const auto handouts = co_await health::still_handed_out(parts.pool, parts.database);
  if (!handouts) co_return scopes;
  for (const auto& handout : *handouts) {
    if (std::find(scopes.begin(), scopes.end(), handout.scope) != scopes.end()) continue;
    const auto auth = parts.configuration.effective(handout.scope);
    if (auth && auth->source && health::owner_of(*auth) == owner) scopes.push_back(handout.scope);
  }
  co_return scopes;
}

asio::awaitable<std::vector<ProcessIdentity>> holders_of(Parts& parts, std::vector<Scope> scopes,
                                                         std::optional<Fingerprint> fingerprint,
                                                         std::optional<Fingerprint> except) {
  std::vector<ProcessIdentity> holders;
  const auto handouts = co_await health::still_handed_out(parts.pool, parts.database);
  if (!handouts) co_return holders;
  for (const auto& handout : *handouts) {
    if (except && handout.fingerprint == *except) continue;
    const bool is_that_token = fingerprint && handout.fingerprint == *fingerprint;
    const bool is_of_scope = std::find(scopes.begin(), scopes.end(), handout.scope) != scopes.end();
    if (!is_that_token && !is_of_scope) continue;
    const bool known = std::any_of(holders.begin(), holders.end(),
                                   [&](const ProcessIdentity& other) { return other.pid == handout.pid; });
    // The name under which it was launched: the process may have given itself another.
    if (!known) holders.push_back({handout.pid, handout.start_time, handout.command});
  }
  co_return holders;
}

}  // namespace jackin::lifecycle

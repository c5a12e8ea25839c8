// SPDX-License-Identifier: Apache-2.0
#include "daemon/lifecycle/usage.hpp"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <system_error>
#include <utility>
#include <variant>

#include "common/paths.hpp"
#include "common/presence.hpp"
#include "common/untrusted_text.hpp"
#include "daemon/async/timed_calls.hpp"
#include "daemon/config/configuration.hpp"
#include "daemon/config/contents.hpp"
#include "daemon/health/decide.hpp"
#include "daemon/health/health.hpp"
#include "daemon/secrets/store.hpp"
#include "daemon/state/database.hpp"

namespace jackin::lifecycle {
namespace {

// A source and its user: the scope whose own layer contains it or, for a mention, the position in the file.
struct Named {
  std::optional<Scope> scope;
  FilePosition position;
  secrets::CredentialSource source;
};

using Sources = std::vector<Named>;

// Whether `source` names the recorded `reference`. Compares files by device and inode too, because one file can have
// several paths and a deletion depends on the answer. Returns nothing when the path cannot be followed now.
std::optional<bool> is_meant(const Paths& paths, const secrets::CredentialSource& source,
                             const std::string& reference) {
  if (config::reference_of(source, paths) == reference) return true;
  const auto* const file = std::get_if<secrets::FileSource>(&source);
  if (file == nullptr) return false;
  const auto other = secrets::parse_reference(reference);
  const auto* const other_file = other ? std::get_if<secrets::FileSource>(&*other) : nullptr;
  if (other_file == nullptr) return false;
  const auto& home = paths.home;
  const auto path = expand_home(file->path, home);
  std::error_code error;
  if (std::filesystem::equivalent(path, expand_home(other_file->path, home), error)) return true;
  // A source without an absolute path is not valid (secrets/plain_resolvers).
  if (!path.is_absolute() || is_there(path)) return false;
  return std::nullopt;
}

FilePosition position_of(const Paths& paths, const Scope& of_file, config::Place place) {
  const auto file = config::file_of(of_file, paths);
  return {printable(file.lexically_relative(paths.config_dir).string()) + ":" + std::to_string(place.line) + ":" +
              std::to_string(place.column),
          config::open_at(file.string(), place)};
}

void add_mentions(config::Contents& contents, const Scope& of_file, FolderUsers& users, Sources& sources) {
  auto mentions = contents.mentions_in(of_file.workspace_name());
  // `add_sources` reports the scope as unreadable, unless the file was deleted.
  if (!mentions) return;
  for (config::Mention& mention : *mentions) {
    // `add_sources` adds it for the scope.
    if (!mention.workspace.empty()) continue;
    FilePosition position = position_of(contents.paths(), of_file, mention.place);
    if (const auto* const variable =
            mention.source ? std::get_if<secrets::ClientEnvSource>(&*mention.source) : nullptr) {
      auto external = contents.external_source(variable->name);
      if (!external) {
        users.unclear.push_back(std::move(position));
        continue;
      }
      if (!*external) {
        // The user's own variable has no stored token. The entry of one of jackind's can be restored.
        if (is_external_variable(variable->name)) users.unclear.push_back(std::move(position));
        continue;
      }
      mention.source = *std::move(*external);
    }
    if (mention.source) {
      sources.push_back({std::nullopt, std::move(position), *std::move(mention.source)});
    } else {
      users.unclear.push_back(std::move(position));
    }
  }
}

// Adds the sources in the own layers of `entries`, also unused ones, and all mentions in their files. The sources of
// one scope are adjacent (`add_user`). Includes entries that only the container reads.
void add_sources(config::Contents& contents, const std::vector<config::ScopeEntry>& entries, FolderUsers& users,
                 Sources& sources) {
  for (const auto& entry : entries) {
    const auto layer = entry.error ? Result<config::LayerAuth>(failure(*entry.error)) : contents.layer(entry.scope);
    if (!entry.scope.has_role()) add_mentions(contents, entry.scope, users, sources);
    if (!layer) {
      users.unreadable.push_back(entry.scope);
      continue;
    }
    const bool lacks_entry = layer->keys.variable() != nullptr && !layer->keys.env_entry->external;
    if (lacks_entry) users.unreadable.push_back(entry.scope);
    for (auto& source : layer->keys.sources()) sources.push_back({entry.scope, {}, std::move(source)});
  }
}

// The sources in another configuration folder. Blocking.
Sources sources_elsewhere(config::ConfigurationOnDisk& configuration, FolderUsers& users) {
  Sources sources;
  const auto entries = configuration.scopes();
  auto files = configuration.workspace_files();
  if (!entries || !files) {
    users.unlisted = entries ? std::move(files).error() : entries.error();
    return sources;
  }
  users.refused = std::move(files->refused);
  add_sources(configuration, *entries, users, sources);
  return sources;
}

// The sources in the daemon's own configuration folder.
asio::awaitable<Sources> own_sources(config::Configuration& configuration, FolderUsers& users) {
  Sources sources;
  auto files = co_await configuration.workspace_files();
  if (files) users.refused = std::move(files->refused);
  const auto visit = [&](const std::string& name) {
    auto& contents = configuration.last_read();
    add_sources(contents, contents.scopes_of(name), users, sources);
  };
  const std::function<void(const std::string&)> each = visit;
  Result<> walked;
  if (!files) walked = failure(files.error());
  if (walked) walked = co_await config::each_workspace(configuration, each);
  if (!walked) users.unlisted = std::move(walked).error();
  co_return sources;
}

// Adds the scope or the position. The sources of one scope are adjacent, so each scope is added once.
void add_user(FolderUsers& users, const Named& named) {
  if (!named.scope) {
    users.mentions.push_back(named.position);
  } else if (users.scopes.empty() || users.scopes.back() != *named.scope) {
    users.scopes.push_back(*named.scope);
  }
}

// Adds the users in one folder that name `reference`, and returns the sources of the others. Blocking.
Sources add_users(const Paths& paths, const Sources& sources, const std::string& reference, FolderUsers& users) {
  Sources others;
  for (const Named& named : sources) {
    const auto meant = is_meant(paths, named.source, reference);
    if (meant && *meant) {
      add_user(users, named);
      continue;
    }
    others.push_back(named);
    if (meant) continue;
    if (named.scope) {
      users.unreadable.push_back(*named.scope);
    } else {
      users.unclear.push_back(named.position);
    }
  }
  const auto is_user = [&](const Named& named) {
    return named.scope && std::find(users.scopes.begin(), users.scopes.end(), *named.scope) != users.scopes.end();
  };
  std::erase_if(others, is_user);
  return others;
}

// The users of a source in another configuration folder, and the other sources there.
struct FolderUsage {
  UsersElsewhere users;
  Sources others;
};

// Blocking. Returns nothing for a missing folder, and for the daemon's own folder under another name.
Result<std::optional<FolderUsage>> usage_in_folder(Paths paths, const std::string& folder,
                                                   const std::string& reference) {
  TRY(const bool has_folder, is_there(folder));
  if (!has_folder) return std::nullopt;
  std::error_code error;
  if (std::filesystem::equivalent(folder, paths.config_dir, error)) return std::nullopt;
  paths.config_dir = folder;
  config::ConfigurationOnDisk configuration(std::move(paths));
  FolderUsage usage;
  usage.users.folder = folder;
  Sources sources = sources_elsewhere(configuration, usage.users);
  usage.others = add_users(configuration.paths(), sources, reference, usage.users);
  return usage;
}

asio::awaitable<std::vector<FolderUsage>> usage_elsewhere(Dependencies& deps, std::string reference) {
  std::vector<FolderUsage> usages;
  const auto cannot_be_read = [&](const std::string& folder, Error error) {
    FolderUsage usage;
    usage.users.folder = folder;
    usage.users.obstacle = std::move(error);
    usages.push_back(std::move(usage));
  };
  auto list = [&database = deps.database] { return database.other_folders(); };
  const auto folders = co_await deps.pool.run(std::move(list));
  if (!folders) {
    cannot_be_read({}, folders.error());
    co_return usages;
  }
  for (const std::string& folder : *folders) {
    auto work = [paths = deps.paths, folder, reference] { return usage_in_folder(paths, folder, reference); };
    auto usage = co_await deps.named_files.run(folder, std::move(work));
    if (!usage) {
      cannot_be_read(folder, std::move(usage).error());
    } else if (*usage) {
      usages.push_back(**std::move(usage));
    }
  }
  co_return usages;
}

struct OwnUsage {
  FolderUsers users;
  Sources others;
};

asio::awaitable<OwnUsage> own_usage(Dependencies& deps, std::string reference) {
  OwnUsage own;
  own.others = co_await own_sources(deps.configuration, own.users);
  // On another thread, because a file source can be on any mount.
  auto work = [paths = deps.paths, reference = std::move(reference), own = std::move(own)]() -> Result<OwnUsage> {
    OwnUsage usage = own;
    usage.others = add_users(paths, own.others, reference, usage.users);
    return usage;
  };
  const std::string folder = deps.paths.config_dir.string();
  auto usage = co_await deps.named_files.run("files that " + folder + " names", std::move(work));
  if (usage) co_return *std::move(usage);
  OwnUsage failed;
  failed.users.unlisted = std::move(usage).error();
  if (failed.users.unlisted->reason == Reason::timed_out) {
    failed.users.unlisted->message = "a file that " + printable(folder) + " names does not answer";
  }
  failed.users.unlisted->remedy = Remedy::of(RemedyAction::check_offline);
  co_return failed;
}

// In one line, for messages: "'a', 'b' and 3 more, config.toml:4:30".
std::string listed(const std::vector<Scope>& scopes, const std::vector<FilePosition>& positions) {
  constexpr std::size_t most = 5;
  std::vector<std::string> words;
  for (const Scope& scope : scopes) words.push_back("'" + printable(scope.str(), 80) + "'");
  for (const FilePosition& position : positions) words.push_back(position.text);
  std::string text;
  for (std::size_t i = 0; i < std::min(words.size(), most); ++i) text += (i > 0 ? ", " : "") + words[i];
  if (words.size() > most) text += " and " + std::to_string(words.size() - most) + " more";
  return text;
}

void add_folder(Users& users, UsersElsewhere folder) {
  if (folder.any() || folder.may_be_more()) users.elsewhere.push_back(std::move(folder));
}

std::string configuration_in(const std::string& folder) {
  if (folder.empty()) return "the other configurations of this state folder";
  return "the configuration in " + printable(folder);
}

std::string listed_files(const FolderUsers& users) {
  if (users.unlisted) return "all workspaces: " + users.unlisted->message;
  std::string text = listed(users.unreadable, users.unclear);
  for (const std::string& name : users.refused) {
    text += (text.empty() ? "'" : ", '") + printable(name, 80) + "', whose name has characters that do not show";
  }
  return text;
}

Remedy shows_files(const std::filesystem::path& workspaces) {
  return Remedy::of_path(RemedyAction::list_folder, workspaces.string());
}

Remedy in_folder(const std::string& folder, Remedy remedy) {
  remedy.config_folder = folder;
  return remedy;
}

}  // namespace

bool Users::any() const {
  return FolderUsers::any() ||
         std::any_of(elsewhere.begin(), elsewhere.end(), [](const UsersElsewhere& folder) { return folder.any(); });
}

bool Users::may_be_more() const {
  return FolderUsers::may_be_more() || std::any_of(elsewhere.begin(), elsewhere.end(),
                                                   [](const UsersElsewhere& folder) { return folder.may_be_more(); });
}

bool holds_a_token(const config::AuthKeys& keys) {
  if (keys.slot) return true;
  return keys.source() != nullptr && keys.auth_forward == AuthMode::oauth_token;
}

Error no_token_of_its_own(config::Configuration& configuration, const Scope& scope, RemedyAction action) {
  const std::string name = "'" + printable(scope.str()) + "'";
  const auto auth = configuration.last_read().effective(scope);
  if (auth && auth->source) {
    const Scope owner = health::owner_of(*auth);
    if (owner != scope) {
      return {Reason::slot_missing, name + " has no token of its own: it uses that of '" + printable(owner.str()) + "'",
              Remedy::of(action, owner)};
    }
  }
  return {Reason::slot_missing, name + " has no token", Remedy::setup(scope)};
}

asio::awaitable<FolderUsers> users_of(Dependencies& deps, std::string reference) {
  auto usage = co_await own_usage(deps, std::move(reference));
  co_return std::move(usage.users);
}

asio::awaitable<std::vector<Scope>> readers_of(Dependencies& deps, std::string reference) {
  auto users = co_await users_of(deps, reference);
  auto read = [&database = deps.database] { return database.tokens(); };
  const auto records = co_await deps.pool.run(std::move(read));
  if (!records) co_return std::move(users.scopes);
  for (const auto& record : *records) {
    const bool is_known = std::find(users.scopes.begin(), users.scopes.end(), record.scope) != users.scopes.end();
    if (record.reference == reference && !is_known) users.scopes.push_back(record.scope);
  }
  co_return std::move(users.scopes);
}

asio::awaitable<Users> users_everywhere(Dependencies& deps, std::string reference) {
  Users users;
  auto usages = co_await usage_elsewhere(deps, reference);
  for (auto& usage : usages) add_folder(users, std::move(usage.users));
  // The daemon's own folder is read last, so that a deletion uses its newest state.
  auto own = co_await own_usage(deps, std::move(reference));
  static_cast<FolderUsers&>(users) = std::move(own.users);
  co_return users;
}

Task<Users> users_of_item(Dependencies& deps, secrets::CredentialSource source, const Environment& client) {
  const std::string reference = deps.configuration.reference_of(source);
  Users users;
  auto usages = co_await usage_elsewhere(deps, reference);
  auto own = co_await own_usage(deps, reference);
  static_cast<FolderUsers&>(users) = std::move(own.users);
  auto* const store = store_for(deps.stores, source);
  if (store == nullptr) {
    for (auto& usage : usages) add_folder(users, std::move(usage.users));
    co_return users;
  }
  std::vector<std::pair<FolderUsers*, Named>> whose;
  std::vector<secrets::CredentialSource> others;
  const auto ask_of = [&](FolderUsers& folder, Sources sources) {
    for (Named& named : sources) {
      others.push_back(named.source);
      whose.emplace_back(&folder, std::move(named));
    }
  };
  ask_of(users, std::move(own.others));
  for (auto& usage : usages) ask_of(usage.users, std::move(usage.others));
  auto answers = co_await store->read_from(source, std::move(others), client);
  if (!answers) {
    Error error = std::move(answers).error();
    error.message = "cannot tell whether another workspace uses it: " + error.message;
    co_return failure(std::move(error));
  }
  for (std::size_t i = 0; i < whose.size(); ++i) {
    if ((*answers)[i]) add_user(*whose[i].first, whose[i].second);
  }
  for (auto& usage : usages) add_folder(users, std::move(usage.users));
  co_return users;
}

std::string known_users(const Users& users) {
  std::string text = listed(users.scopes, users.mentions);
  for (const auto& folder : users.elsewhere) {
    if (!folder.any()) continue;
    text +=
        (text.empty() ? "" : ", ") + listed(folder.scopes, folder.mentions) + " of " + configuration_in(folder.folder);
  }
  return text;
}

bool is_one(const Users& users) {
  std::size_t count = users.scopes.size() + users.mentions.size();
  for (const auto& folder : users.elsewhere) count += folder.scopes.size() + folder.mentions.size();
  return count == 1;
}

Remedy rotation_of_first(const Users& users) {
  if (!users.scopes.empty()) return Remedy::rotate(users.scopes.front());
  for (const auto& folder : users.elsewhere) {
    if (folder.scopes.empty()) continue;
    return in_folder(folder.folder, Remedy::rotate(folder.scopes.front()));
  }
  if (!users.mentions.empty()) return users.mentions.front().remedy;
  for (const auto& folder : users.elsewhere) {
    if (!folder.mentions.empty()) return folder.mentions.front().remedy;
  }
  return {};
}

std::string unknown_users(const Users& users) {
  std::string text;
  if (users.FolderUsers::may_be_more()) text = "the configuration of " + listed_files(users);
  for (const auto& folder : users.elsewhere) {
    if (!folder.may_be_more()) continue;
    if (!text.empty()) text += ", and ";
    text += configuration_in(folder.folder);
    text += folder.obstacle ? " (" + folder.obstacle->message + ")" : " of " + listed_files(folder);
  }
  return text;
}

Remedy why_unknown(const config::Configuration& configuration, const Users& users) {
  if (users.unlisted) return users.unlisted->remedy;
  if (!users.unreadable.empty()) return Remedy::check(users.unreadable.front());
  if (!users.unclear.empty()) return users.unclear.front().remedy;
  if (!users.refused.empty()) return shows_files(configuration.paths().workspaces_dir());
  for (const auto& folder : users.elsewhere) {
    if (folder.obstacle) {
      return folder.obstacle->remedy.empty() ? Remedy::inspect({folder.folder}) : folder.obstacle->remedy;
    }
    if (folder.unlisted) return folder.unlisted->remedy;
    if (!folder.unreadable.empty()) {
      return in_folder(folder.folder, Remedy::check(folder.unreadable.front()));
    }
    if (!folder.unclear.empty()) return folder.unclear.front().remedy;
    if (!folder.refused.empty()) return shows_files(std::filesystem::path(folder.folder) / "workspaces");
  }
  return Remedy::check();
}

bool is_adopted(const health::Health& health, const Scope& scope, const std::string& reference) {
  const auto record = health.token_of(scope);
  return record && record->reference == reference && !record->minted_by_us;
}

secrets::Store* store_for(const std::vector<secrets::Store*>& stores, const secrets::CredentialSource& source) {
  const auto found =
      std::find_if(stores.begin(), stores.end(), [&](const auto* store) { return store->holds(source); });
  return found == stores.end() ? nullptr : *found;
}

asio::awaitable<std::vector<Scope>> launched_with_that_of(Dependencies& deps, Scope owner) {
  std::vector<Scope> scopes{owner};
  const auto handouts = co_await health::still_handed_out(deps.pool, deps.database);
  if (!handouts) co_return scopes;
  for (const auto& handout : *handouts) {
    if (handout.elsewhere) continue;
    if (std::find(scopes.begin(), scopes.end(), handout.scope) != scopes.end()) continue;
    const auto auth = co_await deps.configuration.effective(handout.scope);
    if (auth && auth->source && health::owner_of(*auth) == owner) scopes.push_back(handout.scope);
  }
  co_return scopes;
}

asio::awaitable<std::vector<ProcessIdentity>> holders_of(Dependencies& deps, std::vector<Scope> scopes,
                                                         std::optional<Fingerprint> fingerprint,
                                                         std::optional<Fingerprint> except) {
  std::vector<ProcessIdentity> holders;
  const auto handouts = co_await health::still_handed_out(deps.pool, deps.database);
  if (!handouts) co_return holders;
  for (const auto& handout : *handouts) {
    if (except && handout.fingerprint == *except) continue;
    const bool is_that_token = fingerprint && handout.fingerprint == *fingerprint;
    const bool is_of_scope =
        !handout.elsewhere && std::find(scopes.begin(), scopes.end(), handout.scope) != scopes.end();
    if (!is_that_token && !is_of_scope) continue;
    const bool known = std::any_of(holders.begin(), holders.end(),
                                   [&](const ProcessIdentity& other) { return other.pid == handout.pid; });
    // The name at launch, because the process may have changed its name since.
    if (!known) holders.push_back({handout.pid, handout.start_time, handout.command});
  }
  co_return holders;
}

}  // namespace jackin::lifecycle

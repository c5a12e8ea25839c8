// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/configuration.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>
#include <variant>

#include "common/nearest.hpp"
#include "common/recorded_reference.hpp"
#include "common/untrusted_text.hpp"
#include "daemon/config/document.hpp"
#include "daemon/config/text_file.hpp"

namespace jackin::config {
namespace fs = std::filesystem;

namespace {

constexpr std::string_view extension = ".toml";
// The limit of cached answers for scopes that no file contains, in addition to those for known files.
constexpr std::size_t most_answers = 4096;

void spell_alike(secrets::CredentialSource& source, const std::filesystem::path& home) {
  if (auto* const file = std::get_if<secrets::FileSource>(&source)) file->path = one_spelling(file->path, home);
}

}  // namespace

// The parsed contents of one file, without its text.
struct Configuration::File {
  fs::path path;
  FileStamp stamp;
  bool settled = false;
  std::optional<Error> error;  // the file as a whole
  tl::expected<LayerAuth, Error> top;
  std::map<std::string, tl::expected<LayerAuth, Error>, std::less<>> roles;
  std::map<std::string, tl::expected<LayerAuth, Error>, std::less<>> role_env;  // config.toml's
};

struct Configuration::Cache {
  struct Answer {
    std::shared_ptr<const File> workspace;
    std::shared_ptr<const File> global;
    EffectiveAuth auth;
  };
  std::map<std::string, std::shared_ptr<const File>> files;
  std::map<Scope, Answer> answers;
  std::optional<FileStamp> global_stamp;  // the last stamp
};

Configuration::Configuration(Paths paths)
    : paths_(std::move(paths)),
      global_file_(paths_.config_file().string()),
      workspaces_prefix_((paths_.workspaces_dir() / "").string()),
      cache_(std::make_unique<Cache>()) {}
Configuration::~Configuration() = default;

fs::path file_of(const Scope& scope, const Paths& paths) {
  if (scope.is_global()) return paths.config_file();
  return paths.workspaces_dir() / (scope.workspace_name() + std::string(extension));
}

fs::path Configuration::file_of(const Scope& scope) const {
  return config::file_of(scope, paths_);
}

Result<std::shared_ptr<const Configuration::File>> Configuration::load(const std::string& path) {
  TRY(const FileStamp stamp, stamp_of(path, paths_));
  if (path == global_file_ && std::exchange(cache_->global_stamp, stamp) != stamp) ++global_changes_;
  auto& cached = cache_->files[path];
  if (cached && cached->stamp == stamp && (cached->settled || !stamp.exists)) return cached;

  const std::string name = name_of(path, paths_);
  auto file = std::make_shared<File>();
  file->path = path;
  auto text = read_text_file(path, name);
  if (!text) {
    // Removes the cached file: the cause of a read error need not change the stamp.
    cached.reset();
    return failure(std::move(text).error());
  }
  file->stamp = text->stamp;
  file->settled = text->settled;
  const auto place_of_file = [&](LayerAuth& layer) {
    layer.file = path;
    layer.file_exists = file->stamp.exists;
    layer.readable_by_others = file->stamp.readable_by_others();
    layer.ownership = text->ownership;
  };
  const auto document = Document::parse(text->text.view(), name, printable(abbreviate_home(path, paths_.home)));
  if (!document) {
    file->error = document.error();
  } else {
    file->top = read_layer(document->root(), name);
    if (file->top) place_of_file(*file->top);
    const Node roles = document->root()["roles"];
    if (roles && !roles.is(Node::Kind::table)) {
      file->top = failure(invalid_at(name, roles.place(), "'roles' takes a table"));
    }
    const bool is_global = path == global_file_;
    for (const Member& role : roles.members()) {
      if (!role.value.is(Node::Kind::table)) continue;
      if (is_global) {
        file->role_env.emplace(role.key, read_env_layer(role.value, name));
        continue;
      }
      auto layer = read_layer(role.value, name);
      if (layer) place_of_file(*layer);
      file->roles.emplace(role.key, std::move(layer));
    }
  }
  cached = file;
  return cached;
}

Result<std::shared_ptr<const Configuration::File>> Configuration::load_workspace(const std::string& workspace) {
  std::string path = workspaces_prefix_;
  path += workspace;
  path += extension;
  auto loaded = load(path);
  std::error_code ignored;
  // A folder of that name is not listed as a workspace either.
  if (!loaded && fs::is_directory(path, ignored)) return failure(unknown_workspace(workspace));
  TRY(std::shared_ptr<const File> file, std::move(loaded));
  if (!file->stamp.exists) {
    cache_->files.erase(path);
    return failure(unknown_workspace(workspace));
  }
  if (file->error) return failure(*file->error);
  return file;
}

Error Configuration::unknown_workspace(const std::string& name) {
  const auto names = workspaces();
  const auto near = nearest(name, names ? *names : std::vector<std::string>());
  std::string message = no_workspace(name, paths_.workspaces_dir() / (name + std::string(extension)), paths_);
  if (!near.empty()) {
    message += "; did you mean ";
    for (std::size_t i = 0; i < near.size(); ++i) {
      if (i > 0) message += i + 1 == near.size() ? " or " : ", ";
      message += printable(near[i], 80);
    }
    message += "?";
  }
  // A name that is similar to an existing one is more likely misspelt than new.
  const auto scope = Scope::workspace(name);
  const bool is_new = near.empty() && scope;
  return {Reason::unknown_workspace, std::move(message),
          is_new ? "jackinctl setup " + scope->arguments() + " --create" : "jackinctl status"};
}

Result<WorkspaceFiles> Configuration::workspace_files() const {
  auto files = jackin::workspace_files(paths_.workspaces_dir());
  if (files) return files;
  Error error = std::move(files).error();
  error.reason = Reason::config_unreadable;
  error.message = "the folder of workspaces cannot be read: " + error.message;
  error.remedy += "  # and restore the folder, or remove what is in its place";
  return failure(std::move(error));
}

Result<std::vector<std::string>> Configuration::workspaces() const {
  TRY(WorkspaceFiles files, workspace_files());
  return std::move(files.names);
}

std::vector<ScopeEntry> Configuration::entries_of(const Scope& scope,
                                                  const Result<std::shared_ptr<const File>>& file) const {
  std::vector<ScopeEntry> entries;
  if (!file) {
    // Skips a file that was deleted since the folder was read.
    if (file.error().reason != Reason::unknown_workspace) entries.push_back({scope, file.error()});
    return entries;
  }
  const File& read = **file;
  const auto error = read.error ? read.error : read.top ? std::nullopt : std::optional(read.top.error());
  entries.push_back({scope, error});
  for (const auto& [role, layer] : read.roles) {
    const auto role_scope = Scope::role(scope.workspace_name(), role);
    if (!role_scope) continue;  // jackin does not accept such a role either
    entries.push_back({*role_scope, layer ? std::nullopt : std::optional(layer.error())});
  }
  return entries;
}

std::vector<ScopeEntry> Configuration::scopes_of(const std::string& workspace) {
  if (workspace.empty()) return entries_of(Scope::global(), load(global_file_));
  const auto scope = Scope::workspace(workspace);
  return scope ? entries_of(*scope, load_workspace(workspace)) : std::vector<ScopeEntry>();
}

std::vector<ScopeAuth> Configuration::auths_of(const std::string& workspace) {
  std::vector<ScopeAuth> auths;
  const auto scope = workspace.empty() ? Scope::global() : Scope::workspace(workspace);
  if (!scope) return auths;
  const auto global = load(global_file_);
  const auto file = workspace.empty() ? global : load_workspace(workspace);
  const std::shared_ptr<const File> layers = file && !workspace.empty() ? *file : nullptr;
  for (auto& entry : entries_of(*scope, file)) {
    auto auth =
        entry.error ? Result<EffectiveAuth>(failure(*std::move(entry.error))) : effective(entry.scope, layers, global);
    auths.push_back({std::move(entry.scope), std::move(auth)});
  }
  return auths;
}

Result<std::vector<ScopeEntry>> Configuration::scopes() {
  std::vector<ScopeEntry> entries = scopes_of({});
  TRY(const auto names, workspaces());
  for (const std::string& name : names) {
    auto of_this = scopes_of(name);
    std::move(of_this.begin(), of_this.end(), std::back_inserter(entries));
  }
  return entries;
}

Result<EffectiveAuth> Configuration::effective(const Scope& scope) {
  std::shared_ptr<const File> workspace;
  if (!scope.is_global()) {
    TRY(workspace, load_workspace(scope.workspace_name()));
  }
  return effective(scope, workspace, load(global_file_));
}

Result<EffectiveAuth> Configuration::effective(const Scope& scope, const std::shared_ptr<const File>& workspace,
                                               const Result<std::shared_ptr<const File>>& loaded) {
  const std::shared_ptr<const File> global = loaded ? *loaded : nullptr;
  const auto known = cache_->answers.find(scope);
  if (global && known != cache_->answers.end() && known->second.workspace == workspace &&
      known->second.global == global) {
    return known->second.auth;
  }

  Layers layers;
  if (workspace) {
    if (!workspace->top) return failure(workspace->top.error());
    layers.workspace = &*workspace->top;
    const auto role = workspace->roles.find(scope.role_name());
    if (scope.has_role() && role != workspace->roles.end()) {
      if (!role->second) return failure(role->second.error());
      layers.role = &*role->second;
    }
  }
  std::optional<Error> broken;
  if (!loaded) {
    broken = loaded.error();
  } else if (global->error) {
    broken = global->error;
  } else if (!global->top) {
    broken = global->top.error();
  } else {
    layers.global = &*global->top;
    const auto role = global->role_env.find(scope.role_name());
    if (scope.has_role() && role != global->role_env.end()) {
      if (!role->second) {
        broken = role->second.error();
      } else {
        layers.role_in_global = &*role->second;
      }
    }
  }
  if (broken && needs_global_layer(layers)) return failure(std::move(*broken));
  EffectiveAuth auth = effective_auth(scope, layers);
  if (auth.source) spell_alike(*auth.source, paths_.home);
  if (broken) {
    auth.oddities.push_back({"global_config_broken", broken->message, broken->remedy, true});
    if (!global) return auth;
  }
  // Clients choose the scopes: without a limit, roles that no file contains would accumulate.
  if (cache_->answers.size() >= most_answers + 4 * cache_->files.size()) cache_->answers.clear();
  cache_->answers[scope] = {workspace, global, auth};
  return auth;
}

bool Configuration::knows_role(const Scope& scope) {
  if (!scope.has_role()) return true;
  const auto workspace = load_workspace(scope.workspace_name());
  const auto global = load(global_file_);
  if (!workspace || !global || (*workspace)->error || (*global)->error) return true;
  return (*workspace)->roles.contains(scope.role_name()) || (*global)->role_env.contains(scope.role_name());
}

std::string Configuration::reference_of(secrets::CredentialSource source) const {
  spell_alike(source, paths_.home);
  return recorded_reference(secrets::reference_of(source));
}

Result<LayerAuth> Configuration::layer(const Scope& scope) {
  if (scope.is_global()) {
    TRY(const std::shared_ptr<const File> file, load(global_file_));
    if (file->error) return failure(*file->error);
    return file->top;
  }
  TRY(const std::shared_ptr<const File> file, load_workspace(scope.workspace_name()));
  if (!file->top) return failure(file->top.error());
  if (!scope.has_role()) return file->top;
  const auto role = file->roles.find(scope.role_name());
  if (role != file->roles.end()) return role->second;
  LayerAuth none;
  none.file = file->path;
  none.file_exists = true;
  none.readable_by_others = file->top->readable_by_others;
  return none;
}

}  // namespace jackin::config

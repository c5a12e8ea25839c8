// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/contents.hpp"

#include <algorithm>
#include <climits>
#include <iterator>
#include <map>
#include <utility>
#include <variant>

#include "common/nearest.hpp"
#include "common/recorded_reference.hpp"
#include "common/untrusted_text.hpp"
#include "daemon/config/text_file.hpp"

namespace jackin::config {
namespace fs = std::filesystem;

namespace {

constexpr std::string_view extension = ".toml";
// How many answers are cached for scopes that no file contains. Each known file raises the limit.
constexpr std::size_t most_answers = 4096;

void spell_alike(secrets::CredentialSource& source, const std::filesystem::path& home) {
  if (auto* const file = std::get_if<secrets::FileSource>(&source)) file->path = one_spelling(file->path, home);
}

}  // namespace

Contents::Contents(Paths paths)
    : paths_(std::move(paths)),
      global_file_(paths_.config_file().string()),
      slots_file_(paths_.slots_file().string()),
      workspaces_prefix_((paths_.workspaces_dir() / "").string()) {}
Contents::~Contents() = default;

std::string Contents::path_of(const std::string& workspace) const {
  if (workspace.empty()) return global_file_;
  std::string path = workspaces_prefix_;
  path += workspace;
  path += extension;
  return path;
}

fs::path file_of(const Scope& scope, const Paths& paths) {
  if (scope.is_global()) return paths.config_file();
  return paths.workspaces_dir() / (scope.workspace_name() + std::string(extension));
}

std::string reference_of(secrets::CredentialSource source, const Paths& paths) {
  spell_alike(source, paths.home);
  return recorded_reference(secrets::reference_of(source));
}

ReadFile Contents::load_workspace(const std::string& workspace) {
  const std::string path = path_of(workspace);
  TRY(std::shared_ptr<const ParsedFile> file, file_at(path));
  if (!file->stamp.exists) {
    forget_file(path);
    TRY(const std::shared_ptr<const ParsedFile> global, file_at(global_file_));
    if (global->error) return failure(*global->error);
    const auto inside = global->workspaces.find(workspace);
    if (inside != global->workspaces.end()) return inside->second;
    return failure(unknown_workspace(workspace));
  }
  if (file->error) return failure(*file->error);
  return file;
}

std::vector<std::string> Contents::workspaces_only_in_config(const std::vector<std::string>& with_file) {
  std::vector<std::string> names;
  const auto global = file_at(global_file_);
  if (!global) return names;
  for (const auto& [name, file] : (*global)->workspaces) {
    if (std::find(with_file.begin(), with_file.end(), name) == with_file.end()) names.push_back(name);
  }
  return names;
}

ReadFile Contents::load_slots() {
  TRY(std::shared_ptr<const ParsedFile> file, file_at(slots_file_));
  if (file->error) return failure(*file->error);
  return file;
}

Result<std::optional<secrets::CredentialSource>> Contents::external_source(const std::string& variable) {
  TRY(const std::shared_ptr<const ParsedFile> file, load_slots());
  const auto& entries = file->external_slots.entries;
  const auto found = entries.find(variable);
  if (found == entries.end()) return std::nullopt;
  TRY(secrets::CredentialSource source, found->second.source);
  return source;
}

Error Contents::unknown_workspace(const std::string& name) {
  const auto files = workspace_files();
  const auto near = nearest(name, files ? files->names : std::vector<std::string>());
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
  const bool is_file_name = name.size() + extension.size() <= NAME_MAX;
  const bool is_new = near.empty() && scope && is_file_name;
  return {Reason::unknown_workspace, std::move(message),
          is_new ? Remedy::of(RemedyAction::create_workspace, *scope) : Remedy::of(RemedyAction::list_scopes)};
}

Result<WorkspaceFiles> list_workspace_files(const Paths& paths) {
  auto files = workspace_files(paths.workspaces_dir());
  if (files) return files;
  Error error = std::move(files).error();
  error.reason = Reason::config_unreadable;
  error.message = "the folder of workspaces cannot be read: " + error.message;
  error.remedy.note = "restore the folder, or remove what is in its place";
  return failure(std::move(error));
}

std::vector<ScopeEntry> Contents::entries_of(const Scope& scope, const ReadFile& file) const {
  std::vector<ScopeEntry> entries;
  if (!file) {
    // Skips a file that was deleted since the folder was read.
    if (file.error().reason != Reason::unknown_workspace) entries.push_back({scope, file.error()});
    return entries;
  }
  const ParsedFile& read = **file;
  const auto error = read.error ? read.error : read.top ? std::nullopt : std::optional(read.top.error());
  entries.push_back({scope, error});
  for (const auto& [role, layer] : read.roles) {
    const auto role_scope = Scope::role(scope.workspace_name(), role);
    if (!role_scope) continue;  // jackin does not accept such a role either
    entries.push_back({*role_scope, layer ? std::nullopt : std::optional(layer.error())});
  }
  return entries;
}

std::vector<ScopeEntry> Contents::scopes_of(const std::string& workspace) {
  if (workspace.empty()) return entries_of(Scope::global(), file_at(global_file_));
  const auto scope = Scope::workspace(workspace);
  return scope ? entries_of(*scope, load_workspace(workspace)) : std::vector<ScopeEntry>();
}

std::vector<ScopeAuth> Contents::auths_of(const std::string& workspace) {
  std::vector<ScopeAuth> auths;
  const auto scope = workspace.empty() ? Scope::global() : Scope::workspace(workspace);
  if (!scope) return auths;
  const auto global = file_at(global_file_);
  const auto file = workspace.empty() ? global : load_workspace(workspace);
  const std::shared_ptr<const ParsedFile> layers = file && !workspace.empty() ? *file : nullptr;
  for (auto& entry : entries_of(*scope, file)) {
    auto auth =
        entry.error ? Result<EffectiveAuth>(failure(*std::move(entry.error))) : effective(entry.scope, layers, global);
    auths.push_back({std::move(entry.scope), std::move(auth)});
  }
  return auths;
}

Result<std::vector<ScopeEntry>> Contents::scopes() {
  std::vector<ScopeEntry> entries = scopes_of({});
  TRY(const WorkspaceFiles files, workspace_files());
  for (const std::vector<std::string>& names : {files.names, workspaces_only_in_config(files.names)}) {
    for (const std::string& name : names) {
      auto of_this = scopes_of(name);
      std::move(of_this.begin(), of_this.end(), std::back_inserter(entries));
    }
  }
  return entries;
}

Result<EffectiveAuth> Contents::effective(const Scope& scope) {
  std::shared_ptr<const ParsedFile> workspace;
  if (!scope.is_global()) {
    TRY(workspace, load_workspace(scope.workspace_name()));
  }
  return effective(scope, workspace, file_at(global_file_));
}

Result<EffectiveAuth> Contents::effective(const Scope& scope, const std::shared_ptr<const ParsedFile>& workspace,
                                          const ReadFile& loaded) {
  const std::shared_ptr<const ParsedFile> global = loaded ? *loaded : nullptr;
  const auto seen_slots = file_at(slots_file_);
  const std::shared_ptr<const ParsedFile> slots = seen_slots ? *seen_slots : nullptr;
  const auto known = answers_.find(scope);
  if (global && slots && known != answers_.end() && known->second.workspace == workspace &&
      known->second.global == global && known->second.slots == slots) {
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
  if (needs_external_slots(auth)) {
    TRY(const std::shared_ptr<const ParsedFile> file, load_slots());
    TRY(use_external_slot(auth, file->external_slots));
  }
  if (auth.source) spell_alike(*auth.source, paths_.home);
  if (broken) {
    auth.oddities.push_back({"global_config_broken", broken->message, broken->remedy, true});
  }
  if (!global || !slots) return auth;
  // Clients choose the scopes: without a limit, roles that no file contains would accumulate.
  if (answers_.size() >= most_answers + 4 * count_files()) answers_.clear();
  answers_[scope] = {workspace, global, slots, auth};
  return auth;
}

std::optional<fs::path> Contents::workdir_of(const std::string& workspace) {
  const auto file = load_workspace(workspace);
  if (!file || !(*file)->workdir) return std::nullopt;
  fs::path folder = expand_home(*(*file)->workdir, paths_.home);
  if (!folder.is_absolute()) return std::nullopt;
  return folder;
}

Result<bool> Contents::is_jackins(const std::string& workspace) {
  TRY(const std::shared_ptr<const ParsedFile> file,
      workspace.empty() ? file_at(global_file_) : load_workspace(workspace));
  if (file->error) return failure(*file->error);
  return file->is_jackins;
}

std::vector<Error> Contents::refusals_in(const std::string& workspace) {
  const auto file = workspace.empty() ? file_at(global_file_) : load_workspace(workspace);
  std::vector<Error> errors;
  if (!file) return errors;
  const std::string name = name_of(path_of(workspace), paths_);
  for (const Refusal& refusal : (*file)->refusals) errors.push_back(invalid_at(name, refusal.place, refusal.what));
  return errors;
}

bool Contents::knows_role(const Scope& scope) {
  if (!scope.has_role()) return true;
  const auto workspace = load_workspace(scope.workspace_name());
  const auto global = file_at(global_file_);
  if (!workspace || !global || (*workspace)->error || (*global)->error) return true;
  return (*workspace)->roles.contains(scope.role_name()) || (*global)->role_env.contains(scope.role_name());
}

Result<std::vector<Mention>> Contents::mentions_in(const std::string& workspace) {
  TRY(const std::shared_ptr<const ParsedFile> file,
      workspace.empty() ? file_at(global_file_) : load_workspace(workspace));
  if (file->error) return failure(*file->error);
  std::vector<Mention> mentions = file->mentions;
  const bool has_tables =
      std::any_of(mentions.begin(), mentions.end(), [](const Mention& mention) { return !mention.workspace.empty(); });
  if (!has_tables) return mentions;
  // The last read may not have their files.
  const auto files = workspace_files();
  for (Mention& mention : mentions) {
    const bool is_only_in_config =
        files && std::find(files->names.begin(), files->names.end(), mention.workspace) == files->names.end();
    if (!is_only_in_config) mention.workspace.clear();
  }
  return mentions;
}

Result<LayerAuth> Contents::layer(const Scope& scope) {
  TRY(LayerAuth layer, layer_in_file(scope));
  const auto* const entry = layer.keys.env_entry ? &*layer.keys.env_entry : nullptr;
  if (entry == nullptr || !std::holds_alternative<secrets::ClientEnvSource>(entry->source)) return layer;
  TRY(const std::shared_ptr<const ParsedFile> slots, load_slots());
  TRY(add_external_source(layer.keys, slots->external_slots));
  return layer;
}

Result<LayerAuth> Contents::layer_in_file(const Scope& scope) {
  if (scope.is_global()) {
    TRY(const std::shared_ptr<const ParsedFile> file, file_at(global_file_));
    if (file->error) return failure(*file->error);
    return file->top;
  }
  TRY(const std::shared_ptr<const ParsedFile> file, load_workspace(scope.workspace_name()));
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

Result<WorkspaceFiles> ConfigurationOnDisk::workspace_files() const {
  return list_workspace_files(paths());
}

ReadFile ConfigurationOnDisk::file_at(const std::string& path) {
  auto& cached = files_[path];
  auto read = read_parsed_file(path, paths(), cached);
  // The cause of a read error need not change the stamp.
  cached = read ? *read : nullptr;
  return read;
}

void ConfigurationOnDisk::forget_file(const std::string& path) {
  files_.erase(path);
}

}  // namespace jackin::config

// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/workdirs.hpp"

#include <sys/stat.h>

#include <string>
#include <vector>

#include "common/os/mounts.hpp"
#include "common/paths.hpp"
#include "common/untrusted_text.hpp"

namespace jackin::config {
namespace fs = std::filesystem;

namespace {

constexpr std::size_t most_threads = 4;

struct Workdir {
  Scope workspace;
  fs::path folder;
};

Result<std::optional<Scope>> only_one(const std::vector<Scope>& found) {
  if (found.empty()) return std::optional<Scope>();
  if (found.size() == 1) return std::optional(found.front());
  std::string names;
  for (const Scope& workspace : found) names += (names.empty() ? "'" : ", '") + printable(workspace.str(), 80) + "'";
  return failure(
      Reason::invalid_argument,
      "this folder is the workdir of several workspaces: " + cut_text(std::move(names), 1000) + "; name one of them",
      Remedy::of(RemedyAction::list_scopes));
}

// The error when `found` has the folder and `silent` may have it too.
Error not_comparable(const Scope& found, const Workdir& silent, const Error& error) {
  return {error.reason,
          "this folder is the workdir of '" + printable(found.str(), 80) + "', and may be that of '" +
              printable(silent.workspace.str(), 80) + "' too: " + printable(silent.folder.string(), 1000) +
              " cannot be compared with it: " + error.message,
          Remedy::of(RemedyAction::list_scopes).noting("then name the workspace")};
}

// The error when no workspace is known to have the folder, and `silent` may have it.
Error not_known(const Workdir& silent, const Error& error) {
  return {error.reason,
          "no workspace is known to have this folder as its workdir, but '" + printable(silent.workspace.str(), 80) +
              "' may have it: " + printable(silent.folder.string(), 1000) +
              " cannot be compared with it: " + error.message,
          Remedy::of(RemedyAction::list_scopes).noting("then name the workspace")};
}

Error not_comparable(const fs::path& folder, const Error& error) {
  return {error.reason,
          "cannot tell which workspace has " + printable(folder.string(), 1000) + " as its workdir: " + error.message,
          Remedy::of(RemedyAction::list_scopes).noting("then name the workspace")};
}

}  // namespace

std::optional<Workdirs::Identity> Workdirs::identity_of(const fs::path& folder) {
  struct stat entry {};
  if (stat(folder.c_str(), &entry) != 0 || !S_ISDIR(entry.st_mode)) return std::nullopt;
  return Identity(entry.st_dev, entry.st_ino);
}

Workdirs::Workdirs(Configuration& configuration, Clock& clock)
    : Workdirs(configuration, clock, identity_of, os::separate_mounts(configuration.paths().home)) {}

Workdirs::Workdirs(Configuration& configuration, Clock& clock, Identify identify, async::TimedCalls::GroupOf mount_of)
    : configuration_(configuration),
      identify_(std::move(identify)),
      threads_(clock, most_threads, std::move(mount_of)) {}

Task<std::optional<Workdirs::Identity>> Workdirs::identify(fs::path folder) {
  std::string key = folder.string();
  auto look = [identify = identify_, folder = std::move(folder)]() -> Result<std::optional<Identity>> {
    return identify(folder);
  };
  co_return co_await threads_.run(std::move(key), Configuration::quick, std::move(look));
}

Task<std::optional<Scope>> Workdirs::workspace_in(fs::path folder) {
  if (!folder.is_absolute()) co_return failure(Reason::invalid_argument, "the folder must be an absolute path");
  std::vector<Workdir> all;
  std::function<void(const std::string&)> visit = [&](const std::string& name) {
    if (name.empty()) return;
    const auto workspace = Scope::workspace(name);
    auto workdir = configuration_.last_read().workdir_of(name);
    if (workspace && workdir) all.push_back({*workspace, *std::move(workdir)});
  };
  CO_TRY(co_await each_workspace(configuration_, std::move(visit)));

  const fs::path& home = configuration_.paths().home;
  const std::string spelling = one_spelling(folder.string(), home);
  std::vector<Scope> found;
  for (const Workdir& workdir : all) {
    if (one_spelling(workdir.folder.string(), home) == spelling) found.push_back(workdir.workspace);
  }
  if (!found.empty() || all.empty()) co_return only_one(found);

  const auto wanted = co_await identify(folder);
  if (!wanted && wanted.error().reason == Reason::cancelled) co_return failure(wanted.error());
  if (!wanted) co_return failure(not_comparable(folder, wanted.error()));
  if (!*wanted) co_return std::optional<Scope>();
  std::optional<std::pair<Workdir, Error>> silent;
  for (const Workdir& workdir : all) {
    const auto other = co_await identify(workdir.folder);
    if (!other && other.error().reason == Reason::cancelled) co_return failure(other.error());
    if (!other && !silent) silent.emplace(workdir, other.error());
    if (other && *other == *wanted) found.push_back(workdir.workspace);
  }
  if (found.size() == 1 && silent) co_return failure(not_comparable(found.front(), silent->first, silent->second));
  if (found.empty() && silent) co_return failure(not_known(silent->first, silent->second));
  co_return only_one(found);
}

}  // namespace jackin::config

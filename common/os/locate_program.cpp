// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>
#include <unistd.h>

#include <optional>
#include <utility>
#include <vector>

#include "common/os/locate_program.hpp"
#include "common/os/ownership.hpp"
#include "common/untrusted_text.hpp"

namespace jackin {
namespace fs = std::filesystem;

namespace {

bool is_program(const fs::path& path, struct stat& entry) {
  return stat(path.c_str(), &entry) == 0 && S_ISREG(entry.st_mode) && access(path.c_str(), X_OK) == 0;
}

Error missing(std::string_view name, const std::string& why) {
  return {Reason::program_missing, "the program " + printable(name) + " was not found" + why,
          Remedy::of_name(RemedyAction::locate_program, std::string(name))};
}

std::string state_of(const struct stat& entry) {
#ifdef __APPLE__
  const timespec& changed = entry.st_ctimespec;
#else
  const timespec& changed = entry.st_ctim;
#endif
  std::string state;
  for (const auto number : {static_cast<long long>(entry.st_dev), static_cast<long long>(entry.st_ino),
                            static_cast<long long>(entry.st_size), static_cast<long long>(changed.tv_sec),
                            static_cast<long long>(changed.tv_nsec)}) {
    state += std::to_string(number) + ' ';
  }
  return state;
}

// Returns where another user could replace the program at `path`, or the target of a link. `entry` is its stat.
std::optional<os::Danger> danger_to(const fs::path& path, const struct stat& entry) {
  const auto ownership = os::ownership_of(entry, path);
  if (const auto own = os::danger_of(ownership); !own.empty()) {
    return os::Danger{path, own, ownership.owner != 0 && ownership.owner != geteuid()};
  }
  return os::danger_behind(path);
}

// The same, and also checks the folder of `path`.
std::optional<os::Danger> danger_at(const fs::path& path, const struct stat& entry) {
  const fs::path folder = path.parent_path();
  if (const auto ownership = os::ownership_of(folder)) {
    if (const auto why = os::danger_of(*ownership); !why.empty()) {
      return os::Danger{folder, why, ownership->owner != 0 && ownership->owner != geteuid()};
    }
  }
  return danger_to(path, entry);
}

Error refused(const fs::path& program, const os::Danger& danger) {
  const std::string path = danger.path.string();
  return {
      Reason::program_missing,
      "the program " + printable(program.string()) + " is not run: " + printable(path) + " " + std::string(danger.why),
      danger.is_foreign ? Remedy::inspect({path}) : Remedy::set_access(path, PathAccess::not_writable_by_others)};
}

FoundProgram found_at(fs::path path, const struct stat& entry) {
  return {std::move(path), state_of(entry), (entry.st_mode & (S_ISUID | S_ISGID)) != 0};
}

}  // namespace

std::vector<std::string_view> search_path_entries(std::string_view search_path) {
  std::vector<std::string_view> entries;
  while (true) {
    const auto colon = search_path.find(':');
    entries.push_back(search_path.substr(0, colon));
    if (colon == search_path.npos) return entries;
    search_path.remove_prefix(colon + 1);
  }
}

Result<FoundProgram> locate_program(std::string_view name, std::string_view search_path,
                                    const std::function<void(const fs::path&)>& looks_at) {
  struct stat entry {};
  if (name.empty()) return failure(missing("''", {}));
  if (name.find('/') != name.npos) {
    const fs::path path(name);
    if (!path.is_absolute()) {
      return failure(
          Reason::program_missing,
          "the program " + printable(name) + " was not found: it is neither a bare name nor an absolute path",
          Remedy::of_path(RemedyAction::resolve_link, std::string(name)).noting("name the program by this path"));
    }
    looks_at(path);
    if (is_program(path, entry)) {
      if (const auto danger = danger_at(path, entry)) return failure(refused(path, *danger));
      return found_at(path, entry);
    }
    if (stat(path.c_str(), &entry) != 0) return failure(missing(name, ": no such file"));
    if (S_ISREG(entry.st_mode)) {
      return failure(Reason::program_missing, "the program " + printable(name) + " is not executable",
                     Remedy::set_access(std::string(name), PathAccess::executable));
    }
    return failure(Reason::program_missing, printable(name) + " is a folder or a device, not a program",
                   Remedy::inspect({std::string(name)}));
  }
  std::string skipped;
  const auto skip = [&](std::string_view what, std::string_view why) {
    skipped += (skipped.empty() ? "; skipped " : ", ") + printable(what) + " (" + std::string(why) + ")";
  };
  for (const std::string_view folder : search_path_entries(search_path)) {
    // An empty entry means the current folder.
    if (!folder.starts_with('/')) {
      if (!search_path.empty()) skip(folder.empty() ? "''" : folder, "not an absolute path");
      continue;
    }
    const fs::path place(folder);
    looks_at(place);
    if (stat(place.c_str(), &entry) != 0) continue;
    const std::string_view danger = os::danger_of(os::ownership_of(entry, place));
    const fs::path candidate = place / name;
    if (!is_program(candidate, entry)) {
      if (!danger.empty()) skip(folder, danger);
      continue;
    }
    if (!danger.empty()) {
      skip(folder, danger);
      continue;
    }
    const auto own = danger_to(candidate, entry);
    if (!own) return found_at(candidate, entry);
    if (own->path == candidate) {
      skip(candidate.string(), own->why);
    } else {
      skip(candidate.string(), "it leads to " + printable(own->path.string()) + ", which " + std::string(own->why));
    }
  }
  Error error = missing(name, {});
  error.message = "no '" + printable(name) + (search_path.empty() ? "' found: PATH is empty" : "' on PATH") + skipped;
  // The remedy stays when entries were skipped, because the wanted program may be in one of them.
  if (skipped.empty()) error.remedy = {};
  return failure(std::move(error));
}

}  // namespace jackin

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include "common/scope.hpp"
#include "common/untrusted_text.hpp"
#include "daemon/platform/process.hpp"

namespace jackin {
namespace fs = std::filesystem;

namespace {

// Whether nobody is in the group who could not write anyway: root's, macOS's administrators (who own what Homebrew
// installs), or the person's own private group, as Debian makes one for every user.
bool is_harmless_group(gid_t group) {
  if (group == 0) return true;
#ifdef __APPLE__
  constexpr gid_t admin = 80;
  if (group == admin) return true;
#endif
  std::array<char, 4096> user_text{};
  std::array<char, 4096> group_text{};
  passwd user_entry{};
  passwd* user = nullptr;
  ::group group_entry{};
  ::group* found = nullptr;
  if (getpwuid_r(geteuid(), &user_entry, user_text.data(), user_text.size(), &user) != 0 || user == nullptr ||
      getgrgid_r(group, &group_entry, group_text.data(), group_text.size(), &found) != 0 || found == nullptr) {
    return false;
  }
  if (user->pw_gid != group || std::strcmp(user->pw_name, found->gr_name) != 0) return false;
  for (char** member = found->gr_mem; *member != nullptr; ++member) {
    if (std::strcmp(*member, user->pw_name) != 0) return false;
  }
  return true;
}

// Why somebody else could have put it there; nothing when nobody could.
std::string_view danger_of(const struct stat& entry) {
  if (entry.st_uid != 0 && entry.st_uid != geteuid()) return "belongs to another user";
  if ((entry.st_mode & S_IWOTH) != 0) return "can be written by others";
  if ((entry.st_mode & S_IWGRP) != 0 && !is_harmless_group(entry.st_gid)) return "can be written by its group";
  return {};
}

bool is_program(const fs::path& path, struct stat& entry) {
  return stat(path.c_str(), &entry) == 0 && S_ISREG(entry.st_mode) && access(path.c_str(), X_OK) == 0;
}

std::vector<std::string_view> entries_of(std::string_view search_path) {
  std::vector<std::string_view> entries;
  while (true) {
    const auto colon = search_path.find(':');
    entries.push_back(search_path.substr(0, colon));
    if (colon == search_path.npos) return entries;
    search_path.remove_prefix(colon + 1);
  }
}

Error missing(std::string_view name, const std::string& why) {
  return {Reason::program_missing, "the program " + printable(name) + " was not found" + why,
          "command -v " + shell_quoted(printable(name))};
}

}  // namespace

Result<fs::path> locate_program(std::string_view name, std::string_view search_path) {
  struct stat entry {};
  if (name.empty()) return failure(missing("''", {}));
  if (name.find('/') != name.npos) {
    const fs::path path(name);
    if (!path.is_absolute()) {
      return failure(
          Reason::program_missing,
          "the program " + printable(name) + " was not found: it is neither a bare name nor an absolute path",
          "readlink -f " + shell_quoted(printable(name)) + "  # and name it so");
    }
    if (is_program(path, entry)) return path;
    if (stat(path.c_str(), &entry) != 0) return failure(missing(name, ": there is no program of that path"));
    if (S_ISREG(entry.st_mode)) {
      return failure(Reason::program_missing, "the program " + printable(name) + " is not executable",
                     "chmod u+x " + shell_quoted(printable(name)));
    }
    return failure(Reason::program_missing, printable(name) + " is no program, but a folder or a device",
                   "ls -ld " + shell_quoted(printable(name)));
  }
  std::string skipped;
  const auto skip = [&](std::string_view what, std::string_view why) {
    skipped += (skipped.empty() ? "; skipped " : ", ") + printable(what) + " (" + std::string(why) + ")";
  };
  for (const std::string_view folder : entries_of(search_path)) {
    // An empty entry means the current folder.
    if (!folder.starts_with('/')) {
      if (!search_path.empty()) skip(folder.empty() ? "''" : folder, "not an absolute path");
      continue;
    }
    if (stat(fs::path(folder).c_str(), &entry) != 0) continue;
    const std::string_view danger = danger_of(entry);
    const fs::path candidate = fs::path(folder) / name;
    if (!is_program(candidate, entry)) {
      if (!danger.empty()) skip(folder, danger);
      continue;
    }
    if (!danger.empty()) {
      skip(folder, danger);
    } else if (const auto own_danger = danger_of(entry); !own_danger.empty()) {
      skip(candidate.string(), own_danger);
    } else {
      return candidate;
    }
  }
  return failure(missing(name, (search_path.empty() ? ": PATH is empty" : " on PATH") + skipped));
}

}  // namespace jackin

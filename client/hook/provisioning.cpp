// SPDX-License-Identifier: Apache-2.0
#include "client/hook/provisioning.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <utility>

#include "common/claude.hpp"
#include "common/os/descriptor.hpp"
#include "common/os/new_file.hpp"
#include "common/untrusted_text.hpp"

namespace jackin::client {
namespace {

namespace fs = std::filesystem;

using os::Descriptor;

constexpr mode_t private_file = 0600;
constexpr mode_t permission_bits = 07777;

Error failed(const fs::path& folder, std::string_view name, std::string_view what, int number = errno) {
  return error_from_errno(std::string(what) + " " + printable((folder / name).string()), number);
}

Result<Descriptor> open_folder(const fs::path& named) {
  // With a slash at the end of the path the system would follow a link despite O_NOFOLLOW.
  const fs::path folder = named.has_filename() ? named : named.parent_path();
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return failure(error_from_errno("cannot create the folder " + printable(folder.string()), errno));
  }
  Descriptor opened(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!opened) return failure(error_from_errno("cannot open the folder " + printable(folder.string()), errno));
  return opened;
}

// An existing regular file of this user. Nothing for a link, a FIFO, another user's file, or a missing file.
struct Standing {
  Descriptor file;
  struct stat entry;
};
Result<std::optional<Standing>> find_standing(const fs::path& folder, int at, const std::string& name) {
  Descriptor file(openat(at, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file) {
    // ELOOP is a link, ENXIO a socket, EACCES an unreadable file. All of them are replaced, none is read.
    if (errno == ENOENT || errno == ELOOP || errno == ENXIO || errno == EACCES) return std::nullopt;
    return failure(failed(folder, name, "cannot open"));
  }
  struct stat entry {};
  if (fstat(file.get(), &entry) != 0) return failure(failed(folder, name, "cannot inspect"));
  if (S_ISDIR(entry.st_mode)) {
    return failure(Reason::io_failed, printable((folder / name).string()) + " is a folder");
  }
  if (!S_ISREG(entry.st_mode) || entry.st_uid != geteuid()) return std::nullopt;
  return Standing{std::move(file), entry};
}

bool holds(int file, const Secret& content) {
  Secret found;
  while (found.size() <= content.size()) {
    const auto space = found.prepare(content.size() + 1 - found.size());
    const auto count = read(file, space.data(), content.size() + 1 - found.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    if (count == 0) break;
    found.commit(static_cast<std::size_t>(count));
  }
  return found.same_as(content);
}

Result<> make_private(const fs::path& folder, const std::string& name, const Standing& standing) {
  if ((standing.entry.st_mode & permission_bits) == private_file) return {};
  if (fchmod(standing.file.get(), private_file) != 0) return failure(failed(folder, name, "cannot make private"));
  return {};
}

Result<> replace(const fs::path& folder, int at, const std::string& name, const Secret& content) {
  os::NewFile file(at, os::name_beside(name), private_file);
  int number = file.error();
  // The umask can take permissions away.
  if (number == 0 && fchmod(file.descriptor(), private_file) != 0) number = errno;
  if (number == 0) number = file.fill(content.view());
  if (number != 0) return failure(failed(folder, name, "cannot write", number));
  if (const int not_moved = file.move_to(name, true)) return failure(failed(folder, name, "cannot replace", not_moved));
  fsync(at);
  return {};
}

Result<> remove(const fs::path& folder, int at, const std::string& name) {
  if (unlinkat(at, name.c_str(), 0) != 0 && errno != ENOENT) return failure(failed(folder, name, "cannot remove"));
  return {};
}

// docker makes a folder, as root, where it was to mount a file that does not exist. An empty one is removed.
Result<> remove_empty_folder(const fs::path& folder, int at, const std::string& name) {
  struct stat entry {};
  if (fstatat(at, name.c_str(), &entry, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISDIR(entry.st_mode)) return {};
  if (unlinkat(at, name.c_str(), AT_REMOVEDIR) == 0 || errno == ENOENT) return {};
  const std::string path = (folder / name).string();
  Error error = error_from_errno(printable(path) + " is a folder, not a file, and cannot be removed", errno);
  error.remedy = Remedy::of_path(RemedyAction::move_aside, path)
                     .noting("docker creates a folder when the file to mount is missing");
  return failure(std::move(error));
}

// Whether the name exists, as a link or as anything else.
bool is_there(int at, const std::string& name) {
  struct stat entry {};
  return fstatat(at, name.c_str(), &entry, AT_SYMLINK_NOFOLLOW) == 0;
}

Result<> provision_one(const fs::path& folder, int at, const ProvisionFile& file) {
  using Rule = ProvisionFile::Rule;
  if (file.name != account_file && file.name != credentials_file) {
    return failure(Reason::invalid_argument, "'" + printable(file.name) + "' is not a file that a launch writes");
  }
  TRY(remove_empty_folder(folder, at, file.name));
  if (file.rule == Rule::absent) return remove(folder, at, file.name);

  TRY(auto standing, find_standing(folder, at, file.name));
  if (file.rule == Rule::exactly) {
    // A file with several hard links is not changed in place: another link may be in any folder.
    if (standing && standing->entry.st_nlink == 1 && holds(standing->file.get(), file.content)) {
      return make_private(folder, file.name, *standing);
    }
    return replace(folder, at, file.name, file.content);
  }

  if (standing) return make_private(folder, file.name, *standing);
  if (is_there(at, file.name)) {
    return failure(Reason::permission_denied,
                   printable((folder / file.name).string()) + " is not a file of yours that can be read, or is a link",
                   Remedy::of_path(RemedyAction::remove_file, (folder / file.name).string()));
  }
  if (file.rule == Rule::if_missing) return replace(folder, at, file.name, file.content);
  return {};
}

}  // namespace

Result<> provision(const fs::path& folder, const std::vector<ProvisionFile>& files) {
  TRY(const Descriptor opened, open_folder(folder));
  for (const ProvisionFile& file : files) {
    TRY(provision_one(folder, opened.get(), file));
  }
  return {};
}

}  // namespace jackin::client

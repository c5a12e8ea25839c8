// SPDX-License-Identifier: Apache-2.0
#include "common/os/private_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "common/os/descriptor.hpp"
#include "common/os/file_attributes.hpp"
#include "common/os/new_file.hpp"
#include "common/presence.hpp"
#include "common/untrusted_text.hpp"

namespace jackin::os {
namespace fs = std::filesystem;

namespace {

constexpr mode_t group_and_other_write = S_IWGRP | S_IWOTH;
constexpr mode_t group_and_other_any = S_IRWXG | S_IRWXO;

std::string shown(const fs::path& path) {
  return printable(path.string());
}

std::string description_of(int errno_value) {
  return std::system_category().message(errno_value);
}

Error failed(std::string_view what, const fs::path& path, int errno_value) {
  return error_from_errno(std::string(what) + " " + shown(path), errno_value);
}

Result<Descriptor> open_folder(const fs::path& path) {
  Descriptor folder = open_folder_for_change(path.c_str());
  if (!folder) return failure(failed("cannot open the folder", path, errno));
  return folder;
}

// Syncs a folder after a change of its entry for `file`. A folder that may not be read cannot be synced; then `file` is
// synced again, which on usual file systems also commits the entry. Without a `file` (-1) nothing is synced.
int sync_entry(const Descriptor& folder, int file) {
  const int error = sync_to_disk(folder.get());
  if (error != EBADF) return error;
  return file < 0 ? 0 : sync_to_disk(file);
}

Error why_not_opened(const fs::path& path, int errno_value) {
  switch (errno_value) {
    case ENOENT:
    case ENOTDIR:
      if (const auto there = is_there(path); !there) {
        return {Reason::source_unreachable, shown(path) + " cannot be read: " + there.error().message,
                there.error().remedy};
      }
      return {Reason::source_gone, "no file " + shown(path), {}};
    case ELOOP:
      return {Reason::source_denied, shown(path) + " is a link, and links are not followed",
              Remedy::of_path(RemedyAction::resolve_link, path.string()).noting("name the target of the link itself")};
    case EACCES:
    case EPERM:
      return {Reason::source_denied, shown(path) + " cannot be read: " + description_of(errno_value),
              Remedy::inspect({path.parent_path().string(), path.string()})};
    default:
      return {Reason::source_unreachable, shown(path) + " cannot be read: " + description_of(errno_value), {}};
  }
}

Error too_large(const fs::path& path, std::size_t limit) {
  return {Reason::source_invalid,
          shown(path) + " is larger than " + std::to_string(limit) + " bytes, too large for a token",
          Remedy::inspect({path.string()}).noting("keep only the token in the file")};
}

bool is_below(const fs::path& path, const fs::path& folder) {
  if (folder.empty()) return false;
  const std::string beginning = (folder.lexically_normal() / "").string();
  return (path.lexically_normal() / "").string().starts_with(beginning);
}

Result<> check_private(const fs::path& path, const struct stat& file) {
  if (S_ISLNK(file.st_mode)) return failure(why_not_opened(path, ELOOP));
  if (!S_ISREG(file.st_mode)) {
    return failure(Reason::source_denied, shown(path) + " is not a regular file",
                   Remedy::inspect({path.string()}).noting("name a regular file of your own"));
  }
  if (file.st_uid != geteuid()) {
    return failure(Reason::source_denied, shown(path) + " belongs to another user",
                   Remedy::inspect({path.string()}).noting("name a file of your own"));
  }
  if ((file.st_mode & group_and_other_any) != 0) {
    return failure(Reason::source_denied, shown(path) + " can be read or written by others",
                   Remedy::set_access(path.string(), PathAccess::private_file));
  }
  return {};
}

}  // namespace

Result<> make_private_folder(const fs::path& path, const fs::path& home) {
  if (!path.is_absolute()) return failure(Reason::invalid_argument, shown(path) + " is not an absolute path");
  if (is_below(path, home)) {
    TRY(const bool has_home, is_there(home));
    if (!has_home) {
      return failure(Reason::io_failed, "the home folder " + shown(home) + " does not exist",
                     Remedy::inspect({home.string()}));
    }
  }
  fs::path made;
  for (const auto& part : path) {
    made /= part;
    if (part.empty() || mkdir(made.c_str(), S_IRWXU) == 0 || errno == EEXIST) continue;
    const int error = errno;
    struct stat there {};
    // For an existing folder mkdir may return an error other than EEXIST, for example on a read-only file system.
    if (stat(made.c_str(), &there) == 0 && S_ISDIR(there.st_mode)) continue;
    Error error_here = failed("cannot make the folder", made, error);
    error_here.remedy = Remedy::inspect({made.parent_path().string()});
    return failure(std::move(error_here));
  }
  struct stat folder {};
  const fs::path last = path.has_filename() ? path : path.parent_path();
  if (lstat(last.c_str(), &folder) != 0) return failure(failed("cannot make the folder", last, errno));
  if (!S_ISDIR(folder.st_mode)) {
    return failure(Reason::permission_denied,
                   shown(last) + (S_ISLNK(folder.st_mode) ? " is a link where a folder is needed" : " is not a folder"),
                   Remedy::inspect({last.string()}));
  }
  if (folder.st_uid != geteuid()) {
    return failure(Reason::permission_denied, "the folder " + shown(last) + " belongs to another user",
                   Remedy::inspect({last.string()}));
  }
  if ((folder.st_mode & group_and_other_write) != 0) {
    return failure(Reason::permission_denied, "others can write to the folder " + shown(last),
                   Remedy::set_access(last.string(), PathAccess::private_folder));
  }
  return {};
}

Result<> check_private_file(const fs::path& path, std::size_t limit) {
  struct stat file {};
  if (lstat(path.c_str(), &file) != 0) return failure(why_not_opened(path, errno));
  TRY(check_private(path, file));
  if (file.st_size == 0) {
    return failure(Reason::source_invalid, "the file " + shown(path) + " is empty",
                   Remedy::edit_file(path.string()).noting("keep only the token in it"));
  }
  if (static_cast<std::size_t>(file.st_size) > limit) return failure(too_large(path, limit));
  if ((file.st_mode & S_IRUSR) == 0 && geteuid() != 0) return failure(why_not_opened(path, EACCES));
  return {};
}

Result<> make_private_file(const fs::path& path) {
  TRY(const Descriptor file, open_private_file(path));
  return {};
}

Result<Descriptor> open_private_file(const fs::path& path, int more_flags) {
  const auto refused = [&](Error error) {
    if (error.remedy.empty()) error.remedy = Remedy::inspect({path.parent_path().string(), path.string()});
    return failure(std::move(error));
  };
  Descriptor file(open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | more_flags,
                       S_IRUSR | S_IWUSR));
  if (!file && errno == ELOOP) {
    return refused({Reason::permission_denied, shown(path) + " is a link where a file is needed", {}});
  }
  if (!file) return refused(failed("cannot open", path, errno));
  struct stat found {};
  if (fstat(file.get(), &found) != 0) return refused(failed("cannot open", path, errno));
  if (!S_ISREG(found.st_mode)) {
    return refused({Reason::permission_denied, shown(path) + " is not a regular file", {}});
  }
  if (found.st_uid != geteuid()) {
    return refused({Reason::permission_denied, shown(path) + " belongs to another user", {}});
  }
  if ((found.st_mode & group_and_other_any) != 0 && fchmod(file.get(), S_IRUSR | S_IWUSR) != 0) {
    return refused(failed("cannot make private", path, errno));
  }
  return file;
}

Result<Secret> read_private_file(const fs::path& path, std::size_t limit) {
  // The file is checked before it is opened, since opening a device may have effects. Only the check after the open is
  // decisive.
  struct stat file {};
  if (lstat(path.c_str(), &file) != 0) return failure(why_not_opened(path, errno));
  TRY(check_private(path, file));
  const Descriptor descriptor(open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!descriptor) return failure(why_not_opened(path, errno));
  if (fstat(descriptor.get(), &file) != 0) return failure(why_not_opened(path, errno));
  TRY(check_private(path, file));
  if (static_cast<std::size_t>(file.st_size) > limit) return failure(too_large(path, limit));
  Secret content;
  // Reads one byte more than the size, to detect the end: the file may be growing.
  content.prepare(static_cast<std::size_t>(file.st_size) + 1);
  while (true) {
    const auto space = content.prepare(1);
    const ssize_t count = read(descriptor.get(), space.data(), space.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failure(why_not_opened(path, errno));
    if (count == 0) return content;
    content.commit(static_cast<std::size_t>(count));
    if (content.size() > limit) return failure(too_large(path, limit));
  }
}

Result<> expect_writable(const fs::path& path) {
  const fs::path folder = path.parent_path();
  if (::faccessat(AT_FDCWD, folder.c_str(), W_OK | X_OK, AT_EACCESS) == 0) return {};
  const int error = errno;
  if (error == ENOENT) {
    return failure(Reason::io_failed, "cannot write " + shown(path) + ": its folder does not exist",
                   Remedy::try_again("when the folder " + shown(folder) + " exists"));
  }
  Error refused = failed("cannot write " + shown(path) + " into", folder, error);
  refused.remedy =
      error == EACCES ? Remedy::set_access(folder.string(), PathAccess::enterable) : Remedy::inspect({folder.string()});
  return failure(std::move(refused));
}

Result<> write_private_file(const fs::path& path, std::string_view bytes, bool replace) {
  const std::string name = path.filename().string();
  TRY(const Descriptor folder, open_folder(path.parent_path()));
  NewFile file(folder.get(), name_beside(name), S_IRUSR | S_IWUSR);
  int error = file.error();
  if (error == 0) error = file.fill(bytes);
  if (error == 0) error = file.move_to(name, replace);
  if (error == EEXIST)
    return failure(Reason::io_failed, shown(path) + " already exists", Remedy::inspect({path.string()}));
  if (error == 0) error = sync_entry(folder, file.descriptor());
  if (error != 0) return failure(failed("cannot write", path, error));
  return {};
}

Result<> remove_abandoned_writes(const fs::path& path) {
  const std::string final_name = path.filename().string();
  std::error_code error;
  for (fs::directory_iterator at(path.parent_path(), error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (!is_name_beside(name, final_name)) continue;
    TRY(remove_file(at->path()));
  }
  if (!error) return {};
  TRY(const bool has_folder, is_there(path.parent_path()));
  if (has_folder) return failure(failed("cannot list", path.parent_path(), error.value()));
  return {};
}

Result<int> remove_abandoned_writes_in(const fs::path& folder, std::chrono::seconds age) {
  std::error_code error;
  int removed = 0;
  const auto now = std::chrono::system_clock::now();
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (!is_name_beside(at->path().filename().string())) continue;
    struct stat file {};
    if (lstat(at->path().c_str(), &file) != 0 || !S_ISREG(file.st_mode) || file.st_uid != geteuid()) continue;
    if (now - std::chrono::system_clock::from_time_t(file.st_mtime) < age) continue;
    TRY(const bool was_there, remove_file(at->path()));
    if (was_there) ++removed;
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    return failure(failed("cannot list", folder, error.value()));
  }
  return removed;
}

Result<> put_in_place(const fs::path& aside, const fs::path& path) {
  TRY(const Descriptor folder, open_folder(path.parent_path()));
  const Descriptor file(openat(folder.get(), aside.filename().c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  int error = file ? sync_to_disk(file.get()) : errno;
  if (error == 0) error = rename_without_replacing(folder.get(), aside.filename().c_str(), path.filename().c_str());
  if (error == 0) error = sync_entry(folder, file.get());
  if (error != 0) return failure(failed("cannot write", path, error));
  return {};
}

Result<bool> remove_file(const fs::path& path) {
  const Descriptor folder = open_folder_for_change(path.parent_path().c_str());
  if (!folder) {
    const int error = errno;
    TRY(const bool has_folder, is_there(path.parent_path()));
    if (!has_folder) return false;
    return failure(failed("cannot open the folder", path.parent_path(), error));
  }
  // Open during the removal, for `sync_entry`. Only a regular file: opening a device may have effects.
  struct stat entry {};
  Descriptor file;
  if (fstatat(folder.get(), path.filename().c_str(), &entry, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(entry.st_mode)) {
    file = Descriptor(openat(folder.get(), path.filename().c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  }
  if (unlinkat(folder.get(), path.filename().c_str(), 0) != 0) {
    if (errno == ENOENT) return false;
    return failure(failed("cannot remove", path, errno));
  }
  if (const int error = sync_entry(folder, file.get()); error != 0)
    return failure(failed("cannot remove", path, error));
  return true;
}

}  // namespace jackin::os

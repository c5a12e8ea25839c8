// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/replace_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <map>
#include <set>
#include <string>

#include "common/os/descriptor.hpp"
#include "common/os/file_attributes.hpp"
#include "common/os/new_file.hpp"
#include "common/os/private_files.hpp"
#include "common/presence.hpp"
#include "common/untrusted_text.hpp"
#include "daemon/config/config_lock.hpp"

namespace jackin::config {
namespace fs = std::filesystem;

namespace {

constexpr std::string_view aside_suffix = ".jackind";

Error failed(const fs::path& file, std::string_view what, int error) {
  Error full = error_from_errno(printable(file.string()) + " " + std::string(what), error);
  if (full.reason == Reason::permission_denied) {
    full.remedy = error == EROFS ? Remedy::try_again("when the file system can be written")
                                 : Remedy::set_access(file.string(), PathAccess::writable);
  }
  return full;
}

Error folder_failed(const fs::path& folder, int error) {
  return failed(folder, "cannot be written in", error);
}

// The part of a file's name that temporary names contain. It is shortened: a name may have the maximum length, and a
// temporary name is longer.
std::string name_aside(const fs::path& file) {
  std::string name = file.filename().string();
  std::size_t end = std::min<std::size_t>(name.size(), 200);
  while (end > 0 && end < name.size() && (static_cast<unsigned char>(name[end]) & 0xc0) == 0x80) --end;
  name.resize(end);
  return name;
}

std::string aside_prefix(const fs::path& file) {
  return "." + name_aside(file) + ".";
}

using FileNames = std::set<std::string, std::less<>>;

// Whether `name` is a temporary name for one of `files`.
bool is_aside_of(std::string_view name, const FileNames& files) {
  if (!name.starts_with('.') || !name.ends_with(aside_suffix)) return false;
  for (auto dot = name.find('.', 1); dot < name.size() - aside_suffix.size(); dot = name.find('.', dot + 1)) {
    if (files.contains(name.substr(1, dot - 1))) return true;
  }
  return false;
}

// Removes the temporary files of a process that was killed while it wrote one of `files`: they may hold a token. Reads
// the folder once, for any number of files.
int remove_leftovers(const fs::path& folder, const FileNames& files) {
  int removed = 0;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (!is_aside_of(at->path().filename().string(), files)) continue;
    if (unlink(at->path().c_str()) == 0) ++removed;
  }
  return removed;
}

Result<os::NewFile> make_aside(const fs::path& file, const os::Descriptor& folder) {
  static std::atomic<unsigned> counter{0};
  for (;;) {
    os::NewFile made(folder.get(),
                     aside_prefix(file) + std::to_string(getpid()) + "-" + std::to_string(counter.fetch_add(1)) +
                         std::string(aside_suffix),
                     S_IRUSR | S_IWUSR);
    if (made.error() == 0) return made;
    // A crashed process with the same pid left this file behind.
    if (made.error() != EEXIST) return failure(folder_failed(file.parent_path(), made.error()));
  }
}

// Copies the old file's group, extended attributes and access control list to the new file. Returns the mode that the
// new file can have.
mode_t carry_over(const fs::path& file, int fd, mode_t mode) {
  const os::Descriptor before(open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat old {};
  struct stat fresh {};
  if (!before || fstat(before.get(), &old) != 0 || fstat(fd, &fresh) != 0) return mode;
  // A private file may hold a token: an access control list must not let other users read it.
  const bool others_may_read = (mode & (S_IRWXG | S_IRWXO)) != 0 && (old.st_mode & 07777U) == mode;
  os::carry_attributes(before.get(), fd, others_may_read);
  // The process cannot assign a group that it is not in; the group bits must then not apply to another group.
  if (old.st_gid != fresh.st_gid && fchown(fd, static_cast<uid_t>(-1), old.st_gid) != 0) {
    mode &= ~static_cast<mode_t>(S_IRWXG);
  }
  return mode;
}

Result<> check_writable(const fs::path& file) {
  struct stat status {};
  if (lstat(file.c_str(), &status) != 0) {
    if (errno == ENOENT) return {};
    return failure(failed(file, "cannot be written", errno));
  }
  if (!S_ISREG(status.st_mode)) {
    return failure(Reason::io_failed, printable(file.string()) + " is not a regular file");
  }
  // A rename requires only permission on the folder, but a read-only file must not be replaced.
  if ((status.st_mode & S_IWUSR) == 0 || faccessat(AT_FDCWD, file.c_str(), W_OK, AT_EACCESS) != 0) {
    return failure(failed(file, "is read-only", (status.st_mode & S_IWUSR) == 0 ? EACCES : errno));
  }
  return {};
}

}  // namespace

Result<> expect_replaceable(const fs::path& file) {
  TRY(check_writable(file));
  fs::path folder = file.parent_path();
  for (;; folder = folder.parent_path()) {
    TRY(const bool there, is_there(folder));
    if (there) break;
  }
  if (faccessat(AT_FDCWD, folder.c_str(), W_OK | X_OK, AT_EACCESS) == 0) return {};
  Error refused = folder_failed(folder, errno);
  if (errno == EACCES) refused.remedy = Remedy::set_access(folder.string(), PathAccess::enterable);
  return failure(std::move(refused));
}

Result<bool> replace_file(const fs::path& file, std::string_view text, mode_t mode,
                          const std::function<bool()>& may_replace) {
  TRY(check_writable(file));
  remove_leftovers(file.parent_path(), {name_aside(file)});
  const os::Descriptor folder = os::open_folder_for_change(file.parent_path().c_str());
  if (!folder) return failure(folder_failed(file.parent_path(), errno));
  TRY(os::NewFile aside, make_aside(file, folder));
  mode = carry_over(file, aside.descriptor(), mode);
  if (fchmod(aside.descriptor(), mode) != 0) return failure(failed(file, "cannot be written", errno));
  if (const int error = aside.fill(text)) return failure(failed(file, "cannot be written", error));
  if (!may_replace()) return false;
  if (const int error = aside.move_to(file.filename().string(), true)) {
    return failure(failed(file, "cannot be replaced", error));
  }
  // The file is in place; a folder that cannot be synced does not change that. Some network file systems cannot, and a
  // folder without read permission was opened without it. Many file systems then write the rename with the file.
  if (os::sync_to_disk(folder.get()) != 0) os::sync_to_disk(aside.descriptor());
  return true;
}

Result<fs::path> file_to_replace(const fs::path& file, const std::string& name) {
  TRY(const bool there, is_there(file));
  std::error_code error;
  if (!there || !fs::is_symlink(file, error)) return file;
  fs::path target = fs::canonical(file, error);
  if (!error) return target;
  return failure(Reason::io_failed, name + " is a broken link: " + error.message(), Remedy::inspect({file.string()}));
}

Result<int> remove_abandoned_writes(const Paths& paths) {
  TRY(const bool has_folder, is_there(paths.config_dir));
  if (!has_folder) return 0;
  TRY(const ConfigLock lock, ConfigLock::acquire(paths));
  std::map<fs::path, FileNames> folders;
  const auto add = [&](const fs::path& file) { folders[file.parent_path()].insert(name_aside(file)); };
  const auto add_with_target = [&](const fs::path& file) {
    add(file);
    std::error_code ignored;
    if (const fs::path target = fs::canonical(file, ignored); !ignored) add(target);
  };
  add_with_target(paths.config_file());
  add_with_target(paths.slots_file());
  TRY(const bool has_workspaces, is_there(paths.workspaces_dir()));
  std::error_code error;
  fs::directory_iterator at;
  if (has_workspaces) at = fs::directory_iterator(paths.workspaces_dir(), error);
  for (const fs::directory_iterator end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (name.ends_with(".toml")) add_with_target(at->path());
    // A workspace under creation has no file yet: `.<name>.toml.<pid>-<n>.jackind`.
    const auto made = name.find(".toml.");
    if (name.starts_with('.') && name.ends_with(aside_suffix) && made != std::string::npos) {
      add(paths.workspaces_dir() / name.substr(1, made + 4));
    }
  }
  if (error) return failure(failed(paths.workspaces_dir(), "cannot be listed", error.value()));
  int removed = 0;
  for (const auto& [folder, files] : folders) removed += remove_leftovers(folder, files);
  return removed;
}

}  // namespace jackin::config

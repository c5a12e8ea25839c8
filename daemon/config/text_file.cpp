// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/text_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <string>
#include <utility>

#include "common/os/descriptor.hpp"
#include "common/presence.hpp"
#include "common/untrusted_text.hpp"

namespace jackin::config {
namespace fs = std::filesystem;

namespace {

constexpr std::size_t size_limit = std::size_t{4} * 1024 * 1024;
// Far above the resolution of file times on any system (10 ms with HZ=100), far below a noticeable delay.
constexpr std::int64_t coarseness = 50'000'000;
// How often to read again a file that changes during the read.
constexpr int most_attempts = 3;

std::int64_t nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

FileStamp stamp_from(const struct stat& status) {
#ifdef __APPLE__
  const timespec& modified = status.st_mtimespec;
  const timespec& changed = status.st_ctimespec;
#else
  const timespec& modified = status.st_mtim;
  const timespec& changed = status.st_ctim;
#endif
  return {true,
          status.st_dev,
          status.st_ino,
          status.st_size,
          nanoseconds(modified),
          nanoseconds(changed),
          static_cast<mode_t>(status.st_mode & 07777)};
}

std::int64_t now() {
  timespec time{};
  clock_gettime(CLOCK_REALTIME, &time);
  return nanoseconds(time);
}

Remedy inspection_of(const fs::path& file) {
  return Remedy::inspect({file.string()});
}

tl::unexpected<Error> unreadable(const fs::path& file, const std::string& name, int error) {
  const Error plain = error_from_errno(name + " cannot be read", error);
  if (error != EACCES) return failure(Reason::config_unreadable, plain.message, inspection_of(file));
  return failure(Reason::config_unreadable, plain.message,
                 Remedy::inspect({file.parent_path().string()}).noting("check that you may enter it"));
}

tl::unexpected<Error> too_large(const fs::path& file, const std::string& name) {
  return failure(Reason::config_unreadable, name + " is larger than any configuration: more than 4 MiB",
                 inspection_of(file));
}

Result<FileStamp> stamp_of_open(int fd, const fs::path& file, const std::string& name) {
  struct stat status {};
  if (fstat(fd, &status) != 0) return unreadable(file, name, errno);
  if (S_ISDIR(status.st_mode)) {
    return failure(Reason::config_unreadable, name + " is a folder, not a file",
                   Remedy::of_path(RemedyAction::list_folder, file.string()).noting("remove it, or restore the file"));
  }
  if (!S_ISREG(status.st_mode)) {
    return failure(Reason::config_unreadable, name + " is not a regular file", inspection_of(file));
  }
  if (static_cast<std::size_t>(status.st_size) > size_limit) return too_large(file, name);
  return stamp_from(status);
}

Result<Secret> read_open(int fd, const fs::path& file, const std::string& name, std::size_t expected) {
  Secret text;
  while (text.size() <= size_limit) {
    // One byte more than expected, to detect the end without growing the locked memory.
    const auto space = text.prepare(text.size() < expected ? expected - text.size() + 1 : 1);
    const ssize_t count = read(fd, space.data(), space.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return unreadable(file, name, errno);
    if (count == 0) return text;
    text.commit(static_cast<std::size_t>(count));
  }
  return too_large(file, name);
}

// Whether the file whose opening failed with `error` certainly does not exist. False if it was created since then.
Result<bool> is_absent(const fs::path& file, const std::string& name, int error) {
  auto there = is_there(file);
  if (there) return !*there;
  if (error == EACCES) return unreadable(file, name, error);
  Error full = std::move(there).error();
  return failure(Reason::config_unreadable, name + " cannot be read: " + full.message, std::move(full.remedy));
}

}  // namespace

std::string no_workspace(const std::string& name, const fs::path& file, const Paths& paths) {
  return "no workspace '" + printable(name, 80) + "' (looked for " + printable(abbreviate_home(file, paths.home)) + ")";
}

Error does_not_answer(std::string_view what, const fs::path& at) {
  const std::string path = printable(at.string());
  return {Reason::timed_out, std::string(what) + " cannot be read: " + path + " does not answer",
          Remedy::try_again("when " + path + " answers again")};
}

std::string name_of(const fs::path& file, const Paths& paths) {
  const fs::path relative = file.lexically_relative(paths.config_dir);
  return printable(relative.empty() || *relative.begin() == ".." ? file.string() : relative.string());
}

Result<FileStamp> stamp_of(const std::string& file, const Paths& paths) {
  for (int attempt = 0;; ++attempt) {
    struct stat status {};
    if (stat(file.c_str(), &status) == 0) return stamp_from(status);
    const int error = errno;
    const std::string name = name_of(file, paths);
    TRY(const bool absent, is_absent(file, name, error));
    if (absent) return FileStamp{};
    if (attempt == most_attempts) return unreadable(file, name, error);
  }
}

Result<TextFile> read_text_file(const fs::path& file, const std::string& name) {
  // Another process may be writing the file in place; a text that changed during the read is read again, a few times.
  for (int attempt = 0;; ++attempt) {
    // Non-blocking, so that a FIFO at the file's path does not block the daemon.
    const os::Descriptor fd(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!fd) {
      const int error = errno;
      TRY(const bool absent, is_absent(file, name, error));
      if (absent) return TextFile{};
      if (error == EACCES) {
        const Error plain = error_from_errno(name + " cannot be read", error);
        return failure(Reason::config_unreadable, plain.message,
                       Remedy::set_access(file.string(), PathAccess::readable));
      }
      // The file was created since, or it exists and cannot be opened.
      if (attempt < most_attempts && error == ENOENT) continue;
      return unreadable(file, name, error);
    }
    const auto started = now();
    TRY(const FileStamp before, stamp_of_open(fd.get(), file, name));
    TRY(Secret text, read_open(fd.get(), file, name, static_cast<std::size_t>(before.size)));
    TRY(const FileStamp after, stamp_of_open(fd.get(), file, name));
    if (before == after || attempt == most_attempts) {
      const bool settled = before == after && std::max(before.changed, before.modified) + coarseness < started;
      struct stat status {};
      if (fstat(fd.get(), &status) != 0) return unreadable(file, name, errno);
      return TextFile{std::move(text), before, os::ownership_of(status, fd.get()), settled};
    }
  }
}

std::optional<os::Danger> danger_to(const fs::path& file, const os::Ownership& as_read, const Paths& paths) {
  if (const auto why = os::danger_of(as_read); !why.empty()) {
    os::Ownership owned_by_us = as_read;
    owned_by_us.mode = 0;
    return os::Danger{file, why, !os::danger_of(owned_by_us).empty()};
  }
  if (auto danger = os::danger_of_folder_at(paths.config_dir)) return danger;
  if (file.parent_path() != paths.config_dir) {
    if (auto danger = os::danger_of_folder_at(file.parent_path())) return danger;
  }
  return os::danger_behind(file);
}

Error refused(const std::string& what, const os::Danger& danger) {
  const std::string path = danger.path.string();
  return {Reason::source_denied, what + ": " + printable(path) + " " + std::string(danger.why),
          danger.is_foreign ? Remedy::inspect({path}) : Remedy::set_access(path, PathAccess::not_writable_by_others)};
}

}  // namespace jackin::config

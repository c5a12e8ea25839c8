// SPDX-License-Identifier: Apache-2.0
// Intercepts every system call by which this process changes a disk. The program's own definitions precede those of the
// C library (ld.so(8)), also for calls by SQLite and the C++ library. A call of the operation under test is a point.
// There the process can be killed, or the disk can be full. Every other call passes unchanged.

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "tests/integration/faults/fault_injector.hpp"

namespace {
namespace fs = std::filesystem;
using jackin::faults::Fault;
using jackin::faults::FaultInjector;
using jackin::faults::Point;

template <typename Function>
Function real(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

std::string target_of_link(const std::string& link) {
  std::array<char, 4096> text{};
  const ssize_t length = readlink(link.c_str(), text.data(), text.size());
  return length < 0 ? std::string() : std::string(text.data(), static_cast<std::size_t>(length));
}

std::string path_of(int fd) {
  return target_of_link("/proc/self/fd/" + std::to_string(fd));
}

std::string path_at(int folder, const char* name) {
  if (name[0] == '/') return name;
  return (folder == AT_FDCWD ? target_of_link("/proc/self/cwd") : path_of(folder)) + "/" + name;
}

bool is_there(const std::string& path) {
  struct stat status {};
  return lstat(path.c_str(), &status) == 0;
}

// The name of a path below the user's home for the operation. One file always has the same name, independent of ids and
// pids. Nothing for a path that does not belong to the operation.
std::optional<std::string> name_of(const std::string& path) {
  const fs::path& home = FaultInjector::current().home();
  const std::string prefix = home.string() + "/";
  if (path.compare(0, prefix.size(), prefix) != 0) return std::nullopt;
  const fs::path below = path.substr(prefix.size());
  const std::string file = below.filename().string();
  const std::string folder = below.parent_path().string();
  if (file.ends_with("-shm")) return std::nullopt;  // not used after the process's end
  if (folder == ".local/state/jackind") return file;
  if (folder == ".jackin/state") return "earlier " + file;
  if (below == ".jackin/secrets") return "the earlier folder of tokens";
  if (folder == ".jackin/secrets") return "the earlier token";
  if (below == ".local/share/jackind") return "the folder of data";
  if (below == ".local/share/jackind/tokens") return "the folder of tokens";
  if (folder == ".local/share/jackind/tokens") return file.starts_with('.') ? "the token aside" : "the token";
  if (below == "mine") return "the folder of mine";
  if (folder == "mine") return file.starts_with('.') ? "my file aside" : "my file";
  if (folder.starts_with(".config/jackin") || below == ".config/jackin") {
    if (!file.ends_with(".jackind")) return file;
    // .<name>.<pid>-<n>.jackind
    return file.substr(1, file.find(".toml") + 4) + " aside";
  }
  return std::nullopt;
}

// The operation is about to make this call. False when the disk has no space for it.
bool may(const std::string& what, const std::string& path, bool takes_space, bool is_write = false,
         bool* struck_here = nullptr) {
  FaultInjector& injector = FaultInjector::current();
  if (!injector.runs()) return true;
  const int saved = errno;
  const auto name = name_of(path);
  if (!name) {
    errno = saved;
    return true;
  }
  const bool injected = injector.reach(Point::Kind::disk, what + " " + *name, takes_space, is_write);
  if (struck_here != nullptr) *struck_here = injected;
  const bool full = injector.has_no_space_for(takes_space, injected);
  errno = full ? ENOSPC : saved;
  return !full;
}

bool may_make(int folder, const char* name, int flags) {
  if ((flags & O_CREAT) == 0 || !FaultInjector::current().runs()) return true;
  const int saved = errno;
  const std::string path = path_at(folder, name);
  const bool exists = is_there(path);
  errno = saved;
  return exists || may("make", path, true);
}

// Writes the data, or only half of it when the process is killed at this point.
template <typename Write>
ssize_t write_through(int fd, std::size_t count, Write write) {
  if (!FaultInjector::current().runs()) return write(count);
  bool injected = false;
  if (!may("write", path_of(fd), true, true, &injected)) return -1;
  if (injected && FaultInjector::current().fault().kind == Fault::Kind::kill_halfway) {
    write(count / 2);
    ::kill(getpid(), SIGKILL);
  }
  return write(count);
}

// A process that is killed loses nothing that it wrote; only a machine that loses power needs the sync. So a sync is a
// point without effect.
int sync_through(int fd) {
  return !FaultInjector::current().runs() || may("sync", path_of(fd), true) ? 0 : -1;
}

mode_t mode_of(int flags, va_list arguments) {
  const bool makes = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
  return makes ? static_cast<mode_t>(va_arg(arguments, unsigned)) : 0;
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  static const auto call = real<int (*)(const char*, int, ...)>("open");
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return may_make(AT_FDCWD, path, flags) ? call(path, flags, mode) : -1;
}

int open64(const char* path, int flags, ...) {
  static const auto call = real<int (*)(const char*, int, ...)>("open64");
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return may_make(AT_FDCWD, path, flags) ? call(path, flags, mode) : -1;
}

int openat(int folder, const char* path, int flags, ...) {
  static const auto call = real<int (*)(int, const char*, int, ...)>("openat");
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return may_make(folder, path, flags) ? call(folder, path, flags, mode) : -1;
}

int openat64(int folder, const char* path, int flags, ...) {
  static const auto call = real<int (*)(int, const char*, int, ...)>("openat64");
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return may_make(folder, path, flags) ? call(folder, path, flags, mode) : -1;
}

ssize_t write(int fd, const void* bytes, size_t size) {
  static const auto call = real<ssize_t (*)(int, const void*, size_t)>("write");
  return write_through(fd, size, [&](std::size_t count) { return call(fd, bytes, count); });
}

ssize_t pwrite(int fd, const void* bytes, size_t size, off_t offset) {
  static const auto call = real<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite");
  return write_through(fd, size, [&](std::size_t count) { return call(fd, bytes, count, offset); });
}

ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t offset) {
  static const auto call = real<ssize_t (*)(int, const void*, size_t, off64_t)>("pwrite64");
  return write_through(fd, size, [&](std::size_t count) { return call(fd, bytes, count, offset); });
}

int fsync(int fd) {
  return sync_through(fd);
}

int fdatasync(int fd) {
  return sync_through(fd);
}

int ftruncate(int fd, off_t length) noexcept {
  static const auto call = real<int (*)(int, off_t)>("ftruncate");
  return may("truncate", path_of(fd), length > 0) ? call(fd, length) : -1;
}

int ftruncate64(int fd, off64_t length) noexcept {
  static const auto call = real<int (*)(int, off64_t)>("ftruncate64");
  return may("truncate", path_of(fd), length > 0) ? call(fd, length) : -1;
}

int rename(const char* from, const char* to) noexcept {
  static const auto call = real<int (*)(const char*, const char*)>("rename");
  return may("rename to", to, false) ? call(from, to) : -1;
}

int renameat(int from_folder, const char* from, int to_folder, const char* to) noexcept {
  static const auto call = real<int (*)(int, const char*, int, const char*)>("renameat");
  return may("rename to", path_at(to_folder, to), false) ? call(from_folder, from, to_folder, to) : -1;
}

int renameat2(int from_folder, const char* from, int to_folder, const char* to, unsigned flags) noexcept {
  static const auto call = real<int (*)(int, const char*, int, const char*, unsigned)>("renameat2");
  return may("rename to", path_at(to_folder, to), false) ? call(from_folder, from, to_folder, to, flags) : -1;
}

int linkat(int from_folder, const char* from, int to_folder, const char* to, int flags) noexcept {
  static const auto call = real<int (*)(int, const char*, int, const char*, int)>("linkat");
  return may("link to", path_at(to_folder, to), true) ? call(from_folder, from, to_folder, to, flags) : -1;
}

int unlink(const char* path) noexcept {
  static const auto call = real<int (*)(const char*)>("unlink");
  return may("remove", path, false) ? call(path) : -1;
}

int unlinkat(int folder, const char* path, int flags) noexcept {
  static const auto call = real<int (*)(int, const char*, int)>("unlinkat");
  return may("remove", path_at(folder, path), false) ? call(folder, path, flags) : -1;
}

int mkdir(const char* path, mode_t mode) noexcept {
  static const auto call = real<int (*)(const char*, mode_t)>("mkdir");
  return is_there(path) || may("make folder", path, true) ? call(path, mode) : -1;
}

}  // extern "C"

// SPDX-License-Identifier: Apache-2.0
#include "common/os/log_file.hpp"

#include "common/os/private_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>
#include <utility>

namespace jackin::os {
namespace fs = std::filesystem;
namespace {

constexpr int older_files = 2;

}  // namespace

Result<LogFile> LogFile::open(fs::path folder, fs::path home) {
  LogFile log(std::move(folder), std::move(home));
  TRY(log.begin());
  for (int number = 1; number <= older_files; ++number) {
    const fs::path older = log.name_of(number);
    std::error_code ignored;
    // A path that is not a regular file of this user is renamed at the next rotation, and never opened.
    if (fs::exists(fs::symlink_status(older, ignored))) static_cast<void>(make_private_file(older));
  }
  return log;
}

fs::path LogFile::name_of(int number) const {
  return folder_ / (number == 0 ? "jackind.log" : "jackind." + std::to_string(number) + ".log");
}

Result<> LogFile::begin() {
  TRY(make_private_folder(folder_, home_));
  TRY(file_, open_private_file(name_of(0), O_APPEND));
  return {};
}

bool LogFile::is_in_place() const {
  struct stat held {};
  struct stat there {};
  return fstat(file_.get(), &held) == 0 && lstat(name_of(0).c_str(), &there) == 0 && held.st_dev == there.st_dev &&
         held.st_ino == there.st_ino;
}

void LogFile::keep_in_place() {
  if (is_in_place() || !begin()) return;
  // A failed rotation, after which the next file could not be created, does not count as a removal.
  if (!std::exchange(is_rotated_, false)) ++times_begun_anew_;
}

void LogFile::rotate() {
  for (int number = older_files; number > 0; --number) {
    // When this fails the file exceeds its limit, which is better than losing lines.
    (void)std::rename(name_of(number - 1).c_str(), name_of(number).c_str());
  }
  is_rotated_ = !begin();
}

void LogFile::write(std::string_view line) {
  keep_in_place();
  struct stat found {};
  if (fstat(file_.get(), &found) == 0 && found.st_size > 0 &&
      static_cast<std::size_t>(found.st_size) + line.size() > most_bytes) {
    rotate();
  }
  while (!line.empty()) {
    const ssize_t count = ::write(file_.get(), line.data(), line.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    line.remove_prefix(static_cast<std::size_t>(count));
  }
}

}  // namespace jackin::os

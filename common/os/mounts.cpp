// SPDX-License-Identifier: Apache-2.0
#include "common/os/mounts.hpp"

#ifdef __APPLE__
#include <sys/mount.h>
#include <sys/param.h>
#else
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>
#endif

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <sstream>
#include <utility>

namespace jackin::os {
namespace fs = std::filesystem;

namespace {

#ifdef __APPLE__
std::vector<std::string> mount_points() {
  // Used in place of getmntinfo, whose buffer all threads share. MNT_NOWAIT asks no server (getfsstat(2)).
  std::vector<struct statfs> mounts(static_cast<std::size_t>(std::max(getfsstat(nullptr, 0, MNT_NOWAIT), 0)));
  const int count = getfsstat(mounts.data(), static_cast<int>(mounts.size() * sizeof(struct statfs)), MNT_NOWAIT);
  mounts.resize(static_cast<std::size_t>(std::max(count, 0)));
  std::vector<std::string> points;
  for (const auto& mount : mounts) points.emplace_back(mount.f_mntonname);
  return points;
}
#else
bool has_changed(int file) {
  pollfd change{file, POLLPRI, 0};
  return poll(&change, 1, 0) > 0;
}

// Nothing when the file cannot be read.
std::optional<std::string> content_of(int file) {
  std::string content;
  std::array<char, 16 * 1024> part{};
  off_t at = 0;
  for (;;) {
    const ssize_t count = pread(file, part.data(), part.size(), at);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return std::nullopt;
    if (count == 0) return content;
    content.append(part.data(), static_cast<std::size_t>(count));
    at += count;
  }
}
#endif

// Space, tab, line end and backslash are written as three octal digits after a backslash.
std::string without_escapes(std::string_view text) {
  const auto is_octal = [](char c) { return c >= '0' && c <= '7'; };
  std::string plain;
  while (!text.empty()) {
    const bool is_escape =
        text.size() >= 4 && text[0] == '\\' && std::all_of(text.begin() + 1, text.begin() + 4, is_octal);
    plain += is_escape ? static_cast<char>((text[1] - '0') * 64 + (text[2] - '0') * 8 + text[3] - '0') : text[0];
    text.remove_prefix(is_escape ? 4 : 1);
  }
  return plain;
}

}  // namespace

std::vector<std::string> mount_points_in(std::string_view mountinfo) {
  std::vector<std::string> points;
  std::istringstream lines{std::string(mountinfo)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    std::string point;  // the fifth field
    for (int field = 0; field < 5; ++field) fields >> point;
    if (fields) points.push_back(without_escapes(point));
  }
  return points;
}

std::string mount_point_of(std::string_view path, const std::vector<std::string>& mount_points) {
  fs::path plain;
  for (const fs::path& part : fs::path(path)) {
    if (!part.empty() && part != ".") plain /= part;
  }
  std::string longest;
  for (const std::string& point : mount_points) {
    const fs::path folder(point);
    const auto end = std::mismatch(folder.begin(), folder.end(), plain.begin(), plain.end()).first;
    if (end == folder.end() && point.size() > longest.size()) longest = point;
  }
  return longest;
}

std::shared_ptr<const std::vector<std::string>> MountTable::points() {
  const std::lock_guard lock(mutex_);
#ifdef __APPLE__
  points_ = std::make_shared<const std::vector<std::string>>(mount_points());
#else
  // Without a free descriptor the next call tries again.
  if (!open_) open_ = Descriptor(open(file_.c_str(), O_RDONLY | O_CLOEXEC));
  // In this order, so that the next poll reports a change during the read. A change is reported once, also when the
  // read then fails.
  if (open_ && has_changed(open_.get())) is_stale_ = true;
  const auto content = open_ && is_stale_ ? content_of(open_.get()) : std::nullopt;
  if (content) {
    points_ = std::make_shared<const std::vector<std::string>>(mount_points_in(*content));
    is_stale_ = false;
  }
#endif
  return points_;
}

std::function<std::string(const std::string&)> separate_mounts(fs::path home) {
  static const auto table = std::make_shared<MountTable>();
  return [home = std::move(home), table = table](const std::string& path) -> std::string {
    if (!path.starts_with('/')) return {};
    const auto points = table->points();
    std::string point = mount_point_of(path, *points);
    return point == "/" || point == mount_point_of(home.string(), *points) ? std::string() : point;
  };
}

}  // namespace jackin::os

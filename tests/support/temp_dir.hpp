// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace jackin::test {

/// A folder of the test's own, mode 0700, removed with its content at the end of the scope.
class TempDir {
 public:
  TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir();

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// Writes `text` to `path`, and creates the folders above it.
void write_file(const std::filesystem::path& path, std::string_view text);
/// The content of a file; fails the test when the file cannot be read.
std::string read_file(const std::filesystem::path& path);

}  // namespace jackin::test

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/result.hpp"

namespace jackin::client {

/// The files that describe jackind to a service manager, in the user's own folder. Holds their old content, writes new
/// content, and restores the old.
class ServiceFiles {
 public:
  using Text = std::optional<std::string>;  ///< Empty: the file does not exist.

  /// Reads `paths`. Errors: not_ours when a file was not written by `jackinctl daemon install`, was changed since, or
  /// is a link; those of the system.
  static Result<ServiceFiles> read(std::vector<std::filesystem::path> paths);

  /// Whether any of the files exists.
  bool any() const;
  /// Whether the files have the content `wanted`, one entry for each path.
  bool are(const std::vector<Text>& wanted) const;
  /// The files that exist.
  std::vector<std::filesystem::path> there() const;

  /// Gives the files the content `wanted`: writes temporary files, renames, removes. Creates missing folders. On error,
  /// restores the files as far as the system allows. Errors: those of the system.
  Result<> write(const std::vector<Text>& wanted) const;
  /// Restores the content from the time of the read, as far as the system allows.
  void restore() const;

 private:
  ServiceFiles(std::vector<std::filesystem::path> paths, std::vector<Text> texts)
      : paths_(std::move(paths)), texts_(std::move(texts)) {}

  std::vector<std::filesystem::path> paths_;
  std::vector<Text> texts_;
};

/// Reads a whole file; nothing when it does not exist. Errors: those of the system.
Result<std::optional<std::string>> read_whole(const std::filesystem::path& path);

}  // namespace jackin::client

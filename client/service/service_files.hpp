// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/result.hpp"

namespace jackin::client {

/// The files that tell a service manager of jackind, in the user's own folder: what stands there, what shall, and the
/// way back.
class ServiceFiles {
 public:
  using Text = std::optional<std::string>;  ///< Nothing: there is no such file.

  /// Looks at `paths`. Errors: not_ours when one of them was not written by `jackinctl daemon install`, or was changed
  /// since, or is a link; those of the system.
  static Result<ServiceFiles> read(std::vector<std::filesystem::path> paths);

  /// Whether any is there.
  bool any() const;
  /// Whether they are as `wanted`, one for each path.
  bool are(const std::vector<Text>& wanted) const;
  /// Those that are there.
  std::vector<std::filesystem::path> there() const;

  /// Makes them so: writes aside, renames, removes; folders are made. After an error they are as they were, as far as
  /// the system allows. Errors: those of the system.
  Result<> write(const std::vector<Text>& wanted) const;
  /// Makes them as they were when looked at, as far as the system allows.
  void restore() const;

 private:
  ServiceFiles(std::vector<std::filesystem::path> paths, std::vector<Text> texts)
      : paths_(std::move(paths)), texts_(std::move(texts)) {}

  std::vector<std::filesystem::path> paths_;
  std::vector<Text> texts_;
};

/// A whole file; nothing when there is none. Errors: those of the system.
Result<std::optional<std::string>> read_whole(const std::filesystem::path& path);

}  // namespace jackin::client

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "common/environment.hpp"
#include "common/paths.hpp"
#include "tests/support/temp_dir.hpp"

namespace jackin::faults {

/// A user's home folder, which outlives the daemons that run in it.
class Home {
 public:
  Home();
  /// A copy of everything in `other`.
  explicit Home(const Home& other);
  Home& operator=(const Home&) = delete;

  const std::filesystem::path& path() const { return folder_.path(); }
  const Paths& paths() const { return paths_; }
  std::filesystem::path bin() const { return folder_ / "bin"; }
  /// The daemon's output, and the messages of the operation to the user.
  std::filesystem::path log() const { return folder_ / "daemon.log"; }

  /// The user's variables: HOME, and a PATH with `bin` first.
  Environment environment() const;

  /// A program on the PATH that is never run: the test answers for it.
  void put_on_path(const std::string& name) const;

  /// Every file of the configuration by its name below the folder, without the lock.
  std::map<std::string, std::string> configuration() const;
  void write_configuration(const std::string& name, std::string_view text) const;

 private:
  test::TempDir folder_;
  Paths paths_;
};

}  // namespace jackin::faults

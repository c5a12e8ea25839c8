// SPDX-License-Identifier: Apache-2.0
#include "tests/fakes/components/sandbox.hpp"

#include <map>

namespace jackin::test {
namespace fs = std::filesystem;

Sandbox::Sandbox()
    : paths{.home = home.path(),
            .config_dir = home / ".config/jackin",
            .state_dir = home / "state",
            .data_dir = home / "data",
            .runtime_dir = home / "run",
            .home_dir = home / ".jackin"},
      database(state::Database::open(paths.database(), paths.config_dir).value()) {
  fs::create_directories(paths.workspaces_dir());
}

void Sandbox::workspace(const std::string& name, std::string_view text) {
  write_file(paths.workspaces_dir() / (name + ".toml"), text);
}

std::string Sandbox::workspace_text(const std::string& name) const {
  return read_file(paths.workspaces_dir() / (name + ".toml"));
}

void Sandbox::global(std::string_view text) {
  write_file(paths.config_file(), text);
}

std::string Sandbox::configuration_as_it_is() const {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(paths.config_dir)) {
    // jackin's lock file. The first process that writes creates it.
    if (entry.is_regular_file() && entry.path() != paths.config_lock()) {
      files[entry.path().string()] = read_file(entry.path());
    }
  }
  std::string all;
  for (const auto& [path, text] : files) all += path + "\n" + text + "\n";
  return all;
}

std::string Sandbox::database_bytes() const {
  std::string all;
  for (const auto& entry : fs::directory_iterator(paths.state_dir)) all += read_file(entry.path());
  return all;
}

}  // namespace jackin::test

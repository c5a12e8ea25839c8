// SPDX-License-Identifier: Apache-2.0
#include "tests/support/sandbox.hpp"

namespace jackin::test {
namespace fs = std::filesystem;
namespace {

Paths paths_below(const fs::path& home) {
  return {.home = home,
          .config_dir = home / ".config/jackin",
          .state_dir = home / ".local/state/jackind",
          .data_dir = home / ".local/share/jackind",
          .runtime_dir = home / "run/jackin",
          .home_dir = home / ".jackin"};
}

}  // namespace

Sandbox::Sandbox() : paths(paths_below(home.path())) {
  fs::create_directories(paths.workspaces_dir());
  for (const fs::path& folder : {bin(), home / "run"}) {
    fs::create_directory(folder);
    fs::permissions(folder, fs::perms::owner_all);
  }
}

Sandbox::Sandbox(const Sandbox& other) : paths(paths_below(home.path())) {
  fs::copy(other.home.path(), home.path(), fs::copy_options::recursive | fs::copy_options::copy_symlinks);
}

Environment Sandbox::environment() const {
  return Environment({{"HOME", home.path().string()}, {"PATH", bin().string() + ":/usr/bin:/bin"}});
}

void Sandbox::put_on_path(std::string_view name) const {
  write_file(bin() / name, "#!/bin/false\n");
  fs::permissions(bin() / name, fs::perms::owner_all);
}

void Sandbox::take_off_path(std::string_view name) const {
  fs::remove(bin() / name);
}

fs::path Sandbox::workspace_file(std::string_view name) const {
  return paths.workspaces_dir() / (std::string(name) + ".toml");
}

void Sandbox::workspace(std::string_view name, std::string_view text) const {
  write_file(workspace_file(name), text);
}

std::string Sandbox::workspace_text(std::string_view name) const {
  return read_file(workspace_file(name));
}

void Sandbox::global(std::string_view text) const {
  write_file(paths.config_file(), text);
}

std::map<std::string, std::string> Sandbox::configuration() const {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(paths.config_dir)) {
    if (!entry.is_regular_file() || entry.path() == paths.config_lock()) continue;
    files[entry.path().lexically_relative(paths.config_dir).string()] = read_file(entry.path());
  }
  return files;
}

void Sandbox::write_configuration(const std::string& name, std::string_view text) const {
  const fs::path aside = home / "edited~";
  write_file(aside, text);
  fs::create_directories((paths.config_dir / name).parent_path());
  fs::rename(aside, paths.config_dir / name);
}

}  // namespace jackin::test

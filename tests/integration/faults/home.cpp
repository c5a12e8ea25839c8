// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/faults/home.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <sys/stat.h>

#include <stdexcept>

namespace jackin::faults {
namespace fs = std::filesystem;

namespace {

Paths paths_in(const fs::path& home) {
  return {.home = home,
          .config_dir = home / ".config/jackin",
          .state_dir = home / ".local/state/jackind",
          .data_dir = home / ".local/share/jackind",
          .runtime_dir = home / "run",
          .home_dir = home / ".jackin"};
}

// The copy must be the same home folder: for its daemon the original's configuration folder would be another one.
void rename_config_folder(const Paths& paths) {
  if (!fs::exists(paths.database())) return;
  SQLite::Database database(paths.database().string(), SQLite::OPEN_READWRITE);
  database.exec("PRAGMA synchronous = OFF");
  for (const std::string table : {"token", "health", "handout", "remaining", "discarded"}) {
    SQLite::Statement update(database, "UPDATE " + table + " SET config_folder = ? WHERE config_folder <> ''");
    update.bind(1, fs::weakly_canonical(paths.config_dir).string());
    update.exec();
  }
  database.exec("DELETE FROM config_folder");
}

}  // namespace

Home::Home() : paths_(paths_in(folder_.path())) {
  fs::create_directories(paths_.workspaces_dir());
  fs::create_directory(bin());
  if (::chmod(bin().c_str(), 0700) != 0) throw std::runtime_error("chmod failed");
}

Home::Home(const Home& other) : paths_(paths_in(folder_.path())) {
  fs::copy(other.path(), folder_.path(), fs::copy_options::recursive | fs::copy_options::copy_symlinks);
  rename_config_folder(paths_);
}

Environment Home::environment() const {
  return Environment({{"HOME", path().string()}, {"PATH", bin().string() + ":/usr/bin:/bin"}});
}

void Home::put_on_path(const std::string& name) const {
  test::write_file(bin() / name, "#!/bin/false\n");
  if (::chmod((bin() / name).c_str(), 0700) != 0) throw std::runtime_error("chmod failed");
}

std::map<std::string, std::string> Home::configuration() const {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(paths_.config_dir)) {
    if (!entry.is_regular_file() || entry.path() == paths_.config_lock()) continue;
    files[entry.path().lexically_relative(paths_.config_dir).string()] = test::read_file(entry.path());
  }
  return files;
}

void Home::write_configuration(const std::string& name, std::string_view text) const {
  // As most editors do it: no reader ever sees half of the file.
  const fs::path aside = path() / "edited~";
  test::write_file(aside, text);
  fs::create_directories((paths_.config_dir / name).parent_path());
  fs::rename(aside, paths_.config_dir / name);
}

}  // namespace jackin::faults

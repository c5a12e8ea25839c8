// SPDX-License-Identifier: Apache-2.0
#include "common/os/find_paths.hpp"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <system_error>

#ifdef __APPLE__
#include <mach-o/dyld.h>
#endif

#include "common/untrusted_text.hpp"

namespace jackin {
namespace fs = std::filesystem;

namespace {

Result<fs::path> home_folder(const Environment& environment) {
  if (environment.has("HOME")) return fs::path(environment.value_of("HOME"));
  std::array<char, 4096> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  if (getpwuid_r(getuid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr &&
      entry.pw_dir != nullptr && *entry.pw_dir != '\0') {
    return fs::path(entry.pw_dir);
  }
  return failure(Reason::invalid_argument, "HOME is not set and the user database knows no home folder",
                 Remedy::set_variable("HOME", "/path/to/your/home"));
}

// Returns the folder from the command line, else from the variable, else the default. The result is absolute and has no
// `.` and `..`.
Result<fs::path> choose(const std::optional<fs::path>& option, const Environment& environment,
                        std::string_view variable, const fs::path& otherwise) {
  fs::path chosen = otherwise;
  std::string_view origin = "HOME";
  if (environment.has(variable)) {
    chosen = environment.value_of(variable);
    origin = variable;
  }
  if (option) {
    chosen = *option;
    origin = "the command line";
  }
  if (!chosen.is_absolute()) {
    return failure(Reason::invalid_argument, "the folder '" + printable(chosen.string()) + "' from " +
                                                 std::string(origin) + " is not an absolute path");
  }
  fs::path normal = chosen.lexically_normal();
  if (!normal.has_filename() && normal.has_parent_path()) normal = normal.parent_path();
  return normal;
}

Result<> check_home_owner(const fs::path& home) {
  struct stat found {};
  if (geteuid() != 0 || stat(home.c_str(), &found) != 0 || found.st_uid == 0) return {};
  return failure(Reason::permission_denied,
                 "this program runs as root, but the home folder " + printable(home.string()) +
                     " belongs to another user (uid " + std::to_string(found.st_uid) + ")",
                 Remedy::try_again("as that user, or with HOME=/root"));
}

bool is_own_folder(const fs::path& path) {
  struct stat found {};
  return path.is_absolute() && stat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode) && found.st_uid == geteuid() &&
         access(path.c_str(), W_OK | X_OK) == 0;
}

#ifdef __APPLE__
fs::path default_state_dir(const Environment&, const fs::path& home) {
  return home / "Library" / "Application Support" / "jackind";
}

fs::path default_data_dir(const Environment& environment, const fs::path& home) {
  return default_state_dir(environment, home);
}

// On macOS the path of the state folder is too long for the path of a socket.
fs::path default_runtime_dir(const fs::path& state_dir) {
  std::array<char, 1024> buffer{};
  const std::size_t size = confstr(_CS_DARWIN_USER_TEMP_DIR, buffer.data(), buffer.size());
  if (size == 0 || size > buffer.size()) return state_dir / "run";
  return fs::path(buffer.data()) / "jackin";
}
#else
fs::path below_base(const Environment& environment, std::string_view variable, const fs::path& otherwise) {
  const fs::path base = environment.value_of(variable);
  return (base.is_absolute() ? base : otherwise) / "jackind";
}

fs::path default_state_dir(const Environment& environment, const fs::path& home) {
  return below_base(environment, "XDG_STATE_HOME", home / ".local" / "state");
}

fs::path default_data_dir(const Environment& environment, const fs::path& home) {
  return below_base(environment, "XDG_DATA_HOME", home / ".local" / "share");
}

fs::path default_runtime_dir(const fs::path& state_dir) {
  return state_dir / "run";
}
#endif

}  // namespace

Result<Paths> find_paths(const Environment& environment, const PathOptions& options) {
  TRY(fs::path home, home_folder(environment));
  TRY(check_home_owner(home));
  Paths paths;
  paths.home = home;
  TRY(paths.config_dir, choose(options.config_dir, environment, "JACKIN_CONFIG_DIR", home / ".config" / "jackin"));
  TRY(paths.state_dir,
      choose(options.state_dir, environment, "JACKIND_STATE_DIR", default_state_dir(environment, home)));
  TRY(paths.data_dir, choose(options.data_dir, environment, "JACKIND_DATA_DIR", default_data_dir(environment, home)));
  TRY(paths.home_dir, choose(options.home_dir, environment, "JACKIN_HOME_DIR", home / ".jackin"));
  const fs::path session = environment.value_of("XDG_RUNTIME_DIR");
  const fs::path runtime = is_own_folder(session) ? session / "jackin" : default_runtime_dir(paths.state_dir);
  TRY(paths.runtime_dir, choose(options.runtime_dir, environment, "JACKIN_RUNTIME_DIR", runtime));
  return paths;
}

fs::path own_program_dir() {
  std::error_code error;
#ifdef __APPLE__
  std::array<char, 4096> buffer{};
  auto size = static_cast<std::uint32_t>(buffer.size());
  if (_NSGetExecutablePath(buffer.data(), &size) != 0) return {};
  const fs::path program = fs::canonical(buffer.data(), error);
#else
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
#endif
  return error ? fs::path() : program.parent_path();
}

}  // namespace jackin

#include "common/paths.hpp"

#include <pwd.h>
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
                 "export HOME=/path/to/your/home");
}

// The folder from the command line, else from the variable, else the default; absolute and without `.` and `..`.
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

}  // namespace

Result<Paths> find_paths(const Environment& environment, const PathOptions& options) {
  TRY(fs::path home, home_folder(environment));
  Paths paths;
  paths.home = home;
  TRY(paths.config_dir, choose(options.config_dir, environment, "JACKIN_CONFIG_DIR", home / ".config" / "jackin"));
  TRY(paths.home_dir, choose(options.home_dir, environment, "JACKIN_HOME_DIR", home / ".jackin"));
  fs::path runtime = paths.home_dir / "run";
  if (environment.has("XDG_RUNTIME_DIR") && fs::path(environment.value_of("XDG_RUNTIME_DIR")).is_absolute()) {
    runtime = fs::path(environment.value_of("XDG_RUNTIME_DIR")) / "jackin";
  }
  TRY(paths.runtime_dir, choose(options.runtime_dir, environment, "JACKIN_RUNTIME_DIR", runtime));
  return paths;
}

fs::path expand_home(std::string_view path, const fs::path& home) {
  if (path == "~") return home;
  // What follows stays below home even with more than one slash; an absolute path would replace it.
  if (path.starts_with("~/")) return home / fs::path(path.substr(2)).relative_path();
  return fs::path(path);
}

std::string abbreviate_home(const fs::path& path, const fs::path& home) {
  const fs::path relative = path.lexically_relative(home);
  if (relative.empty() || *relative.begin() == ".." || relative == ".") return path.string();
  return "~/" + relative.string();
}

std::string one_spelling(std::string_view path, const fs::path& home) {
  fs::path plain;
  for (const fs::path& part : expand_home(path, home)) {
    if (!part.empty() && part != ".") plain /= part;
  }
  return abbreviate_home(plain, home);
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

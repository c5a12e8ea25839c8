// SPDX-License-Identifier: Apache-2.0
#include "common/paths.hpp"

namespace jackin {
namespace fs = std::filesystem;

fs::path expand_home(std::string_view path, const fs::path& home) {
  if (path == "~") return home;
  // The rest stays below home even with several slashes; an absolute path would replace home.
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

}  // namespace jackin

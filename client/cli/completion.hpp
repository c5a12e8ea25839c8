// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace jackin::client {

/// One way to go on with a word that is being typed.
struct Candidate {
  std::string word;
  std::string description = {};
  /// The word is whole: what is typed next is another one.
  bool ends_word = true;

  friend bool operator==(const Candidate&, const Candidate&) = default;
};

/// What the shell knows best.
enum class PathKind { none, folder, file };

struct Completion {
  std::vector<Candidate> candidates;
  /// Whether the word, from `path_begins` on, is such a path.
  PathKind path = PathKind::none;
  std::size_t path_begins = 0;
};

/// What only the machine knows; asked when it is needed.
struct LiveNames {
  std::function<std::vector<std::string>()> workspaces;
  std::function<std::vector<std::string>(const std::string& workspace)> roles;
};

/// How the last of `words` can go on. `words` is what stands behind the program's name, as the program would get it;
/// the last one is being typed and may be empty. Follows `app`: commands, options, and what these say that they take
/// (`a|b|c`, WORKSPACE, ROLE, DIR, REF). A workspace whose name looks like an option is offered behind `--` only. What
/// cannot be understood has no candidates.
Completion complete(const CLI::App& app, const std::vector<std::string>& words, const LiveNames& names);

}  // namespace jackin::client

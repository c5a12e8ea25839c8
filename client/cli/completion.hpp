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

/// One possible completion of the word being typed.
struct Candidate {
  std::string word;
  std::string description = {};
  /// The word is complete: the next input starts another word.
  bool ends_word = true;

  friend bool operator==(const Candidate&, const Candidate&) = default;
};

/// Candidates that the shell itself completes, such as paths.
enum class PathKind { none, folder, file };

struct Completion {
  std::vector<Candidate> candidates;
  /// Whether the word, from `path_begins` on, is such a path.
  PathKind path = PathKind::none;
  std::size_t path_begins = 0;
};

/// Names that exist on this machine. Read only when needed.
struct LiveNames {
  std::function<std::vector<std::string>()> workspaces;
  std::function<std::vector<std::string>(const std::string& workspace)> roles;
};

/// Returns the completions of the last of `words`. `words` are the arguments after the program's name, as the program
/// would receive them. The last one is being typed and may be empty. Follows `app`: commands, options, and the values
/// that these declare (`a|b|c`, WORKSPACE, ROLE, DIR, REF). A workspace whose name begins like an option is offered
/// only after `--`. Behind the `--` of `exec` the shell completes files. Words that `app` does not define have no
/// candidates.
Completion complete(const CLI::App& app, const std::vector<std::string>& words, const LiveNames& names);

}  // namespace jackin::client

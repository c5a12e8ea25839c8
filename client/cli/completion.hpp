#pragma once

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

struct Completion {
  std::vector<Candidate> candidates;
  /// The word is a folder's name, and the shell knows those best.
  bool is_folder = false;
};

/// What only the machine knows; asked when it is needed.
struct LiveNames {
  std::function<std::vector<std::string>()> workspaces;
  std::function<std::vector<std::string>(const std::string& workspace)> roles;
};

/// How the last of `words` can go on. `words` is what stands behind the program's name, as the program would get it;
/// the last one is being typed and may be empty. Follows `app`: commands, options, and what these say that they take
/// (`a|b|c`, WORKSPACE, ROLE, DIR, REF). What cannot be understood has no candidates.
Completion complete(const CLI::App& app, const std::vector<std::string>& words, const LiveNames& names);

}  // namespace jackin::client

// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/config/unchanged.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <vector>

#include "daemon/config/document.hpp"

namespace jackin::test {
namespace {

using config::Document;
using config::Node;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const auto newline = text.find('\n', at);
    const auto end = newline == std::string::npos ? text.size() : newline + 1;
    lines.push_back(text.substr(at, end - at));
    at = end;
  }
  return lines;
}

struct Hunk {
  std::string before;
  std::string after;
};

bool is_only_punctuation(const std::string& lines) {
  return lines.find_first_not_of(" \t\r\n,{}") == std::string::npos;
}

// The places where two lists of lines differ, by the longest common subsequence. Such a subsequence cannot match braces
// reliably. Places with only punctuation between them therefore count as one.
std::vector<Hunk> hunks(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  std::vector<std::vector<int>> common(a.size() + 1, std::vector<int>(b.size() + 1, 0));
  for (std::size_t i = a.size(); i-- > 0;) {
    for (std::size_t j = b.size(); j-- > 0;) {
      common[i][j] = a[i] == b[j] ? common[i + 1][j + 1] + 1 : std::max(common[i + 1][j], common[i][j + 1]);
    }
  }
  std::vector<Hunk> found;
  std::string since;
  const auto hunk = [&]() -> Hunk& {
    if (found.empty() || !is_only_punctuation(since)) {
      found.emplace_back();
    } else {
      found.back().before += since;
      found.back().after += since;
    }
    since.clear();
    return found.back();
  };
  for (std::size_t i = 0, j = 0; i < a.size() || j < b.size();) {
    if (i < a.size() && j < b.size() && a[i] == b[j]) {
      since += a[i];
      ++i, ++j;
    } else if (j == b.size() || (i < a.size() && common[i + 1][j] >= common[i][j + 1])) {
      hunk().before += a[i++];
    } else {
      hunk().after += b[j++];
    }
  }
  return found;
}

bool is_subsequence(const std::string& part, const std::string& whole) {
  std::size_t at = 0;
  for (const char c : whole) {
    if (at < part.size() && part[at] == c) ++at;
  }
  return at == part.size();
}

bool mentions_a_key(const std::string& text) {
  for (const std::string_view key : {"oauth_token", "auth_forward", "auth\\u005fforward", "CLAUDE_CODE_OAUTH_TOKEN"}) {
    if (text.find(key) != std::string::npos) return true;
  }
  return false;
}

using Path = std::vector<std::string>;

std::vector<Path> owned_keys(const std::string& role) {
  std::vector<Path> keys;
  for (const Path& end :
       {Path{"claude", "auth_forward"}, Path{"claude", "oauth_token"}, Path{"env", "CLAUDE_CODE_OAUTH_TOKEN"}}) {
    Path path;
    if (!role.empty()) path = {"roles", role};
    path.insert(path.end(), end.begin(), end.end());
    keys.push_back(path);
  }
  return keys;
}

// The first difference in the data, except in the owned keys and in tables that only contain them.
std::string difference(Node a, Node b, Path& path, const std::vector<Path>& owned) {
  if (std::count(owned.begin(), owned.end(), path) > 0) return {};
  const bool leads_there = std::any_of(owned.begin(), owned.end(), [&](const Path& key) {
    return key.size() > path.size() && std::equal(path.begin(), path.end(), key.begin());
  });
  if (!leads_there || (!a.is(Node::Kind::table) && !b.is(Node::Kind::table))) {
    if (Node::same(a, b)) return {};
    std::string name;
    for (const auto& part : path) name += "/" + part;
    return "the data at " + name + " differs; ";
  }
  std::set<std::string> keys;
  for (const auto& member : a.members()) keys.insert(member.key);
  for (const auto& member : b.members()) keys.insert(member.key);
  std::string differences;
  for (const auto& key : keys) {
    path.push_back(key);
    differences += difference(a[key], b[key], path, owned);
    path.pop_back();
  }
  return differences;
}

std::size_t count_of(const std::string& text, std::string_view what) {
  std::size_t count = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + what.size())) ++count;
  return count;
}

}  // namespace

std::optional<config::AuthKeys> keys_in(const std::string& text, const std::string& role) {
  const auto document = Document::parse(text, "file");
  if (!document) return std::nullopt;
  Node table = document->root();
  if (!role.empty()) table = table["roles"][role];
  auto layer = config::read_layer(table, "file", {});
  if (!layer) return std::nullopt;
  return layer->keys;
}

std::string what_else_changed(const std::string& before, const std::string& after, const std::string& role) {
  const auto a = Document::parse(before, "before");
  const auto b = Document::parse(after, "after");
  if (!a || !b) return "not TOML";
  Path path;
  std::string wrong = difference(a->root(), b->root(), path, owned_keys(role));

  constexpr std::string_view mark = "\xef\xbb\xbf";
  if (before.starts_with(mark) != after.starts_with(mark)) wrong += "byte order mark; ";
  if (count_of(after, mark) > 1) wrong += "second byte order mark; ";
  const bool was_empty = before.empty() || before == mark;
  // When the last line was removed, the line before it is the last one, and may be empty.
  const auto lines = lines_of(before);
  const bool last_may_go = !before.ends_with('\n') && !lines.empty() && mentions_a_key(lines.back());
  if (!was_empty && !last_may_go && before.ends_with('\n') != after.ends_with('\n')) wrong += "last line end; ";
  const bool only_crlf = count_of(before, "\n") > 0 && count_of(before, "\n") == count_of(before, "\r\n");
  if (only_crlf && count_of(after, "\n") != count_of(after, "\r\n")) wrong += "CRLF; ";
  if (count_of(before, "\r") == 0 && count_of(after, "\r") != 0) wrong += "CR; ";

  for (const Hunk& hunk : hunks(lines_of(before), lines_of(after))) {
    if (!is_only_punctuation(hunk.before) && !is_subsequence(hunk.before, hunk.after) && !mentions_a_key(hunk.before)) {
      wrong += "taken out: " + hunk.before;
    }
    if (!is_only_punctuation(hunk.after) && !mentions_a_key(hunk.after) && !is_subsequence(hunk.after, hunk.before)) {
      wrong += "put in: " + hunk.after;
    }
  }
  return wrong;
}

}  // namespace jackin::test

// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/document.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "common/untrusted_text.hpp"
#include "daemon/config/toml_library.hpp"

namespace jackin::config {
namespace {

const toml::node& as_node(const void* node) {
  return *static_cast<const toml::node*>(node);
}

Place place_of(const toml::source_region& region) {
  return {region.begin.line, region.begin.column};
}

bool same_nodes(const toml::node& a, const toml::node& b);

bool same_tables(const toml::table& a, const toml::table& b) {
  if (a.size() != b.size()) return false;
  auto other = b.begin();
  for (auto one = a.begin(); one != a.end(); ++one, ++other) {
    if (one->first != other->first || !same_nodes(one->second, other->second)) return false;
  }
  return true;
}

bool same_arrays(const toml::array& a, const toml::array& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!same_nodes(a[i], b[i])) return false;
  }
  return true;
}

template <typename Value>
bool same_values(const toml::node& a, const toml::node& b) {
  return *a.as<Value>() == *b.as<Value>();
}

bool same_nodes(const toml::node& a, const toml::node& b) {
  if (a.type() != b.type()) return false;
  switch (a.type()) {
    case toml::node_type::none:
      return true;
    case toml::node_type::table:
      return same_tables(*a.as_table(), *b.as_table());
    case toml::node_type::array:
      return same_arrays(*a.as_array(), *b.as_array());
    case toml::node_type::string:
      return same_values<std::string>(a, b);
    case toml::node_type::integer:
      return same_values<std::int64_t>(a, b);
    case toml::node_type::floating_point: {
      const double one = a.as_floating_point()->get();
      const double other = b.as_floating_point()->get();
      return (std::isnan(one) && std::isnan(other)) || (one == other && std::signbit(one) == std::signbit(other));
    }
    case toml::node_type::boolean:
      return same_values<bool>(a, b);
    case toml::node_type::date:
      return same_values<toml::date>(a, b);
    case toml::node_type::time:
      return same_values<toml::time>(a, b);
    case toml::node_type::date_time:
      return same_values<toml::date_time>(a, b);
  }
  return false;
}

// Returns the position after a string or a comment that begins at `at`; `at` itself when none does. A string without an
// end extends to where the parser fails.
std::size_t behind_text(std::string_view text, std::size_t at) {
  const char quote = text[at];
  if (quote == '#') return std::min(text.find('\n', at), text.size());
  if (quote != '"' && quote != '\'') return at;
  const bool is_long = text.substr(at, 3) == std::string(3, quote);
  const std::size_t width = is_long ? 3 : 1;
  for (at += width; at < text.size(); ++at) {
    if (text[at] == '\n' && !is_long) return at;
    if (text[at] == '\\' && quote == '"') {
      ++at;
    } else if (text.substr(at, width) == std::string(width, quote)) {
      at += width;
      // Up to two more quotes may belong to the string.
      for (int more = 0; is_long && more < 2 && at < text.size() && text[at] == quote; ++more) ++at;
      return at;
    }
  }
  return text.size();
}

// Returns the first line that is nested too deep; nothing when there is none. toml++ builds a table for each part of a
// dotted key, and processes nested tables recursively. A line of only dots, or of inline tables with such keys, would
// crash the daemon. Its own limit counts values only.
std::uint32_t line_nested_beyond_sense(std::string_view text) {
  constexpr std::size_t deepest = 500;
  std::size_t depth = 0;
  std::vector<std::size_t> around;  // the depth of each open bracket
  for (std::size_t at = 0; at < text.size();) {
    if (const std::size_t behind = behind_text(text, at); behind != at) {
      at = behind;
      continue;
    }
    const char c = text[at++];
    if (c == '[' || c == '{') {
      around.push_back(depth++);
    } else if ((c == ']' || c == '}') && !around.empty()) {
      depth = around.back();
      around.pop_back();
    } else if (c == ',') {
      depth = around.empty() ? 0 : around.back() + 1;
    } else if (c == '\n' && around.empty()) {
      depth = 0;
    } else if (c == '.') {
      ++depth;
    }
    if (depth > deepest) {
      const auto before = text.substr(0, at);
      return 1 + static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n'));
    }
  }
  return 0;
}

// The element that the parser was reading, from "Error while parsing <scope>: …". The rest may quote the file.
std::string_view scope_of(std::string_view description) {
  constexpr std::array scopes{
      std::string_view("comment"),        std::string_view("string"),        std::string_view("literal string"),
      std::string_view("boolean"),        std::string_view("date"),          std::string_view("time"),
      std::string_view("date-time"),      std::string_view("value"),         std::string_view("key"),
      std::string_view("table header"),   std::string_view("array"),         std::string_view("inline table"),
      std::string_view("key-value pair"), std::string_view("floating-point")};
  constexpr std::string_view prefix = "Error while parsing ";
  if (!description.starts_with(prefix)) return {};
  description.remove_prefix(prefix.size());
  description = description.substr(0, description.find(':'));
  for (const auto scope : scopes) {
    if (scope == description) return scope;
  }
  return {};
}

// Whether a string can hold all characters of the line: then the string only lacks its closing quote.
bool is_plain_line(std::string_view text, std::uint32_t line) {
  for (; line > 1 && !text.empty(); --line) {
    const auto end = text.find('\n');
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  text = text.substr(0, text.find('\n'));
  if (text.ends_with('\r')) text.remove_suffix(1);
  return std::none_of(text.begin(), text.end(), [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == 0x7f; });
}

// Describes the syntax error without quoting the file.
std::string syntax_problem(std::string_view description, std::string_view text, Place place) {
  const auto says = [&](std::string_view part) { return description.find(part) != description.npos; };
  const std::string scope(scope_of(description));
  const bool is_string = scope == "string" || scope == "literal string";
  // A line end in a single-line string counts as a control character.
  if (is_string && says("control characters")) {
    return is_plain_line(text, place.line) ? "string is not closed" : "string has a control character";
  }
  const bool is_cut = says("encountered end-of-file");
  for (const std::string_view closed : {"string", "literal string", "array", "inline table", "table header"}) {
    if (is_cut && scope == closed) return (is_string ? "string" : scope) + " is not closed";
  }
  if (scope == "table header" && says("expected ']'")) return "table header is not closed";
  if (says("expected comma or closing")) return scope + " is not closed, or a comma is missing";
  if (says("unknown escape sequence")) return "string has an unknown escape sequence";
  if (says("cannot redefine existing")) return "key or table is defined twice";
  if (says("expected '='")) return "'=' is missing after the key";
  if (says("expected a comment or whitespace")) return "unexpected text after the value";
  if (says("could not determine value type") || says("could not be interpreted as a value")) {
    return "value is no string, number, boolean, array or table";
  }
  return scope.empty() ? "this is not TOML" : "invalid " + scope;
}

}  // namespace

struct Document::Parsed {
  toml::table root;
};

Node::Kind Node::kind() const {
  if (node_ == nullptr) return Kind::nothing;
  switch (as_node(node_).type()) {
    case toml::node_type::none:
      return Kind::nothing;
    case toml::node_type::table:
      return Kind::table;
    case toml::node_type::array:
      return Kind::array;
    case toml::node_type::string:
      return Kind::string;
    case toml::node_type::integer:
      return Kind::integer;
    case toml::node_type::floating_point:
      return Kind::floating;
    case toml::node_type::boolean:
      return Kind::boolean;
    case toml::node_type::date:
    case toml::node_type::time:
    case toml::node_type::date_time:
      return Kind::moment;
  }
  return Kind::nothing;
}

Node Node::operator[](std::string_view key) const {
  if (!is(Kind::table)) return {};
  return Node(as_node(node_).as_table()->get(key));
}

std::vector<Member> Node::members() const {
  std::vector<Member> all;
  if (!is(Kind::table)) return all;
  for (const auto& [key, value] : *as_node(node_).as_table()) {
    all.push_back({std::string(key.str()), place_of(key.source()), Node(&value)});
  }
  return all;
}

std::vector<Node> Node::elements() const {
  std::vector<Node> all;
  if (!is(Kind::array)) return all;
  for (const auto& element : *as_node(node_).as_array()) all.push_back(Node(&element));
  return all;
}

std::string_view Node::text() const {
  if (!is(Kind::string)) return {};
  return as_node(node_).as_string()->get();
}

bool Node::truth() const {
  return is(Kind::boolean) && as_node(node_).as_boolean()->get();
}

Place Node::place() const {
  return node_ == nullptr ? Place{} : place_of(as_node(node_).source());
}

bool Node::same(Node a, Node b) {
  if (!a || !b) return !a && !b;
  return same_nodes(as_node(a.node_), as_node(b.node_));
}

Document::Document(std::unique_ptr<Parsed> parsed) : parsed_(std::move(parsed)) {}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

Result<Document> Document::parse(std::string_view text, std::string_view name, std::string_view path) {
  const auto syntax_error = [&](Place place, const std::string& problem) {
    return failure(Reason::config_invalid,
                   "syntax error in " + printable(path.empty() ? name : path) + ", line " + std::to_string(place.line) +
                       ", column " + std::to_string(place.column) + ": " + problem,
                   open_at(name, place));
  };
  if (const auto line = line_nested_beyond_sense(text); line != 0) {
    return syntax_error({line, 1}, "a key has too many dots");
  }
  toml::parse_result result = toml::parse(text);
  if (!result) {
    const auto& error = result.error();
    const Place place = place_of(error.source());
    return syntax_error(place, syntax_problem(error.description(), text, place));
  }
  return Document(std::make_unique<Parsed>(Parsed{std::move(result).table()}));
}

Node Document::root() const {
  return Node(static_cast<const toml::node*>(&parsed_->root));
}

Remedy open_at(std::string_view name, Place place) {
  return Remedy::edit_file(std::string(name), static_cast<std::uint32_t>(place.line));
}

Error invalid_at(std::string_view name, Place place, std::string_view what) {
  const std::string file = printable(name);
  return {Reason::config_invalid,
          file + ":" + std::to_string(place.line) + ":" + std::to_string(place.column) + ": " + std::string(what),
          open_at(name, place)};
}

}  // namespace jackin::config

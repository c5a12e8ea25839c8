// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jackin::config {

/// Bytes [begin, end) of a text.
struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// One part of a dotted key: its name, unquoted, and where it is written, quotes included.
struct KeyPart {
  std::string name;
  Span span;
};
using Key = std::vector<KeyPart>;

struct InlineEntry;

/// `{ … }`, possibly over several lines.
struct InlineTable {
  std::size_t open = 0;   ///< Where the brace is.
  std::size_t close = 0;  ///< Where the closing brace is.
  std::vector<InlineEntry> entries;
};

struct InlineEntry {
  Key key;
  Span value;
  std::optional<std::size_t> comma;    ///< Where the comma after it is.
  std::unique_ptr<InlineTable> table;  ///< What the value holds, when it is an inline table.
};

/// A header or a key with its value. Everything else in a file is blank, comment or byte order mark.
struct Statement {
  enum class Kind { table, array_of_tables, pair };
  Kind kind = Kind::pair;
  Key key;
  Span value;                          ///< A pair's.
  std::unique_ptr<InlineTable> table;  ///< What a pair's value holds, when it is an inline table.
  Span lines;                          ///< From the begin of its first line to the end of its last, line end included.
};

/// Where everything in a TOML text stands, in bytes: what an edit in place needs and a parser does not tell. Never
/// holds a value.
struct Layout {
  std::vector<Statement> statements;
};

/// The layout of `text`, which a parser must have accepted before: this looks for where things are and not for what is
/// wrong. Nothing when it does not understand the text all the same.
std::optional<Layout> scan(std::string_view text);

/// The length of the byte order mark at the front of `text`: 3 or 0.
std::size_t byte_order_mark(std::string_view text);

/// Whether TOML takes it for white space within a line.
constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

}  // namespace jackin::config

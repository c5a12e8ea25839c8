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

/// One part of a dotted key: its unquoted name, and its position, quotes included.
struct KeyPart {
  std::string name;
  Span span;
};
using Key = std::vector<KeyPart>;

struct InlineEntry;

/// `{ … }`, possibly over several lines.
struct InlineTable {
  std::size_t open = 0;   ///< The position of the opening brace.
  std::size_t close = 0;  ///< The position of the closing brace.
  std::vector<InlineEntry> entries;
};

struct InlineEntry {
  Key key;
  Span value;
  std::optional<std::size_t> comma;    ///< The position of the comma after it.
  std::unique_ptr<InlineTable> table;  ///< The value's contents, when it is an inline table.
};

/// A header, or a key with its value. The rest of a file is blank, comment or byte order mark.
struct Statement {
  enum class Kind { table, array_of_tables, pair };
  Kind kind = Kind::pair;
  Key key;
  Span value;                          ///< Of a key with a value.
  std::unique_ptr<InlineTable> table;  ///< The contents of such a value, when it is an inline table.
  Span lines;                          ///< From the start of its first line to the end of its last, line end included.
};

/// The byte positions of all elements of a TOML text, which an edit in place needs and a parser does not report. Never
/// contains a value.
struct Layout {
  std::vector<Statement> statements;
};

/// The layout of `text`, which a parser must have accepted before: this function finds positions and does not validate.
/// Nothing when it cannot process the text nevertheless.
std::optional<Layout> scan(std::string_view text);

/// The length of the byte order mark at the start of `text`: 3 or 0.
std::size_t byte_order_mark(std::string_view text);

/// Whether TOML treats `c` as white space within a line.
constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

}  // namespace jackin::config

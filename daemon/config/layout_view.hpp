// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "daemon/config/layout.hpp"

namespace jackin::config {

/// The names from the top level of a file down to a table or key.
using Names = std::vector<std::string_view>;

/// The position of a key with a value: a pair, or an entry of an inline table.
struct Found {
  const Statement* statement = nullptr;
  const InlineTable* in = nullptr;  ///< Null when it is the statement's own key.
  std::size_t index = 0;            ///< The index in `in->entries`.

  const Key& key() const { return in == nullptr ? statement->key : in->entries[index].key; }
  Span value() const { return in == nullptr ? statement->value : in->entries[index].value; }
  const InlineTable* table() const { return in == nullptr ? statement->table.get() : in->entries[index].table.get(); }
};

/// A dotted key that leads through a table: the first `parts` parts of the key name the table.
struct Dotted {
  Found found;
  std::size_t parts = 0;
};

/// A TOML text with its layout: finds keys and lines. Refers to the text, which must outlive it.
class LayoutView {
 public:
  /// Nothing when `scan` cannot process the text.
  static std::optional<LayoutView> of(std::string_view text);

  /// The key with exactly `path`, in any spelling.
  std::optional<Found> find(const Names& path) const;
  /// The dotted keys that lead through `path`, in order.
  std::vector<Dotted> find_dotted(const Names& path) const;
  /// The index in the statements of the header with exactly `path`.
  std::optional<std::size_t> find_header(const Names& path) const;
  /// The header of the last section that is `path` or below it.
  std::optional<std::size_t> last_section_below(const Names& path) const;
  /// The last statement of the section that begins at `header`.
  std::size_t section_end(std::size_t header) const;

  const std::vector<Statement>& statements() const { return layout_.statements; }
  std::string_view text() const { return text_; }
  std::string_view text(std::size_t begin, std::size_t end) const { return text_.substr(begin, end - begin); }

  /// The start of the line that contains `at`; after the byte order mark in the first line.
  std::size_t line_begin(std::size_t at) const;
  /// The position after the line's end; the text's end when it has none.
  std::size_t line_end(std::size_t at) const;
  /// The start of the line's own line end.
  std::size_t line_content_end(std::size_t at) const;
  std::string_view indentation(std::size_t at) const;
  /// The line end to write near `at`: that of its line, else the last one in the text, else LF.
  std::string_view newline_near(std::size_t at) const;
  bool begins_its_line(std::size_t at) const;
  bool is_comment_line(std::size_t begin) const;
  bool is_blank_line(std::size_t begin) const;

 private:
  LayoutView(std::string_view text, Layout layout) : text_(text), layout_(std::move(layout)) {}

  template <typename Visit>
  void each_pair(const Names& path, Visit visit) const;

  std::string_view text_;
  Layout layout_;
};

/// Whether `text` contains only spaces and tabs.
bool only_blanks(std::string_view text);
/// `names` without the first `count`.
Names without_first(const Names& names, std::size_t count);

}  // namespace jackin::config

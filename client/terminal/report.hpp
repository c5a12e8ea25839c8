// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client/terminal/style.hpp"

namespace jackin::client {

/// Keys on the left, values in one column on the right:
///
///     workspace     my-app
///     fingerprint   a3f9c2b81e74
class Report {
 public:
  /// Adds a line; does nothing when `value` is empty.
  void add(std::string_view key, std::string_view value);

  std::string text() const;

 private:
  std::vector<std::pair<std::string, std::string>> lines_;
};

/// A table with headings; each column is as wide as its content. Empty columns are left out.
class Table {
 public:
  struct Cell {
    std::string text;
    TextStyle style = TextStyle::plain;
  };

  /// If the table is too wide, it shortens the `elastic` columns in this order. If that is not enough, it leaves out
  /// the `expendable` columns in their order.
  Table(std::vector<std::string> headings, std::vector<std::size_t> elastic, std::vector<std::size_t> expendable = {});

  /// Adds a row with as many cells as there are headings.
  void add(std::vector<Cell> cells);

  /// Returns the lines, at most `columns` wide if the columns can be shortened that far. 0 means any width.
  std::string text(const OutputStyle& output, int columns) const;

 private:
  std::vector<int> widths(int columns) const;

  std::vector<std::string> headings_;
  std::vector<std::size_t> elastic_;
  std::vector<std::size_t> expendable_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace jackin::client

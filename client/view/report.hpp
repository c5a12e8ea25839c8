#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client/view/look.hpp"

namespace jackin::client {

/// Keys on the left, values in one column on the right:
///
///     workspace     my-app
///     fingerprint   a3f9c2b81e74
class Report {
 public:
  /// Adds a line; none when `value` is empty.
  void add(std::string_view key, std::string_view value);

  std::string text() const;

 private:
  std::vector<std::pair<std::string, std::string>> lines_;
};

/// Columns under headings, as wide as what stands in them. A column in which nothing stands is left out.
class Table {
 public:
  struct Cell {
    std::string text;
    Tone tone = Tone::plain;
  };

  /// One of the columns may be `elastic`: it is shortened when the table is wider than its place.
  explicit Table(std::vector<std::string> headings, std::size_t elastic);

  /// Adds a row; as many cells as there are headings.
  void add(std::vector<Cell> cells);

  /// The lines; at most `columns` wide if the elastic column can give that much, 0 for any width.
  std::string text(const Look& look, int columns) const;

 private:
  std::vector<std::string> headings_;
  std::size_t elastic_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace jackin::client

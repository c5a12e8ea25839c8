// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <string_view>
#include <vector>

#include "common/secret.hpp"
#include "daemon/config/layout_view.hpp"

namespace jackin::config {

/// A piece of a text and its replacement, which may be a secret.
struct Change {
  Span where;
  Secret with;
};

/// Changes in the order of their positions, without overlap.
using Changes = std::vector<Change>;

Change insertion(std::size_t at, std::initializer_list<std::string_view> pieces);
Change replacement(Span where, std::string_view with);
/// Removes whole lines. When the last line of a text has no line end, the line end before it is removed instead.
Change removal_of_lines(const LayoutView& view, Span lines);
/// Inserts a new line after the line that contains `at`, with that line's kind of line end. A text without a last line
/// end stays so.
Change new_line_after(const LayoutView& view, std::size_t at, std::string_view indentation,
                      std::initializer_list<std::string_view> pieces);

/// Appends `key = value` to an inline table, in the table's own layout: on the same line, or on a new one.
Changes insertion_into(const LayoutView& view, const InlineTable& table, std::string_view key, std::string_view value);
/// Removes the entry from its inline table: its lines with their comment when they contain nothing else, else the entry
/// with one comma.
Changes removal_from(const LayoutView& view, const InlineTable& table, std::size_t index);

/// `text` with the changes applied.
Secret with_changes(std::string_view text, const Changes& changes);

}  // namespace jackin::config

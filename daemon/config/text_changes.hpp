// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <string_view>
#include <vector>

#include "common/secret.hpp"
#include "daemon/config/layout_view.hpp"

namespace jackin::config {

/// A piece of a text and what takes its place, which may be a secret.
struct Change {
  Span where;
  Secret with;
};

/// Changes in the order of their places, none touching another.
using Changes = std::vector<Change>;

Change insertion(std::size_t at, std::initializer_list<std::string_view> pieces);
Change replacement(Span where, std::string_view with);
/// Whole lines. The last line of a text without a last line end goes with the line end before it instead.
Change removal_of_lines(const LayoutView& view, Span lines);
/// A new line after the line that `at` is in, with that line's kind of line end. A text without a last line end stays
/// one.
Change new_line_after(const LayoutView& view, std::size_t at, std::string_view indentation,
                      std::initializer_list<std::string_view> pieces);

/// `key = value` as the last entry of an inline table, in the table's own way: on the line, or on one of its own.
Changes insertion_into(const LayoutView& view, const InlineTable& table, std::string_view key, std::string_view value);
/// The entry out of its inline table: its lines with the comment on them where nothing else stands there, else the
/// entry with one comma.
Changes removal_from(const LayoutView& view, const InlineTable& table, std::size_t index);

/// `text` with the changes made.
Secret with_changes(std::string_view text, const Changes& changes);

}  // namespace jackin::config

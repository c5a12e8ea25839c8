// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/layout_view.hpp"

#include <algorithm>
#include <utility>

namespace jackin::config {
namespace {

bool begins_with(const Names& names, const Key& key) {
  if (key.size() > names.size()) return false;
  return std::equal(key.begin(), key.end(), names.begin(),
                    [](const auto& part, auto name) { return part.name == name; });
}

bool passes_through(const Key& key, const Names& names) {
  if (key.size() <= names.size()) return false;
  return std::equal(names.begin(), names.end(), key.begin(),
                    [](auto name, const auto& part) { return part.name == name; });
}

std::optional<Found> find_in(const Statement& pair, Names rest) {
  if (rest.empty() || !begins_with(rest, pair.key)) return std::nullopt;
  Found found{&pair, nullptr, 0};
  rest = without_first(rest, pair.key.size());
  while (!rest.empty()) {
    const InlineTable* table = found.table();
    if (table == nullptr) return std::nullopt;
    const auto next = std::find_if(table->entries.begin(), table->entries.end(),
                                   [&](const InlineEntry& entry) { return begins_with(rest, entry.key); });
    if (next == table->entries.end()) return std::nullopt;
    rest = without_first(rest, next->key.size());
    found = {&pair, table, static_cast<std::size_t>(next - table->entries.begin())};
  }
  return found;
}

void find_dotted_in(const Statement& pair, const InlineTable* table, const Names& rest, std::vector<Dotted>& all) {
  if (table == nullptr || rest.empty()) return;
  for (std::size_t i = 0; i < table->entries.size(); ++i) {
    const InlineEntry& entry = table->entries[i];
    if (passes_through(entry.key, rest)) all.push_back({{&pair, table, i}, rest.size()});
    if (begins_with(rest, entry.key)) {
      find_dotted_in(pair, entry.table.get(), without_first(rest, entry.key.size()), all);
    }
  }
}

}  // namespace

std::optional<LayoutView> LayoutView::of(std::string_view text) {
  auto layout = scan(text);
  if (!layout) return std::nullopt;
  return LayoutView(text, std::move(*layout));
}

// Calls `visit` with each pair in a section whose path is a prefix of `path`, and with the rest of `path`.
template <typename Visit>
void LayoutView::each_pair(const Names& path, Visit visit) const {
  const Key none;
  const Key* section = &none;
  for (const Statement& statement : layout_.statements) {
    if (statement.kind != Statement::Kind::pair) {
      section = &statement.key;
    } else if (begins_with(path, *section)) {
      visit(statement, without_first(path, section->size()));
    }
  }
}

std::optional<Found> LayoutView::find(const Names& path) const {
  std::optional<Found> found;
  each_pair(path, [&](const Statement& pair, const Names& rest) {
    if (!found) found = find_in(pair, rest);
  });
  return found;
}

std::vector<Dotted> LayoutView::find_dotted(const Names& path) const {
  std::vector<Dotted> all;
  each_pair(path, [&](const Statement& pair, const Names& rest) {
    if (rest.empty()) return;
    if (passes_through(pair.key, rest)) all.push_back({{&pair, nullptr, 0}, rest.size()});
    if (begins_with(rest, pair.key)) {
      find_dotted_in(pair, pair.table.get(), without_first(rest, pair.key.size()), all);
    }
  });
  return all;
}

std::optional<std::size_t> LayoutView::find_header(const Names& path) const {
  for (std::size_t i = 0; i < layout_.statements.size(); ++i) {
    const Statement& statement = layout_.statements[i];
    if (statement.kind == Statement::Kind::table && statement.key.size() == path.size() &&
        begins_with(path, statement.key)) {
      return i;
    }
  }
  return std::nullopt;
}

std::size_t LayoutView::section_end(std::size_t header) const {
  std::size_t last = header;
  while (last + 1 < statements().size() && statements()[last + 1].kind == Statement::Kind::pair) ++last;
  return last;
}

std::optional<std::size_t> LayoutView::last_section_below(const Names& path) const {
  std::optional<std::size_t> last;
  for (std::size_t i = 0; i < statements().size(); ++i) {
    const Statement& statement = statements()[i];
    if (statement.kind == Statement::Kind::pair) continue;
    if (statement.key.size() == path.size() ? begins_with(path, statement.key) : passes_through(statement.key, path)) {
      last = i;
    }
  }
  return last;
}

std::size_t LayoutView::line_begin(std::size_t at) const {
  const auto newline = at == 0 ? std::string_view::npos : text_.rfind('\n', at - 1);
  return newline == std::string_view::npos ? byte_order_mark(text_) : newline + 1;
}

std::size_t LayoutView::line_end(std::size_t at) const {
  const auto newline = text_.find('\n', at);
  return newline == std::string_view::npos ? text_.size() : newline + 1;
}

std::size_t LayoutView::line_content_end(std::size_t at) const {
  std::size_t end = line_end(at);
  if (end > at && text_[end - 1] == '\n') --end;
  if (end > at && text_[end - 1] == '\r') --end;
  return end;
}

std::string_view LayoutView::indentation(std::size_t at) const {
  const std::size_t begin = line_begin(at);
  std::size_t end = begin;
  while (end < text_.size() && is_blank(text_[end])) ++end;
  return text(begin, end);
}

std::string_view LayoutView::newline_near(std::size_t at) const {
  auto newline = text_.find('\n', at);
  if (newline == std::string_view::npos) newline = text_.rfind('\n');
  return newline != std::string_view::npos && newline > 0 && text_[newline - 1] == '\r' ? "\r\n" : "\n";
}

bool LayoutView::is_comment_line(std::size_t begin) const {
  const std::size_t first = begin + indentation(begin).size();
  return first < text_.size() && text_[first] == '#';
}

bool LayoutView::is_blank_line(std::size_t begin) const {
  return only_blanks(text(begin, line_content_end(begin)));
}

bool LayoutView::begins_its_line(std::size_t at) const {
  return only_blanks(text(line_begin(at), at));
}

bool only_blanks(std::string_view text) {
  return std::all_of(text.begin(), text.end(), is_blank);
}

Names without_first(const Names& names, std::size_t count) {
  return {names.begin() + static_cast<std::ptrdiff_t>(count), names.end()};
}

}  // namespace jackin::config

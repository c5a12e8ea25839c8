#include "daemon/config/edit_text.hpp"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <utility>

#include "daemon/config/layout.hpp"
#include "daemon/config/toml_text.hpp"

namespace jackin::config {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

// Where a key's value is: a pair, or an entry of an inline table.
struct Found {
  const Statement* statement = nullptr;
  const InlineTable* in = nullptr;  // nothing when it is the statement's own value
  std::size_t index = 0;            // in `in->entries`

  const Key& key() const { return in == nullptr ? statement->key : in->entries[index].key; }
  Span value() const { return in == nullptr ? statement->value : in->entries[index].value; }
  const InlineTable* table() const { return in == nullptr ? statement->table.get() : in->entries[index].table.get(); }
};

// A key that passes through a table by its dots: the table ends with `parts` of the key's parts.
struct Dotted {
  Found found;
  std::size_t parts = 0;
};

using Names = std::vector<std::string_view>;

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

Names without_first(const Names& names, std::size_t count) {
  return {names.begin() + static_cast<std::ptrdiff_t>(count), names.end()};
}

// The text and where things are in it.
class View {
 public:
  View(std::string_view text, Layout layout) : text_(text), layout_(std::move(layout)) {}

  static std::optional<View> of(std::string_view text) {
    auto layout = scan(text);
    if (!layout) return std::nullopt;
    return View(text, std::move(*layout));
  }

  std::optional<Found> find(const Names& path) const {
    std::optional<Found> found;
    each_pair(path, [&](const Statement& pair, const Names& rest) {
      if (!found) found = find_in(pair, rest);
    });
    return found;
  }

  // The last key that passes through `path` by its dots.
  std::optional<Dotted> find_dotted(const Names& path) const {
    std::optional<Dotted> last;
    each_pair(path, [&](const Statement& pair, const Names& rest) {
      if (rest.empty()) return;
      if (passes_through(pair.key, rest)) last = Dotted{{&pair, nullptr, 0}, rest.size()};
      if (begins_with(rest, pair.key))
        find_dotted_in(pair, pair.table.get(), without_first(rest, pair.key.size()), last);
    });
    return last;
  }

  // The header of exactly `path`: its index in the statements.
  std::optional<std::size_t> find_header(const Names& path) const {
    for (std::size_t i = 0; i < layout_.statements.size(); ++i) {
      const Statement& statement = layout_.statements[i];
      if (statement.kind == Statement::Kind::table && statement.key.size() == path.size() &&
          begins_with(path, statement.key)) {
        return i;
      }
    }
    return std::nullopt;
  }

  // The last statement of the section that begins at `header`.
  std::size_t section_end(std::size_t header) const {
    std::size_t last = header;
    while (last + 1 < statements().size() && statements()[last + 1].kind == Statement::Kind::pair) ++last;
    return last;
  }

  // The header of the last section that is `path` or below it.
  std::optional<std::size_t> last_section_below(const Names& path) const {
    std::optional<std::size_t> last;
    for (std::size_t i = 0; i < statements().size(); ++i) {
      const Statement& statement = statements()[i];
      if (statement.kind == Statement::Kind::pair) continue;
      if (statement.key.size() == path.size() ? begins_with(path, statement.key)
                                              : passes_through(statement.key, path)) {
        last = i;
      }
    }
    return last;
  }

  const std::vector<Statement>& statements() const { return layout_.statements; }
  std::string_view text() const { return text_; }
  std::string_view text(std::size_t begin, std::size_t end) const { return text_.substr(begin, end - begin); }

  std::size_t line_begin(std::size_t at) const {
    const auto newline = at == 0 ? std::string_view::npos : text_.rfind('\n', at - 1);
    return newline == std::string_view::npos ? byte_order_mark(text_) : newline + 1;
  }
  // After the line's end; the text's end when it has none.
  std::size_t line_end(std::size_t at) const {
    const auto newline = text_.find('\n', at);
    return newline == std::string_view::npos ? text_.size() : newline + 1;
  }
  // Where the line's own end begins.
  std::size_t line_content_end(std::size_t at) const {
    std::size_t end = line_end(at);
    if (end > at && text_[end - 1] == '\n') --end;
    if (end > at && text_[end - 1] == '\r') --end;
    return end;
  }
  std::string_view indentation(std::size_t at) const {
    const std::size_t begin = line_begin(at);
    std::size_t end = begin;
    while (end < text_.size() && is_blank(text_[end])) ++end;
    return text(begin, end);
  }
  // The line end to write near `at`: the one of that line, else the last in the text.
  std::string_view newline_near(std::size_t at) const {
    auto newline = text_.find('\n', at);
    if (newline == std::string_view::npos) newline = text_.rfind('\n');
    return newline != std::string_view::npos && newline > 0 && text_[newline - 1] == '\r' ? "\r\n" : "\n";
  }
  bool is_comment_line(std::size_t begin) const {
    const std::size_t first = begin + indentation(begin).size();
    return first < text_.size() && text_[first] == '#';
  }
  bool is_blank_line(std::size_t begin) const {
    const std::string_view line = text(begin, line_content_end(begin));
    return std::all_of(line.begin(), line.end(), is_blank);
  }

 private:
  // Calls `visit` with each pair in a section that `path` leads through, and with what of `path` is left inside.
  template <typename Visit>
  void each_pair(const Names& path, Visit visit) const {
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

  static std::optional<Found> find_in(const Statement& pair, Names rest) {
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

  static void find_dotted_in(const Statement& pair, const InlineTable* table, const Names& rest,
                             std::optional<Dotted>& last) {
    if (table == nullptr || rest.empty()) return;
    for (std::size_t i = 0; i < table->entries.size(); ++i) {
      const InlineEntry& entry = table->entries[i];
      if (passes_through(entry.key, rest)) last = Dotted{{&pair, table, i}, rest.size()};
      if (begins_with(rest, entry.key)) {
        find_dotted_in(pair, entry.table.get(), without_first(rest, entry.key.size()), last);
      }
    }
  }

  std::string_view text_;
  Layout layout_;
};

// A piece of the text and what takes its place.
struct Change {
  Span where;
  Secret with;
};

Secret joined(std::initializer_list<std::string_view> pieces) {
  Secret text;
  std::size_t size = 0;
  for (const auto piece : pieces) size += piece.size();
  if (size != 0) text.prepare(size);
  for (const auto piece : pieces) text.append(piece);
  return text;
}

Change insertion(std::size_t at, std::initializer_list<std::string_view> pieces) {
  return {{at, at}, joined(pieces)};
}

Change removal(std::size_t begin, std::size_t end) {
  return {{begin, end}, {}};
}

// Changes in the order of their places, none touching another.
Secret with_changes(std::string_view text, const std::vector<Change>& changes) {
  Secret result;
  std::size_t size = text.size();
  for (const Change& change : changes) size += change.with.size();
  if (size != 0) result.prepare(size);
  std::size_t at = 0;
  for (const Change& change : changes) {
    result.append(text.substr(at, change.where.begin - at));
    result.append(change.with.view());
    at = change.where.end;
  }
  result.append(text.substr(at));
  return result;
}

std::string dotted_text(const Names& names) {
  std::string text;
  for (const auto name : names) {
    if (!text.empty()) text += '.';
    text += toml_key(name);
  }
  return text;
}

bool only_blanks(std::string_view text) {
  return std::all_of(text.begin(), text.end(), is_blank);
}

bool only_blanks_and_comment(std::string_view text) {
  const auto first = std::find_if_not(text.begin(), text.end(), is_blank);
  return first == text.end() || *first == '#';
}

bool begins_its_line(const View& view, std::size_t at) {
  return only_blanks(view.text(view.line_begin(at), at));
}

// A line after the line that `at` is in.
Change new_line_after(const View& view, std::size_t at, std::string_view indentation,
                      std::initializer_list<std::string_view> pieces) {
  const std::size_t end = view.line_end(at);
  const std::string_view newline = view.newline_near(at);
  const bool ended = end > 0 && end <= view.text().size() && view.text()[end - 1] == '\n';
  Secret line;
  // A text without a last line end stays one.
  if (!ended) line.append(newline);
  line.append(indentation);
  for (const auto piece : pieces) line.append(piece);
  if (ended) line.append(newline);
  return {{end, end}, std::move(line)};
}

std::vector<Change> insert_into_empty(const View& view, const InlineTable& table, std::string_view key,
                                      std::string_view value) {
  const std::string_view inside = view.text(table.open + 1, table.close);
  if (inside.find('\n') == std::string_view::npos) {
    // `{}`, `{ }`
    std::vector<Change> changes;
    changes.push_back({{table.open + 1, table.close}, joined({" ", key, " = ", value, " "})});
    return changes;
  }
  std::vector<Change> changes;
  const std::string indentation = std::string(view.indentation(table.open)) + "  ";
  if (begins_its_line(view, table.close)) {
    changes.push_back(
        insertion(view.line_begin(table.close), {indentation, key, " = ", value, view.newline_near(table.open)}));
  } else {
    changes.push_back(insertion(table.close, {key, " = ", value, " "}));
  }
  return changes;
}

std::vector<Change> insert_into(const View& view, const InlineTable& table, std::string_view key,
                                std::string_view value) {
  if (table.entries.empty()) return insert_into_empty(view, table, key, value);
  const InlineEntry& last = table.entries.back();
  const std::size_t last_begin = last.key.front().span.begin;
  const std::size_t last_end = last.comma ? *last.comma + 1 : last.value.end;
  std::vector<Change> changes;
  const bool over_lines = view.text(last_end, table.close).find('\n') != std::string_view::npos;
  if (!over_lines) {
    if (last.comma) {
      changes.push_back(insertion(last_end, {" ", key, " = ", value, ","}));
    } else {
      changes.push_back(insertion(last_end, {", ", key, " = ", value}));
    }
    return changes;
  }
  const std::string indentation = begins_its_line(view, last_begin) ? std::string(view.indentation(last_begin))
                                                                    : std::string(view.indentation(table.open)) + "  ";
  if (!last.comma) changes.push_back(insertion(last_end, {","}));
  changes.push_back(new_line_after(view, last_end, indentation, {key, " = ", value, last.comma ? "," : ""}));
  return changes;
}

std::vector<Change> remove_from(const View& view, const InlineTable& table, std::size_t index) {
  const InlineEntry& entry = table.entries[index];
  const std::size_t begin = entry.key.front().span.begin;
  std::size_t end = entry.value.end;
  // A comma on another line stays out of the piece that is cut in one go.
  const bool comma_is_near = entry.comma && only_blanks(view.text(end, *entry.comma));
  if (comma_is_near) end = *entry.comma + 1;
  const bool is_last_without_comma = !entry.comma && index > 0 && index + 1 == table.entries.size();

  std::vector<Change> changes;
  if (is_last_without_comma) {
    const InlineEntry& previous = table.entries[index - 1];
    const std::size_t comma = previous.comma.value_or(previous.value.end);
    if (previous.comma && only_blanks(view.text(comma + 1, begin))) {
      changes.push_back(removal(comma, end));
      return changes;
    }
    if (previous.comma) changes.push_back(removal(comma, comma + 1));
  }
  const bool has_lines_of_its_own = begins_its_line(view, begin) && (!entry.comma || comma_is_near) &&
                                    only_blanks_and_comment(view.text(end, view.line_content_end(end))) &&
                                    view.line_end(end) <= table.close;
  if (has_lines_of_its_own) {
    changes.push_back(removal(view.line_begin(begin), view.line_end(end)));
    return changes;
  }
  while (end < table.close && is_blank(view.text()[end])) ++end;
  changes.push_back(removal(begin, end));
  if (entry.comma && !comma_is_near) changes.push_back(removal(*entry.comma, *entry.comma + 1));
  return changes;
}

// A section of its own for `path` after the others of the same parent, else at the end.
std::vector<Change> new_section(const View& view, const Names& path, std::string_view key, std::string_view value) {
  const std::string_view text = view.text();
  const std::string header = "[" + dotted_text(path) + "]";
  std::vector<Change> changes;
  std::optional<std::size_t> sibling;
  for (std::size_t depth = path.size() - 1; depth > 0 && !sibling; --depth) {
    sibling = view.last_section_below({path.begin(), path.begin() + static_cast<std::ptrdiff_t>(depth)});
  }
  const std::size_t last = sibling ? view.section_end(*sibling) : view.statements().size();
  if (last + 1 >= view.statements().size()) {
    const std::size_t end = text.size();
    const std::string_view newline = view.newline_near(end);
    if (end == byte_order_mark(text)) {
      changes.push_back(insertion(end, {header, newline, key, " = ", value, newline}));
    } else if (text.back() == '\n') {
      const bool after_blank = view.is_blank_line(view.line_begin(end - 1));
      changes.push_back(insertion(end, {after_blank ? "" : newline, header, newline, key, " = ", value, newline}));
    } else {
      changes.push_back(insertion(end, {newline, newline, header, newline, key, " = ", value}));
    }
    return changes;
  }
  // Comments right below a section belong to it, those right above the next header to that one.
  std::size_t at = view.statements()[last].lines.end;
  std::size_t after = at;
  while (view.is_comment_line(after)) after = view.line_end(after);
  if (after >= text.size() || view.is_blank_line(after)) at = after;
  const std::string_view newline = view.newline_near(at - 1);
  const bool before_blank = view.is_blank_line(at);
  changes.push_back(insertion(at, {newline, header, newline, key, " = ", value, newline, before_blank ? "" : newline}));
  return changes;
}

std::vector<Change> add_to_section(const View& view, std::size_t header, std::string_view key, std::string_view value) {
  const Statement& last = view.statements()[view.section_end(header)];
  const std::size_t begin = last.lines.begin;
  // The last line of the statement, not the one after it.
  const std::size_t within = last.lines.end > begin ? last.lines.end - 1 : begin;
  std::vector<Change> changes;
  changes.push_back(new_line_after(view, within, view.indentation(begin), {key, " = ", value}));
  return changes;
}

std::vector<Change> add_beside(const View& view, const Dotted& dotted, const Names& rest, std::string_view value) {
  const Key& key = dotted.found.key();
  const std::string_view prefix = view.text(key.front().span.begin, key[dotted.parts - 1].span.end);
  const std::string name = std::string(prefix) + "." + dotted_text(rest);
  if (dotted.found.in != nullptr) return insert_into(view, *dotted.found.in, name, value);
  const Statement& beside = *dotted.found.statement;
  std::vector<Change> changes;
  changes.push_back(
      new_line_after(view, beside.lines.end - 1, view.indentation(beside.lines.begin), {name, " = ", value}));
  return changes;
}

std::vector<Change> addition(const View& view, const Names& key, std::string_view value) {
  for (std::size_t depth = key.size() - 1; depth > 0; --depth) {
    const Names path(key.begin(), key.begin() + static_cast<std::ptrdiff_t>(depth));
    const Names rest = without_first(key, depth);
    if (const auto found = view.find(path); found && found->table() != nullptr) {
      return insert_into(view, *found->table(), dotted_text(rest), value);
    }
    if (rest.size() == 1) {
      if (const auto header = view.find_header(path)) {
        return add_to_section(view, *header, toml_key(rest.front()), value);
      }
    }
    // A table that dotted keys have made must not get a header: it is added to in the same way.
    if (const auto dotted = view.find_dotted(path)) return add_beside(view, *dotted, rest, value);
  }
  return new_section(view, {key.begin(), key.end() - 1}, toml_key(key.back()), value);
}

Names names_of(const KeyNames& key) {
  return {key.begin(), key.end()};
}

}  // namespace

bool EditedText::has(const KeyNames& key) const {
  const auto view = View::of(text_.view());
  return view && view->find(names_of(key));
}

bool EditedText::replace_value(const KeyNames& key, std::string_view value) {
  const auto view = View::of(text_.view());
  const auto found = view ? view->find(names_of(key)) : std::nullopt;
  if (!found) return false;
  std::vector<Change> changes;
  changes.push_back({found->value(), joined({value})});
  text_ = with_changes(text_.view(), changes);
  return true;
}

bool EditedText::replace_entry(const KeyNames& key, std::string_view name, std::string_view value) {
  const auto view = View::of(text_.view());
  const auto found = view ? view->find(names_of(key)) : std::nullopt;
  if (!found) return false;
  std::vector<Change> changes;
  changes.push_back({found->key().back().span, joined({name})});
  changes.push_back({found->value(), joined({value})});
  text_ = with_changes(text_.view(), changes);
  return true;
}

bool EditedText::remove(const KeyNames& key) {
  const auto view = View::of(text_.view());
  const auto found = view ? view->find(names_of(key)) : std::nullopt;
  if (!found) return false;
  std::vector<Change> changes;
  if (found->in == nullptr) {
    changes.push_back(removal(found->statement->lines.begin, found->statement->lines.end));
  } else {
    changes = remove_from(*view, *found->in, found->index);
  }
  text_ = with_changes(text_.view(), changes);
  return true;
}

bool EditedText::add(const KeyNames& key, std::string_view value) {
  const auto view = View::of(text_.view());
  if (!view || key.size() < 2) return false;
  text_ = with_changes(text_.view(), addition(*view, names_of(key), value));
  return true;
}

}  // namespace jackin::config

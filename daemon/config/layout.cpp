// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/layout.hpp"

#include <cstdint>
#include <utility>

namespace jackin::config {
namespace {

bool is_line_end(char c) {
  return c == '\n' || c == '\r';
}

void append_utf8(std::string& text, std::uint32_t code) {
  const auto byte = [&](std::uint32_t value) { text += static_cast<char>(static_cast<unsigned char>(value)); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xc0 | (code >> 6));
    byte(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    byte(0xe0 | (code >> 12));
    byte(0x80 | ((code >> 6) & 0x3f));
    byte(0x80 | (code & 0x3f));
  } else {
    byte(0xf0 | (code >> 18));
    byte(0x80 | ((code >> 12) & 0x3f));
    byte(0x80 | ((code >> 6) & 0x3f));
    byte(0x80 | (code & 0x3f));
  }
}

// Scans the text once. A member function that fails sets `failed_`, and its result is not used.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text), at_(byte_order_mark(text)) {}

  std::optional<Layout> run() {
    Layout layout;
    while (!failed_ && !at_end()) {
      const std::size_t line = at_;
      skip_blanks();
      if (at_end()) break;
      if (is_line_end(peek()) || peek() == '#') {
        skip_rest_of_line();
        continue;
      }
      Statement statement;
      if (peek() == '[') {
        read_header(statement);
      } else {
        read_key(statement.key);
        read_equals();
        statement.value = read_value(statement.table);
      }
      skip_rest_of_line();
      statement.lines = {line, at_};
      layout.statements.push_back(std::move(statement));
    }
    if (failed_) return std::nullopt;
    return layout;
  }

 private:
  bool at_end() const { return at_ >= text_.size(); }
  char peek() const { return at_end() ? '\0' : text_[at_]; }
  bool starts(std::string_view what) const { return text_.substr(at_).starts_with(what); }
  void fail() {
    failed_ = true;
    at_ = text_.size();
  }
  void expect(char c) {
    if (peek() != c || at_end()) return fail();
    ++at_;
  }
  void skip_blanks() {
    while (!at_end() && is_blank(peek())) ++at_;
  }
  void skip_comment() {
    while (!at_end() && peek() != '\n') ++at_;
  }
  // Skips blanks, a comment and the line end: all that may follow a statement.
  void skip_rest_of_line() {
    skip_blanks();
    if (peek() == '#') skip_comment();
    if (peek() == '\r') ++at_;
    if (!at_end()) expect('\n');
  }
  // Skips what may separate the elements of an array or the entries of an inline table.
  void skip_filling() {
    while (!at_end() && (is_blank(peek()) || is_line_end(peek()) || peek() == '#')) {
      if (peek() == '#') {
        skip_comment();
      } else {
        ++at_;
      }
    }
  }

  void read_header(Statement& statement) {
    expect('[');
    const bool is_array = peek() == '[';
    if (is_array) ++at_;
    statement.kind = is_array ? Statement::Kind::array_of_tables : Statement::Kind::table;
    read_key(statement.key);
    expect(']');
    if (is_array) expect(']');
  }

  // Reads a dotted key and the blanks around it.
  void read_key(Key& key) {
    do {
      if (!key.empty()) ++at_;  // the dot
      skip_blanks();
      KeyPart part;
      part.span.begin = at_;
      if (peek() == '"') {
        read_basic_name(part.name);
      } else if (peek() == '\'') {
        const auto end = text_.find('\'', at_ + 1);
        if (end == std::string_view::npos) return fail();
        part.name = text_.substr(at_ + 1, end - at_ - 1);
        at_ = end + 1;
      } else {
        while (!at_end() && std::string_view(" \t\r\n.=]#,{}[\"'").find(peek()) == std::string_view::npos) ++at_;
        part.name = text_.substr(part.span.begin, at_ - part.span.begin);
        if (part.name.empty()) return fail();
      }
      part.span.end = at_;
      key.push_back(std::move(part));
      skip_blanks();
    } while (!failed_ && peek() == '.');
  }

  void read_basic_name(std::string& name) {
    expect('"');
    while (!at_end() && peek() != '"') {
      if (peek() != '\\') {
        name += text_[at_++];
        continue;
      }
      ++at_;
      read_escape(name);
    }
    expect('"');
  }

  void read_escape(std::string& name) {
    const char escape = peek();
    ++at_;
    switch (escape) {
      case 'b':
        name += '\b';
        return;
      case 't':
        name += '\t';
        return;
      case 'n':
        name += '\n';
        return;
      case 'f':
        name += '\f';
        return;
      case 'r':
        name += '\r';
        return;
      case 'e':
        name += '\x1b';
        return;
      case 'x':
        return read_code(name, 2);
      case 'u':
        return read_code(name, 4);
      case 'U':
        return read_code(name, 8);
      default:
        name += escape;
    }
  }

  void read_code(std::string& name, std::size_t digits) {
    std::uint32_t code = 0;
    for (; digits > 0; --digits, ++at_) {
      const char c = peek();
      std::uint32_t digit = 0;
      if (c >= '0' && c <= '9') {
        digit = static_cast<std::uint32_t>(c - '0');
      } else if (c >= 'a' && c <= 'f') {
        digit = static_cast<std::uint32_t>(c - 'a') + 10;
      } else if (c >= 'A' && c <= 'F') {
        digit = static_cast<std::uint32_t>(c - 'A') + 10;
      } else {
        return fail();
      }
      code = code * 16 + digit;
    }
    append_utf8(name, code);
  }

  void read_equals() {
    expect('=');
    skip_blanks();
  }

  Span read_value(std::unique_ptr<InlineTable>& table) {
    const std::size_t begin = at_;
    if (starts(R"(""")")) {
      skip_long_string('"', R"(""")");
    } else if (starts("'''")) {
      skip_long_string('\'', "'''");
    } else if (peek() == '"') {
      skip_string('"');
    } else if (peek() == '\'') {
      skip_string('\'');
    } else if (peek() == '[') {
      skip_array();
    } else if (peek() == '{') {
      table = read_inline_table();
    } else {
      return read_scalar();
    }
    return {begin, at_};
  }

  // Numbers, booleans, moments: a blank may separate a date from its time.
  Span read_scalar() {
    const std::size_t begin = at_;
    while (!at_end() && std::string_view(",]}#\r\n").find(peek()) == std::string_view::npos) ++at_;
    std::size_t end = at_;
    while (end > begin && is_blank(text_[end - 1])) --end;
    if (end == begin) fail();
    return {begin, end};
  }

  void skip_string(char quote) {
    ++at_;
    while (!at_end() && peek() != quote) {
      if (peek() == '\\' && quote == '"') ++at_;
      ++at_;
    }
    expect(quote);
  }

  void skip_long_string(char quote, std::string_view quotes) {
    at_ += quotes.size();
    while (!at_end() && !starts(quotes)) {
      if (peek() == '\\' && quote == '"') ++at_;
      ++at_;
    }
    if (at_end()) return fail();
    at_ += quotes.size();
    // One or two quotes directly before the closing three belong to the string.
    for (int extra = 0; extra < 2 && peek() == quote; ++extra) ++at_;
  }

  void skip_array() {
    expect('[');
    for (skip_filling(); !failed_ && peek() != ']'; skip_filling()) {
      if (peek() == ',') {
        ++at_;
        continue;
      }
      std::unique_ptr<InlineTable> ignored;
      read_value(ignored);
    }
    expect(']');
  }

  std::unique_ptr<InlineTable> read_inline_table() {
    auto table = std::make_unique<InlineTable>();
    table->open = at_;
    expect('{');
    for (skip_filling(); !failed_ && peek() != '}'; skip_filling()) {
      if (peek() == ',') {
        if (table->entries.empty()) fail();
        if (failed_) break;
        table->entries.back().comma = at_++;
        continue;
      }
      InlineEntry entry;
      read_key(entry.key);
      read_equals();
      entry.value = read_value(entry.table);
      table->entries.push_back(std::move(entry));
    }
    table->close = at_;
    expect('}');
    return table;
  }

  std::string_view text_;
  std::size_t at_;
  bool failed_ = false;
};

}  // namespace

std::optional<Layout> scan(std::string_view text) {
  return Scanner(text).run();
}

std::size_t byte_order_mark(std::string_view text) {
  return text.starts_with("\xef\xbb\xbf") ? 3 : 0;
}

}  // namespace jackin::config

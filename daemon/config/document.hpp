// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"

namespace jackin::config {

/// A position in a file: lines and characters (not bytes) from 1, a byte order mark not counted.
struct Place {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  friend bool operator==(const Place&, const Place&) = default;
};

struct Member;

/// A value in a Document: a small handle, valid as long as the Document. A Node can be empty; every call on it is safe.
class Node {
 public:
  enum class Kind { nothing, table, array, string, integer, floating, boolean, moment };

  Node() = default;

  Kind kind() const;
  explicit operator bool() const { return node_ != nullptr; }
  bool is(Kind wanted) const { return kind() == wanted; }

  /// The value at `key` of a table; empty when the key is missing, or when this is no table.
  Node operator[](std::string_view key) const;
  /// A table's members, in the order of their keys; empty for anything else.
  std::vector<Member> members() const;
  /// An array's elements; empty for anything else.
  std::vector<Node> elements() const;

  /// A string's characters; empty for anything else. May be a secret: copy it into a Secret only.
  std::string_view text() const;
  /// A boolean's value; false for anything else.
  bool truth() const;

  /// The position of the value; for a table with a header, of the header.
  Place place() const;

  /// Whether both represent the same data: tables without regard to order and spelling, NaN equal to NaN.
  static bool same(Node a, Node b);

 private:
  friend class Document;
  explicit Node(const void* node) : node_(node) {}

  const void* node_ = nullptr;  // toml::node; its large header is not included here
};

struct Member {
  std::string key;
  Place place;  ///< The position of the key.
  Node value;
};

/// A parsed TOML file (TOML 1.1 as jackin writes it: inline tables over several lines). It holds copies of the file's
/// strings, including tokens, in memory that only the daemon's allocator wipes: destroy it as early as possible.
/// Movable, not thread-safe.
class Document {
 public:
  /// Parses `text`. Errors: config_invalid with file, line and column when the text is not TOML, not UTF-8, or nested
  /// too deep. The errors name the file as `name`; syntax errors name it as `path` if that is given. No error contains
  /// any part of the text.
  static Result<Document> parse(std::string_view text, std::string_view name, std::string_view path = {});

  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;
  ~Document();

  /// The top-level table.
  Node root() const;

 private:
  struct Parsed;
  explicit Document(std::unique_ptr<Parsed> parsed);

  std::unique_ptr<Parsed> parsed_;
};

/// The remedy to edit a file by hand at that line. `name` is a path, or relative to the folder of the configuration.
Remedy open_at(std::string_view name, Place place);

/// config_invalid with "<name>:<line>:<column>: <what>".
Error invalid_at(std::string_view name, Place place, std::string_view what);

}  // namespace jackin::config

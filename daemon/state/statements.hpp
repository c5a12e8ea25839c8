// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/dates.hpp"
#include "common/scope.hpp"
#include "common/words.hpp"

// SQLite helpers for this folder's sources. All throw SQLite::Exception.

namespace jackin::state {

inline constexpr Date last_date{std::chrono::year(9999) / 12 / 31};

inline std::int64_t seconds(Moment moment) {
  return moment.time_since_epoch().count();
}
inline Moment moment(std::int64_t seconds) {
  return Moment(std::chrono::seconds(seconds));
}

template <typename... Values>
SQLite::Statement prepared(SQLite::Database& sqlite, const char* sql, const Values&... values) {
  SQLite::Statement statement(sqlite, sql);
  int index = 0;
  (statement.bind(++index, values), ...);
  return statement;
}

template <typename... Values>
void execute(SQLite::Database& sqlite, const char* sql, const Values&... values) {
  prepared(sqlite, sql, values...).exec();
}

inline void bind_or_null(SQLite::Statement& statement, int index, const std::optional<std::int64_t>& value) {
  if (value) {
    statement.bind(index, *value);
  } else {
    statement.bind(index);
  }
}

inline std::optional<std::int64_t> days(const std::optional<Date>& date) {
  return date ? std::optional<std::int64_t>(date->time_since_epoch().count()) : std::nullopt;
}

inline std::optional<Scope> scope_from(SQLite::Statement& row, int column) {
  const std::string workspace = row.getColumn(column).getString();
  const std::string role = row.getColumn(column + 1).getString();
  if (workspace.empty()) return Scope::global();
  auto scope = role.empty() ? Scope::workspace(workspace) : Scope::role(workspace, role);
  if (!scope) return std::nullopt;
  return *std::move(scope);
}

// The word of a value; empty for nothing. A word that this version does not know is read as nothing.
template <typename Enum>
std::string word_or_empty(const std::optional<Enum>& value) {
  return value ? std::string(word_of(*value)) : std::string();
}
template <typename Enum>
std::optional<Enum> value_in(SQLite::Statement& row, int column) {
  return from_word<Enum>(row.getColumn(column).getString());
}

// Whether these columns are null or moments or dates in the years 1970 to 9999; calculations with other values would
// fail.
inline bool are_moments(SQLite::Statement& row, std::initializer_list<int> columns) {
  return std::all_of(columns.begin(), columns.end(), [&](int column) {
    const auto value = row.getColumn(column).getInt64();
    return value >= 0 && value <= seconds(last_date + std::chrono::days(1)) - 1;
  });
}
inline bool is_date(SQLite::Statement& row, int column) {
  const auto value = row.getColumn(column).getInt64();
  return value >= 0 && value <= last_date.time_since_epoch().count();
}

// All rows that `from` can read. A row that it cannot read was not written by any jackind and is skipped, so that the
// daemon can do its other work.
template <typename Record>
std::vector<Record> all(SQLite::Statement statement, std::optional<Record> (*from)(SQLite::Statement&)) {
  std::vector<Record> records;
  while (statement.executeStep()) {
    if (auto record = from(statement)) records.push_back(*std::move(record));
  }
  return records;
}

}  // namespace jackin::state

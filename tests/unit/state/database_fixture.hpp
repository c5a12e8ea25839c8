// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/state/database.hpp"

#include <SQLiteCpp/Database.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>

#include "common/recorded_reference.hpp"
#include "daemon/state/journal_detail.hpp"
#include "daemon/state/move_database.hpp"
#include "daemon/state/schema.hpp"
#include "tests/support/temp_dir.hpp"

namespace jackin::state {

const Moment noon = *parse_moment("2026-11-23T12:00:00Z");

inline std::filesystem::path file_in(const test::TempDir& folder) {
  return folder / "state" / "jackind.db";
}

const std::filesystem::path configs = "/nowhere/configs";

inline std::unique_ptr<Database> opened(const std::filesystem::path& file,
                                        const std::filesystem::path& config_dir = configs) {
  auto database = Database::open(file, config_dir);
  if (!database) throw std::runtime_error(database.error().message);
  return *std::move(database);
}

inline Scope workspace(std::string_view name) {
  return Scope::workspace(name).value();
}

inline OperationRecord setup_of(const std::string& id, const Scope& scope) {
  OperationRecord record;
  record.id = id;
  record.kind = OperationKind::setup;
  record.scope = scope;
  record.step = Step::begun;
  record.detail = "{}";
  record.begun_at = record.changed_at = noon;
  return record;
}

inline mode_t mode_of(const std::filesystem::path& path) {
  struct stat status {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
  return status.st_mode & 07777;
}

}  // namespace jackin::state

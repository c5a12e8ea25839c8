// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/environment.hpp"
#include "tests/support/temp_dir.hpp"

namespace jackin::test {

/// The stand-in for the 1Password CLI in this folder, with a home folder and state of its own: one account, the vaults
/// Personal and Work, no items.
class FakeOp {
 public:
  static constexpr std::string_view account_id = "ACCOUNT2222222222222222224";
  static constexpr std::string_view personal_id = "personal222222222222222224";
  static constexpr std::string_view work_id = "work2222222222222222222224";

  FakeOp();

  /// HOME, and a PATH on which `op` is the stand-in.
  Environment environment() const;
  std::filesystem::path home() const { return folder_.path(); }

  /// Sets settings and knobs from now on, in the syntax of README.md: "KNOB read@1=offline".
  void settings(const std::vector<std::string>& lines);
  /// Sets the items: JSON objects, separated by commas, with "vault": "Work" and the like. Call before the first call
  /// of `op`.
  void items(std::string_view json);
  /// Replaces the complete state, in place of the default.
  void world(std::string_view json);

  struct Field {
    std::string value;
    std::string type;
    std::string section;
  };
  /// The current state of an item.
  struct Item {
    std::string id;
    std::string title;
    std::string vault;
    std::string category;
    std::vector<std::string> tags;
    std::vector<std::string> sections;    ///< Labels.
    std::map<std::string, Field> fields;  ///< By id.
  };
  std::vector<Item> items() const;
  std::size_t deleted() const;

  struct Call {
    std::string line;  ///< "item create - --vault …"
    std::map<std::string, std::string> environment;
    std::string stdin_kind;
    bool overlaps = false;
    std::optional<int> exit;  ///< Empty: the call was killed, or is still running.
  };
  std::vector<Call> calls() const;
  /// Only the lines of the calls.
  std::vector<std::string> lines() const;

 private:
  std::filesystem::path state() const { return folder_ / "state"; }

  TempDir folder_;
};

}  // namespace jackin::test

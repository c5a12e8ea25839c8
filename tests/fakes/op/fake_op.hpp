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

/// The stand-in for the 1Password CLI beside this file, with a home folder and a world of its own: one account, the
/// vaults Personal and Work, no items.
class FakeOp {
 public:
  static constexpr std::string_view account_id = "ACCOUNT2222222222222222224";
  static constexpr std::string_view personal_id = "personal222222222222222224";
  static constexpr std::string_view work_id = "work2222222222222222222224";

  FakeOp();

  /// HOME, and a PATH on which `op` is the stand-in.
  Environment environment() const;
  std::filesystem::path home() const { return folder_.path(); }

  /// Settings and knobs from now on, as README.md has them: "KNOB read@1=offline".
  void settings(const std::vector<std::string>& lines);
  /// Items in the world: JSON objects, comma between them, with "vault": "Work" and the like. Before the first call.
  void items(std::string_view json);
  /// Everything in the world, in place of the default.
  void world(std::string_view json);

  struct Field {
    std::string value;
    std::string type;
    std::string section;
  };
  /// An item as it stands in the world now.
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
    std::optional<int> exit;  ///< Nothing: it was killed, or runs still.
  };
  std::vector<Call> calls() const;
  /// Their lines alone.
  std::vector<std::string> lines() const;

 private:
  std::filesystem::path state() const { return folder_ / "state"; }

  TempDir folder_;
};

}  // namespace jackin::test

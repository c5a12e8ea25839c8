// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/integration/faults/fault_injector.hpp"
#include "tests/integration/faults/sagas.hpp"
#include "tests/integration/faults/store_fixture.hpp"

namespace jackin::faults {

/// The end of an operation, as reported to the user.
struct Outcome {
  bool killed = false;
  bool answered = false;  ///< There was an answer …
  bool success = false;   ///< … and it was a report.
  bool injected = false;  ///< The fault was injected; not known when the process was killed.
  std::string words;      ///< The answer and all other messages, for the test's output.
};

/// One run of an operation without a fault: the state before, the state after, and the points that it passed.
class Recording {
 public:
  Recording(std::unique_ptr<StoreFixture> fixture, std::unique_ptr<Saga> saga);

  StoreFixture& fixture() const { return *fixture_; }
  const Saga& saga() const { return *saga_; }
  const Sandbox& before() const { return before_; }
  const std::map<std::string, std::string>& configuration_before() const { return configuration_before_; }
  const std::map<std::string, std::string>& configuration_after() const { return configuration_after_; }
  /// After the other possible course (Saga::otherwise); without one, the same as after.
  const std::map<std::string, std::string>& configuration_otherwise() const { return configuration_otherwise_; }
  const std::vector<Point>& points() const { return points_; }
  /// The messages to the user of a run without a fault.
  const std::string& words() const { return words_; }

 private:
  std::unique_ptr<StoreFixture> fixture_;
  std::unique_ptr<Saga> saga_;
  Sandbox before_;
  std::map<std::string, std::string> configuration_before_;
  std::map<std::string, std::string> configuration_after_;
  std::map<std::string, std::string> configuration_otherwise_;
  std::vector<Point> points_;
  std::string words_;
};

/// Makes the records in the database of a copied sandbox those of its own configuration folder. To its daemon the
/// folder of the original would be another one.
void claim_records(const Sandbox& sandbox);

/// Every fault that is possible at the point of that number.
std::vector<Fault> faults_at(const Recording& recording, std::size_t at);

/// Runs the operation in a process of its own, with a fault at the point of that number. `sandbox` is a copy of the
/// state before.
Outcome run_with(const Recording& recording, Sandbox& sandbox, std::size_t at, const Fault& fault);

/// The mark of an edit of the configuration, for the check.
inline constexpr const char* edit_mark = "# edited elsewhere\n";
/// Below the home folder: the names of the files that were edited elsewhere; the content of the file whose keys were
/// edited.
inline constexpr const char* edited_list = "edited-elsewhere";
inline constexpr const char* own_edit = "edited-own-keys";
/// Below the home folder: the configuration before the half-typed edit.
inline constexpr const char* before_typing = "before-typing";

}  // namespace jackin::faults

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "daemon/process/program_runner.hpp"

namespace jackin::test {

/// Runs no program and gives the answers that the test sets. Looks for programs in the usual places.
class FakePrograms final : public ProgramRunner {
 public:
  using Answer = std::function<Result<ProgramResult>(const ProgramCall&)>;

  /// Every program is missing until the test adds it.
  FakePrograms();

  void answer_with(Answer answer) { answer_ = std::move(answer); }
  /// Every call's program and arguments, e.g. "/bin/claude --version".
  const std::vector<std::string>& calls() const { return calls_; }

  Task<FoundProgram> locate(std::string name, std::string search_path) override;
  Task<ProgramResult> run(ProgramCall call) override;

 private:
  Answer answer_;
  std::vector<std::string> calls_;
};

/// The result of a program that prints `output` and ends with `exit_code`.
ProgramResult printed(std::string_view output, int exit_code = 0);

}  // namespace jackin::test

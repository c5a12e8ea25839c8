// SPDX-License-Identifier: Apache-2.0
#include "tests/fakes/components/fake_programs.hpp"

namespace jackin::test {

FakePrograms::FakePrograms()
    : answer_([](const ProgramCall& call) -> Result<ProgramResult> {
        return failure(Reason::program_missing, "there is no " + call.program.string());
      }) {}

Task<FoundProgram> FakePrograms::locate(std::string name, std::string search_path) {
  co_return locate_program(name, search_path);
}

Task<ProgramResult> FakePrograms::run(ProgramCall call) {
  std::string line = call.program.string();
  for (const auto& argument : call.arguments) line += " " + argument;
  calls_.push_back(std::move(line));
  co_return answer_(call);
}

ProgramResult printed(std::string_view output, int exit_code) {
  ProgramResult result;
  result.exit_code = exit_code;
  result.output = Secret::copy_of(output);
  return result;
}

}  // namespace jackin::test

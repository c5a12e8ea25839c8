// SPDX-License-Identifier: Apache-2.0
#include "tests/fakes/components/daemon_context.hpp"

namespace jackin::test {

DaemonContext::DaemonContext() : database(state::Database::open(paths.database(), paths.config_dir).value()) {}

std::string DaemonContext::database_bytes() const {
  std::string all;
  for (const auto& entry : std::filesystem::directory_iterator(paths.state_dir)) all += read_file(entry.path());
  return all;
}

}  // namespace jackin::test

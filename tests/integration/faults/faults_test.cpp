// SPDX-License-Identifier: Apache-2.0
// Every operation, in every kind of store, with every fault at every point. Afterwards no workspace is broken, and no
// secret is lost. The program finds the points by running each operation once, so the table contains a new step
// automatically.
//
// One argument, "2/4", runs the second quarter of the operations. JACKIN_FAULTS=3/5 in the environment selects the
// third fifth of the faults of each operation: all of them take half an hour of a processor.

#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/secret.hpp"
#include "common/words.hpp"
#include "tests/integration/faults/fault_run.hpp"
#include "tests/integration/faults/moved_state.hpp"
#include "tests/integration/faults/outcome_check.hpp"

namespace jackin::faults {
namespace {

class FaultTest : public testing::Test {
 public:
  FaultTest(std::shared_ptr<Recording> recording, std::size_t at, Fault fault)
      : recording_(std::move(recording)), at_(at), fault_(std::move(fault)) {}

  void TestBody() override {
    Sandbox sandbox(recording_->before());
    claim_records(sandbox);
    const Outcome outcome = run_with(*recording_, sandbox, at_, fault_);
    for (const auto& sentence : check_outcome(*recording_, sandbox, fault_, outcome)) ADD_FAILURE() << sentence;
  }

 private:
  std::shared_ptr<Recording> recording_;
  std::size_t at_;
  Fault fault_;
};

void add(const std::shared_ptr<Recording>& recording, const std::string& name, std::size_t at, const Fault& fault) {
  const std::string suite = recording->saga().name() + "/" + std::string(word_of(recording->fixture().kind()));
  testing::RegisterTest(suite.c_str(), name.c_str(), nullptr, nullptr, __FILE__, __LINE__,
                        [=]() -> testing::Test* { return new FaultTest(recording, at, fault); });
}

// One of `of` equal shares, from 0.
struct Share {
  unsigned number = 0;
  unsigned of = 1;
};

// From "2/4"; nothing when it is not of that form.
std::optional<Share> share_of(const char* text) {
  unsigned number = 0;
  unsigned of = 0;
  char rest = 0;
  if (std::sscanf(text, "%u/%u%c", &number, &of, &rest) != 2 || number == 0 || number > of) return std::nullopt;
  return Share{number - 1, of};
}

void add_all(const std::shared_ptr<Recording>& recording, Share share) {
  add(recording, "NothingGoesWrong", nowhere, {});
  std::map<std::string, int> met;
  const auto& points = recording->points();
  std::size_t number = 0;
  for (std::size_t at = 0; at < points.size(); ++at) {
    std::string name = points[at].name();
    if (const int times = ++met[name]; times > 1) name += "_" + std::to_string(times);
    for (const auto& fault : faults_at(*recording, at)) {
      if (number++ % share.of == share.number) add(recording, fault.name() + "/" + name, at, fault);
    }
  }
}

void make_table(Share operations, Share faults) {
  if (operations.number == 0) add_moved_state();
  std::size_t number = 0;
  for (const auto& make_fixture : {file_fixture, op_fixture, keychain_fixture, secret_service_fixture}) {
    const std::size_t count = sagas(*make_fixture()).size();
    for (std::size_t i = 0; i < count; ++i) {
      if (number++ % operations.of != operations.number) continue;
      auto fixture = make_fixture();
      auto saga = std::move(sagas(*fixture)[i]);
      add_all(std::make_shared<Recording>(std::move(fixture), std::move(saga)), faults);
    }
  }
}

}  // namespace
}  // namespace jackin::faults

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  jackin::prepare_secrets();
  testing::InitGoogleTest(&argc, argv);
  const auto operations = jackin::faults::share_of(argc > 1 ? argv[1] : "1/1");
  const char* wanted = std::getenv("JACKIN_FAULTS");
  const auto faults = jackin::faults::share_of(wanted == nullptr || std::string_view(wanted) == "all" ? "1/1" : wanted);
  if (!operations || !faults) {
    std::fprintf(stderr, "usage: [JACKIN_FAULTS=SHARE/SHARES|all] faults_test [PART/PARTS]\n");
    return 2;
  }
  jackin::faults::make_table(*operations, *faults);
  return RUN_ALL_TESTS();
}

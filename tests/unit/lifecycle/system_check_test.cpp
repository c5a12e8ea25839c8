// SPDX-License-Identifier: Apache-2.0
#include "daemon/lifecycle/system_check.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <future>
#include <memory>

#include "common/remedy_command.hpp"
#include "common/words.hpp"
#include "daemon/state/journal_detail.hpp"
#include "tests/fakes/components/daemon_context.hpp"
#include "tests/fakes/components/fake_programs.hpp"
#include "tests/fakes/components/fake_store.hpp"
#include "tests/support/await.hpp"

namespace jackin::lifecycle {
namespace {

using health::Finding;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class SystemCheckTest : public testing::Test {
 protected:
  SystemCheckTest() {
    test::write_file(sandbox_.home / "bin/claude", "");
    EXPECT_EQ(::chmod((sandbox_.home / "bin").c_str(), 0700), 0);
    EXPECT_EQ(::chmod((sandbox_.home / "bin/claude").c_str(), 0700), 0);
    client_.set("PATH", (sandbox_.home / "bin").string());
    programs_.answer_with([](const ProgramCall& call) {
      const auto name = call.program.filename();
      return test::printed(name == "claude" ? "2.1.197 (Claude Code)\n" : name == "op" ? "2.39.0\n" : "jackin 0.6.1\n");
    });
  }

  SystemReport examine(std::optional<Error> problem = {}, std::set<std::string> running = {}) {
    SystemDependencies system{sandbox_.pool, named_files_, programs_,      *sandbox_.database,
                              stores_,       op_,          sandbox_.paths, base_url_};
    std::vector<Error> problems;
    if (problem) problems.push_back(*std::move(problem));
    return test::await(sandbox_.io, check_system(system, client_, std::move(problems), std::move(running))).value();
  }

  static std::vector<std::string> lines(const std::vector<Finding>& findings) {
    std::vector<std::string> lines;
    for (const auto& finding : findings) {
      lines.push_back(std::string(word_of(finding.severity)) + " " + finding.code + ": " + finding.message);
    }
    return lines;
  }

  void leave(const std::string& id, std::optional<Outcome> outcome, const state::JournalDetail& detail) {
    state::OperationRecord record;
    record.id = id;
    record.kind = OperationKind::setup;
    record.scope = Scope::workspace("my-app").value();
    record.step = Step::store;
    record.detail = state::to_json(detail);
    record.begun_at = sandbox_.clock.now();
    ASSERT_TRUE(sandbox_.database->begin_operation(record));
    if (outcome) {
      ASSERT_TRUE(sandbox_.database->end_operation(id, *outcome, sandbox_.clock.now()));
    }
  }

  test::DaemonContext sandbox_;
  test::FakePrograms programs_;
  test::FakeStore os_store_{SourceKind::secret_service};
  test::FakeStore files_{SourceKind::file};
  std::vector<secrets::Store*> stores_{&os_store_, &files_};
  secrets::OpCli op_{programs_, sandbox_.clock};
  async::TimedCalls named_files_{sandbox_.clock, 1};
  Environment client_;
  std::string base_url_{config::default_base_url};
};

TEST_F(SystemCheckTest, Programs_Claude) {
  EXPECT_THAT(lines(examine().programs), Contains(HasSubstr("info claude: claude 2.1.197 is ~/bin/claude")));
  std::filesystem::remove(sandbox_.home / "bin/claude");
  EXPECT_THAT(lines(examine().programs), Contains(HasSubstr("warning program_missing: ")));
}

TEST_F(SystemCheckTest, Programs_OpAndJackinVersions) {
  EXPECT_THAT(lines(examine().programs), ElementsAre(HasSubstr("claude"), HasSubstr("info program_missing: op, the "),
                                                     "info jackin: jackin is not on the PATH"));
  for (const auto* name : {"bin/op", "bin/jackin"}) {
    test::write_file(sandbox_.home / name, "");
    EXPECT_EQ(::chmod((sandbox_.home / name).c_str(), 0700), 0);
  }
  EXPECT_THAT(lines(examine().programs), ElementsAre(HasSubstr("claude"), "info op: op 2.39.0 is ~/bin/op",
                                                     "info jackin: jackin 0.6.1 is ~/bin/jackin"));
}

TEST_F(SystemCheckTest, Programs_OldOrWithoutVersion_Warns) {
  for (const auto* name : {"bin/op", "bin/jackin"}) {
    test::write_file(sandbox_.home / name, "");
    EXPECT_EQ(::chmod((sandbox_.home / name).c_str(), 0700), 0);
  }
  programs_.answer_with([](const ProgramCall& call) {
    const auto name = call.program.filename();
    return test::printed(name == "claude" ? "2.1.197\n" : name == "op" ? "2.0.1\n" : "what?\n");
  });
  const auto programs = examine().programs;
  EXPECT_THAT(lines(programs), ElementsAre(HasSubstr("claude"), HasSubstr("warning unsupported: "),
                                           HasSubstr("jackin does not report its version")));
  for (const auto& finding : programs) EXPECT_EQ(finding.remedy.empty(), finding.severity == Severity::info);
}

TEST_F(SystemCheckTest, Stores_Usable) {
  os_store_.available = {false, "there is no session bus", Remedy::of(RemedyAction::start_secret_service)};
  const auto report = examine();
  EXPECT_THAT(lines(report.stores),
              ElementsAre("info store_unavailable: Fake secret-service cannot be used: there is no session bus",
                          "info store_usable: Fake file can be used"));
  EXPECT_EQ(report.stores[0].remedy, Remedy::of(RemedyAction::start_secret_service));
}

TEST_F(SystemCheckTest, Leftovers_StuckOperation_WithRemedy) {
  state::JournalDetail detail;
  detail.place = "file  ~/x";
  detail.remedy = Remedy::of_path(RemedyAction::remove_file, "~/x");
  leave("one", Outcome::stuck, detail);
  leave("two", Outcome::done, detail);
  const auto leftovers = examine().leftovers;
  ASSERT_THAT(leftovers, SizeIs(1));
  EXPECT_THAT(leftovers[0].message, HasSubstr("setup of 'my-app', begun 2026-11-23T12:00:00Z"));
  EXPECT_THAT(leftovers[0].message, HasSubstr("file  ~/x"));
  EXPECT_EQ(command_line(leftovers[0].remedy), "rm ~/x");
}

TEST_F(SystemCheckTest, Leftovers_RunningOperation_NotListed) {
  leave("one", std::nullopt, {});
  EXPECT_THAT(examine({}, {"one"}).leftovers, IsEmpty());
  EXPECT_THAT(examine().leftovers, SizeIs(1));
}

TEST_F(SystemCheckTest, Daemon_OtherBaseUrl_Named) {
  EXPECT_THAT(lines(examine().daemon), Not(Contains(HasSubstr("base_url"))));
  base_url_ = "http://127.0.0.1:9";
  EXPECT_THAT(lines(examine().daemon), Contains(HasSubstr("info base_url: [upstream] base_url in jackind.toml sends "
                                                          "tokens for checking to http://127.0.0.1:9, not to ")));
}

TEST_F(SystemCheckTest, Daemon_SettingsUnreadable_Error) {
  const auto report = examine(Error{Reason::config_invalid, "jackind.toml:3:1: unknown key 'x'", {}});
  EXPECT_THAT(lines(report.daemon), Contains(HasSubstr("error config_invalid: jackind.toml:3:1: unknown key 'x'")));
}

TEST_F(SystemCheckTest, Leftovers_KeptToken_RemedyWritesSlot) {
  state::JournalDetail detail;
  detail.place = "file  ~/x";
  detail.remedy = Remedy::of(RemedyAction::reuse_token, *Scope::workspace("my-app"));
  detail.remedy.reference = "file:~/x";
  leave("one", Outcome::kept, detail);
  const auto leftovers = examine().leftovers;
  EXPECT_THAT(lines(leftovers),
              ElementsAre("warning token_kept: setup of 'my-app', begun 2026-11-23T12:00:00Z, stored a token in "
                          "file  ~/x but did not configure it"));
  EXPECT_EQ(command_line(leftovers.at(0).remedy), command_line(detail.remedy));
}

TEST_F(SystemCheckTest, Leftovers_OtherConfiguration_Named) {
  state::JournalDetail detail;
  detail.config_folder = "/another";
  leave("one", std::nullopt, detail);
  const auto leftovers = examine().leftovers;
  ASSERT_THAT(leftovers, SizeIs(1));
  EXPECT_THAT(leftovers[0].message, HasSubstr("it belongs to the configuration in /another"));
  EXPECT_EQ(command_line(leftovers[0].remedy), "jackinctl daemon stop && JACKIN_CONFIG_DIR=/another jackinctl doctor");
}

TEST_F(SystemCheckTest, Leftovers_FolderDoesNotAnswer_Unknown) {
  state::JournalDetail detail;
  detail.config_folder = "/another";
  leave("one", std::nullopt, detail);
  const auto answers = std::make_shared<std::promise<bool>>();
  auto hang = [answers]() -> Result<bool> { return answers->get_future().get(); };
  std::string key = "/another";
  test::Started<Result<bool>> hanging(sandbox_.io, named_files_.run(std::move(key), std::move(hang)));
  hanging.run_until([&] { return sandbox_.clock.waiting() == 1; });
  sandbox_.clock.advance(async::TimedCalls::limit);
  EXPECT_FALSE(hanging.result());
  const auto leftovers = examine().leftovers;
  ASSERT_THAT(leftovers, SizeIs(1));
  EXPECT_THAT(leftovers[0].message, HasSubstr("setup of 'my-app'"));
  EXPECT_THAT(leftovers[0].message,
              HasSubstr("cannot tell whether it belongs to this configuration, because /another does not answer"));
  EXPECT_EQ(command_line(leftovers[0].remedy), "jackinctl doctor  # when /another answers again");
  answers->set_value(true);
}

}  // namespace
}  // namespace jackin::lifecycle

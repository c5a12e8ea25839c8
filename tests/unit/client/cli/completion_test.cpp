// SPDX-License-Identifier: Apache-2.0
// The completions that jackinctl offers when the user presses the Tab key.

#include "client/cli/completion.hpp"

#include <gmock/gmock.h>

#include <sstream>

#include "tests/unit/client/cli/commands.hpp"

namespace jackin::client {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;
using testing::UnorderedElementsAre;

class CompletionTest : public Commands {
 protected:
  CompletionTest() {
    const auto folder = temp_ / ".config/jackin/workspaces";
    for (const char* name : {"my-app", "other", "two words"})
      test::write_file(folder / (std::string(name) + ".toml"), "");
    test::write_file(folder / "no-workspace.txt", "");
    std::filesystem::create_directory(folder / "folder.toml");
    runtime_ = "/no/such/folder";
  }

  // The candidates for the last word, without descriptions.
  std::vector<std::string> offered(const std::vector<std::string>& words) {
    std::vector<std::string> arguments{"__complete", "fish"};
    arguments.insert(arguments.end(), words.begin(), words.end());
    EXPECT_EQ(run(arguments), 0);
    EXPECT_EQ(err_, "");
    return first_column();
  }
  std::vector<std::string> offered_in_bash(const std::string& line, const std::string& name = "jackinctl") {
    EXPECT_EQ(run({"__complete", "bash", line, " \t\n\"'@><=;|&(:", name}), 0);
    EXPECT_EQ(err_, "");
    return first_column();
  }

 private:
  std::vector<std::string> first_column() const {
    std::vector<std::string> words;
    for (std::size_t at = 0; at < out_.size();) {
      const auto end = out_.find('\n', at);
      const auto line = out_.substr(at, end - at);
      words.push_back(line.substr(0, line.find('\t')));
      at = end + 1;
    }
    return words;
  }
};

TEST_F(CompletionTest, Exec_BehindDashes_Files) {
  EXPECT_THAT(offered({"exec", ""}), IsSupersetOf({"my-app", "other"}));
  EXPECT_THAT(offered({"exec", "my-app", "--via", ""}), ElementsAre("env", "fd"));
  offered({"exec", "--", "my"});
  EXPECT_EQ(out_, "\tfile\t\tmy\n");
  offered({"exec", "my-app", "--", "claude", "-"});
  EXPECT_EQ(out_, "\tfile\t\t-\n");
}

TEST_F(CompletionTest, Commands_Prefix_MatchesOffered) {
  EXPECT_THAT(offered({""}),
              AllOf(IsSupersetOf({"setup", "rotate", "probe", "daemon", "completion", "tui", "workspace"}),
                    Not(Contains("__complete"))));
  EXPECT_THAT(offered({"ro"}), ElementsAre("rotate"));
  EXPECT_THAT(offered({"daemon", "st"}), UnorderedElementsAre("start", "stop", "status"));
  EXPECT_THAT(offered({"workspace", ""}), ElementsAre("claude-token"));
  EXPECT_THAT(offered({"workspace", "claude-token", "re"}), ElementsAre("revoke"));
  EXPECT_NE(out_.find("revoke\t"), std::string::npos) << "a command says what it does";
}

TEST_F(CompletionTest, Options_UnusedOnes_Offered) {
  EXPECT_THAT(offered({"probe", "my-app", "--"}),
              UnorderedElementsAre("--help", "--role", "--global", "--max-age", "--format", "--json"));
  EXPECT_THAT(offered({"probe", "--format", "json", "--fo"}), IsEmpty()) << "given already";
  EXPECT_THAT(offered({"probe", "my-app", ""}), Contains("--role")) << "nothing else is left to say";
  EXPECT_THAT(offered({"probe", "--", "--"}), IsEmpty());
}

TEST_F(CompletionTest, FormatBeforeCommand_CommandFound) {
  EXPECT_THAT(offered({"--json", "ro"}), ElementsAre("rotate"));
  EXPECT_THAT(offered({"--format", "json", "daemon", "st"}), UnorderedElementsAre("start", "stop", "status"));
  EXPECT_THAT(offered({"-o", "json", "probe", "my"}), ElementsAre("my-app"));
}

TEST_F(CompletionTest, ScopeWithColon_RolesOfThatWorkspace) {
  test::write_file(temp_ / ".config/jackin/workspaces/my-app.toml", "[roles.dev.claude]\n[roles.\"ns/ops\".claude]\n");
  EXPECT_THAT(offered({"probe", "my-app:"}), UnorderedElementsAre("my-app:dev", "my-app:ns/ops"));
  EXPECT_THAT(offered({"probe", "my-app:d"}), ElementsAre("my-app:dev"));
  EXPECT_THAT(offered_in_bash("jackinctl probe my-app:d"), ElementsAre("dev ")) << "bash divides at the colon";
  EXPECT_THAT(offered({"status", "my-app:"}), IsEmpty()) << "takes a workspace only";
}

TEST_F(CompletionTest, CredentialAsWorkspace_NotSent) {
  runtime_.clear();
  EXPECT_THAT(offered({"probe", "sk-ant-oat01-abcdefgh", "--role", ""}), IsEmpty());
  EXPECT_EQ(daemon_.overview_request.workspace(), "");
}

TEST_F(CompletionTest, NameWithColon_OfferedAsItIsRead) {
  test::write_file(temp_ / ".config/jackin/workspaces/a:b.toml", "");
  EXPECT_THAT(offered({"probe", "a"}), ElementsAre("a:b:"));
  EXPECT_THAT(offered({"status", "a"}), ElementsAre("a:b"));
}

TEST_F(CompletionTest, OptionValue_KnownValues_Offered) {
  EXPECT_THAT(offered({"setup", "my-app", "--store", ""}), ElementsAre("op", "keychain", "secret-service", "file"));
  EXPECT_THAT(offered({"setup", "my-app", "--store=f"}), ElementsAre("--store=file"));
  EXPECT_THAT(offered({"probe", "--format", "j"}), ElementsAre("json"));
  EXPECT_THAT(offered({"completion", ""}), ElementsAre("bash", "zsh", "fish"));
  EXPECT_THAT(offered({"setup", "--vault", ""}), IsEmpty()) << "only 1Password knows";
  EXPECT_THAT(offered({"setup", "--reuse", "o"}), ElementsAre("op://", "os-store:"));
}

TEST_F(CompletionTest, PathOption_LeftToShell) {
  offered({"setup", "--workdir", ""});
  EXPECT_EQ(out_, "\tfolder\t\t\n");
  offered({"setup", "--workdir=some fo"});
  EXPECT_EQ(out_, "\tfolder\t--workdir=\tsome fo\n");
  offered({"setup", "--reuse", "file:~/to"});
  EXPECT_EQ(out_, "\tfile\tfile:\t~/to\n");
  offered_in_bash("jackinctl setup --workdir=some\\ fo");
  EXPECT_EQ(out_, "\tfolder\t\tsome fo\n") << "bash leaves what is before the = alone";
  offered_in_bash("jackinctl probe my-app 2>er");
  EXPECT_EQ(out_, "\tfile\t\ter\n");
}

TEST_F(CompletionTest, Workspace_NamedLikeKeyword_Offered) {
  std::filesystem::remove(temp_ / ".config/jackin/workspaces/folder.toml");
  for (const char* name : {"folder", "file", "probe"}) {
    test::write_file(temp_ / ".config/jackin/workspaces" / (std::string(name) + ".toml"), "");
  }
  EXPECT_THAT(offered({"probe", "fo"}), ElementsAre("folder"));
  EXPECT_THAT(offered({"probe", "fi"}), ElementsAre("file"));
  EXPECT_THAT(offered({"probe", "pro"}), ElementsAre("probe"));
  EXPECT_THAT(offered_in_bash("jackinctl probe 'fo"), ElementsAre("folder"));
}

TEST_F(CompletionTest, Workspace_LeadingDash_OfferedAfterDoubleDashOnly) {
  test::write_file(temp_ / ".config/jackin/workspaces/-dash.toml", "");
  EXPECT_THAT(offered({"probe", ""}), Not(Contains("-dash"))) << "it would be taken for an option";
  EXPECT_THAT(offered({"probe", "-d"}), IsEmpty());
  EXPECT_THAT(offered({"probe", "--", "-d"}), ElementsAre("-dash"));
}

TEST_F(CompletionTest, Workspace_ControlCharactersInName_NotOffered) {
  for (const char* name : {"zz\x1b[31m",
                           "zz\xc2\x9b"
                           "31m",
                           "zz\xe2\x80\xae"
                           "gnp",
                           "zz\nzz", "zz\xff"}) {
    test::write_file(temp_ / ".config/jackin/workspaces" / (std::string(name) + ".toml"), "");
  }
  EXPECT_THAT(offered({"probe", "zz"}), IsEmpty());
}

// The commands below `words`, as their help names them.
std::vector<std::string> named_in(const std::string& help) {
  std::vector<std::string> names;
  const std::string_view heading = "\nSubcommands:\n";
  const auto begin = help.find(heading);
  if (begin == std::string::npos) return names;
  std::istringstream lines(help.substr(begin + heading.size()));
  // An empty line ends the list; the footer follows.
  for (std::string line; std::getline(lines, line) && !line.empty();) {
    if (line[2] != ' ') names.push_back(line.substr(2, line.find(' ', 2) - 2));
  }
  return names;
}

TEST_F(CompletionTest, Commands_InHelp_AllOffered) {
  std::size_t seen = 0;
  for (std::vector<std::vector<std::string>> below{{}}; !below.empty(); ++seen) {
    auto words = below.back();
    below.pop_back();
    auto help = words;
    help.emplace_back("--help");
    ASSERT_EQ(run(help), 0);
    const auto names = named_in(out_);
    words.emplace_back("");
    if (!names.empty()) {
      EXPECT_THAT(offered(words), testing::ElementsAreArray(names));
    }
    for (const auto& name : names) {
      words.back() = name;
      below.push_back(words);
    }
  }
  EXPECT_GE(seen, 20U);
}

TEST_F(CompletionTest, Workspace_EachCommandWithScope_Offered) {
  for (const auto& command : std::vector<std::vector<std::string>>{
           {"setup"}, {"rotate", "--yes"}, {"revoke"}, {"doctor", "--offline"}, {"probe"}, {"status"}, {"watch"}}) {
    auto words = command;
    words.emplace_back("");
    EXPECT_THAT(offered(words), ElementsAre("folder", "my-app", "other", "two words")) << command.front();
  }
  EXPECT_THAT(offered({"workspace", "claude-token", "setup", "m"}), ElementsAre("my-app"));
  EXPECT_THAT(offered({"probe", "my-app", "o"}), IsEmpty()) << "there is one already";
}

TEST_F(CompletionTest, Workspace_NamedLikeCommand_TakenAsWorkspace) {
  test::write_file(temp_ / ".config/jackin/workspaces/status.toml", "");
  EXPECT_THAT(offered({"probe", "status", "--ro"}), ElementsAre("--role"));
}

TEST_F(CompletionTest, Roles_InWorkspaceFile_Offered) {
  test::write_file(temp_ / ".config/jackin/workspaces/my-app.toml",
                   "[roles.plain]\r\n[roles.\"team/writer\".claude]\n  [ roles . 'quoted' . claude ] # why\n"
                   "[[roles.listed]]\n[roles.\"Not A Role\"]\n[rolesx.no]\n#[roles.no]\n");
  EXPECT_THAT(offered({"probe", "my-app", "--role", ""}), ElementsAre("plain", "quoted", "team/writer"));
  EXPECT_THAT(offered({"probe", "../my-app", "--role", ""}), IsEmpty());
}

TEST_F(CompletionTest, Roles_KnownToRunningDaemon_Offered) {
  EXPECT_THAT(offered({"probe", "my-app", "--role", ""}), IsEmpty()) << "and none is started for it";
  runtime_.clear();
  for (const char* role : {"reviewer", "team/writer"}) {
    auto* scope = daemon_.overview.add_scopes()->mutable_scope();
    scope->set_workspace("my-app");
    scope->set_role(role);
  }
  daemon_.overview.add_scopes()->mutable_scope()->set_workspace("my-app");
  EXPECT_THAT(offered({"probe", "my-app", "--role", ""}), ElementsAre("reviewer", "team/writer"));
  EXPECT_THAT(offered({"probe", "other", "--role", ""}), IsEmpty());
  EXPECT_THAT(offered({"probe", "--role", ""}), IsEmpty()) << "a role of which workspace?";
}

TEST_F(CompletionTest, Bash_Candidates_EscapedForBash) {
  EXPECT_THAT(offered_in_bash("jackinctl pro"), ElementsAre("probe "));
  EXPECT_THAT(offered_in_bash("X=1 /usr/bin/jackinctl probe tw", "/usr/bin/jackinctl"), ElementsAre("two\\ words "));
  EXPECT_THAT(offered_in_bash("jackinctl probe 'tw"), ElementsAre("two words"));
  EXPECT_THAT(offered_in_bash("jackinctl setup --store=k"), ElementsAre("keychain "));
  EXPECT_THAT(offered_in_bash("jc setup --store k", "jc"), ElementsAre("keychain "));
  EXPECT_THAT(offered_in_bash("jc probe jackinctl --ro", "jc"), ElementsAre("--role "));
  EXPECT_THAT(offered_in_bash("~/my\\ bin/jackinctl pro", "~/my\\ bin/jackinctl"), ElementsAre("probe "));
  EXPECT_THAT(offered_in_bash("jackinctl 2>/dev/null pro"), ElementsAre("probe "));
  EXPECT_THAT(offered_in_bash(""), IsEmpty());
  EXPECT_THAT(offered_in_bash("jackinctl"), IsEmpty());
}

TEST_F(CompletionTest, UnknownInput_NoError) {
  EXPECT_THAT(offered({"frobnicate", "--x", ""}), Not(Contains("error:")));
  EXPECT_EQ(run({"__complete"}), 0);
  EXPECT_EQ(run({"__complete", "bash"}), 0);
  EXPECT_EQ(run({"__complete", "bash", "jackinctl pro"}), 0);
  EXPECT_EQ(run({"__complete", "tcsh", ""}), 0);
  EXPECT_EQ(err_, "");
}

TEST_F(CompletionTest, Script_KnownShell_Printed) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    EXPECT_EQ(run({"completion", shell}), 0);
    EXPECT_NE(out_.find(std::string("__complete ") + shell), std::string::npos) << shell;
  }
  EXPECT_EQ(run({"completion", "tcsh"}), 2);
  EXPECT_EQ(run({"completion"}), 2);
}

TEST_F(CompletionTest, Workspace_DanglingLink_Offered) {
  std::filesystem::create_symlink("/mnt/away/b.toml", temp_ / ".config/jackin/workspaces/away.toml");
  EXPECT_THAT(offered({"doctor", "aw"}), ElementsAre("away"));
}

}  // namespace
}  // namespace jackin::client

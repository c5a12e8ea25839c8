// SPDX-License-Identifier: Apache-2.0
// Remedies as commands for a shell.

#include "common/remedy_command.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "common/scope.hpp"
#include "tests/unit/common/remedy_examples.hpp"

namespace jackin {
namespace {

const Scope app = *Scope::workspace("my-app");
const TypedCommand typed{"jackinctl", "setup", "my app", "--vault", "Nope"};

Remedy with(RemedyAction action, void (*change)(Remedy&)) {
  Remedy remedy;
  remedy.action = action;
  change(remedy);
  return remedy;
}

// Whether a POSIX shell can parse the script. `-n` runs nothing (sh(1)).
bool parses(const std::string& script) {
  FILE* const shell = popen("sh -n", "w");
  if (shell == nullptr) return false;
  fwrite(script.data(), 1, script.size(), shell);
  const int status = pclose(shell);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(RemedyCommand, EveryAction_ShellParsesIt) {
  std::string script;
  for (const Remedy& remedy : test::all_remedies()) {
    for (const TypedCommand& command : {TypedCommand(), typed}) {
      const std::string line = command_line(remedy, command);
      EXPECT_EQ(line.find('\n'), line.npos) << line;
      script += line + "\n";
    }
  }
  EXPECT_TRUE(parses(script)) << script;
  EXPECT_FALSE(parses("echo 'open\n")) << "the check itself";
}

TEST(RemedyCommand, EveryAction_CommandOfItsOwn) {
  for (const RemedyAction action : all_remedy_actions) {
    const std::string line = command_line(test::with_few_fields(action), typed);
    EXPECT_EQ(line.empty(), action == RemedyAction::none) << to_code(action);
    EXPECT_FALSE(line.starts_with('#')) << line;
  }
}

TEST(RemedyCommand, ActionOnScope_ScopeInCommand) {
  EXPECT_EQ(command_line(Remedy::rotate(app)), "jackinctl rotate my-app");
  EXPECT_EQ(command_line(Remedy::rotate(Scope::global())), "jackinctl rotate --global");
  EXPECT_EQ(
      command_line(Remedy::rotate_into(*Scope::role("my app", "dev"), SourceKind::file).noting("or another store")),
      "jackinctl rotate 'my app' --role dev --store file  # or another store");
  EXPECT_EQ(command_line(Remedy::of(RemedyAction::delete_token, *Scope::workspace("-x"))),
            "jackinctl revoke --delete-item -- -x");
  EXPECT_EQ(command_line(Remedy::check(app)), "jackinctl doctor my-app");
  EXPECT_EQ(command_line(Remedy::check()), "jackinctl doctor");
  EXPECT_EQ(command_line(Remedy::of(RemedyAction::create_workspace, app)), "jackinctl setup my-app --create");
}

TEST(RemedyCommand, LaunchOfJackin_HookWithRoleFirst) {
  EXPECT_EQ(command_line(Remedy::of(RemedyAction::launch_jackin, app)), "jackin-hook exec my-app -- jackin load");
  EXPECT_EQ(command_line(Remedy::of(RemedyAction::launch_jackin, *Scope::role("my app", "dev"))),
            "jackin-hook exec 'my app' --role dev -- jackin load dev 'my app'");
}

TEST(RemedyCommand, StoredToken_ReferenceInCommand) {
  Remedy reuse = Remedy::of(RemedyAction::reuse_token, app);
  reuse.workdir = "/src";
  reuse.reference = "op://v/i/f";
  reuse.account = "work";
  EXPECT_EQ(command_line(reuse), "jackinctl setup my-app --create --workdir /src --reuse op://v/i/f --op-account work");
  EXPECT_EQ(command_line(for_scope(Remedy::replace_token("env:NAME"), app)),
            "jackinctl revoke my-app && jackinctl setup my-app --reuse env:NAME");
}

TEST(RemedyCommand, OtherConfiguration_FolderInCommand) {
  Remedy check = Remedy::check(app);
  check.config_folder = "/an other";
  EXPECT_EQ(command_line(check), "jackinctl daemon stop && JACKIN_CONFIG_DIR='/an other' jackinctl doctor my-app");
}

TEST(RemedyCommand, TryAgain_CommandAsTyped) {
  EXPECT_EQ(command_line(Remedy::try_again(), typed), "jackinctl setup 'my app' --vault Nope");
  EXPECT_EQ(command_line(Remedy::try_again("in a terminal"), typed),
            "jackinctl setup 'my app' --vault Nope  # in a terminal");
  EXPECT_EQ(command_line(Remedy::try_again("in a terminal")), "# in a terminal");
  EXPECT_EQ(command_line(Remedy::try_again()), "");
}

TEST(RemedyCommand, ChangeOption_OneValue_Replaced) {
  const Remedy change = Remedy::change_option(RequestOption::vault, {"Personal"});
  EXPECT_EQ(command_line(change, typed), "jackinctl setup 'my app' --vault Personal");
  EXPECT_EQ(command_line(change, {"jackinctl", "rotate", "--vault=Nope", "--", "-x"}),
            "jackinctl rotate --vault Personal -- -x");
  EXPECT_EQ(command_line(change, {"jackinctl", "setup", "a", "--reuse", "op://v/i/f"}),
            "jackinctl setup a --reuse op://v/i/f  # with --vault Personal")
      << "the two exclude each other";
  EXPECT_EQ(command_line(change, {"jackinctl", "doctor"}), "jackinctl doctor  # with --vault Personal");
  EXPECT_EQ(command_line(change), "# with --vault Personal");
}

TEST(RemedyCommand, ChangeOption_OtherwiseInWords) {
  EXPECT_EQ(command_line(Remedy::change_option(RequestOption::vault, {"A (1)", "B (2)"}), typed),
            "jackinctl setup 'my app' --vault Nope  # with --vault, one of: A (1), B (2)");
  EXPECT_EQ(command_line(Remedy::change_option(RequestOption::field).noting("or a new one"), typed),
            "jackinctl setup 'my app' --vault Nope  # with another --field, or a new one");
  EXPECT_EQ(command_line(Remedy::change_option(RequestOption::workdir, {"/ITS/FOLDER"}), {"jackinctl", "setup", "a"}),
            "jackinctl setup a  # with --create --workdir /ITS/FOLDER");
  EXPECT_EQ(command_line(Remedy::change_option(RequestOption::reuse, {"command:sh -c '…'"}), {"jackinctl", "setup"}),
            "jackinctl setup  # with --reuse \"command:sh -c '…'\"");
  EXPECT_EQ(command_line(Remedy::drop_option(RequestOption::no_verify), typed),
            "jackinctl setup 'my app' --vault Nope  # without --no-verify");
  EXPECT_EQ(command_line(Remedy::change_option(RequestOption::yes), {"jackinctl", "revoke", "--all"}),
            "jackinctl revoke --all --yes");
}

TEST(RemedyCommand, ChangeOption_DefaultScope_Named) {
  Remedy remedy = Remedy::change_option(RequestOption::yes);
  remedy.scope = RemedyScope{"my app", "dev"};
  EXPECT_EQ(command_line(remedy, {"jackinctl", "revoke", "--role", "dev", "--force"}),
            "jackinctl revoke --force --yes 'my app' --role dev");
  remedy.scope = RemedyScope{"-x", ""};
  EXPECT_EQ(command_line(remedy, {"jackinctl", "revoke", "--role=dev", "--"}), "jackinctl revoke --yes -- -x");
}

TEST(RemedyCommand, ActionOnFiles_PathsQuoted) {
  EXPECT_EQ(command_line(Remedy::edit_file("workspaces/a b.toml", 2)),
            "${EDITOR:-vi} +2 \"${JACKIN_CONFIG_DIR:-$HOME/.config/jackin}\"/'workspaces/a b.toml'");
  EXPECT_EQ(command_line(Remedy::edit_file("~/a b").noting("the token alone")),
            "${EDITOR:-vi} ~/'a b'  # the token alone");
  EXPECT_EQ(command_line(Remedy::edit_file("/x", 3).and_restart()), "${EDITOR:-vi} +3 /x && jackinctl daemon restart");
  EXPECT_EQ(command_line(Remedy::set_access("/x y", PathAccess::not_writable_by_others)), "chmod go-w '/x y'");
  EXPECT_EQ(command_line(Remedy::inspect({"/a", "/a/b c"})), "ls -ld /a '/a/b c'");
  EXPECT_EQ(command_line(Remedy::of_path(RemedyAction::replace_database, "/d")),
            "jackinctl daemon stop; mv /d /d.damaged; jackinctl daemon start");
  EXPECT_EQ(command_line(Remedy::of_path(RemedyAction::move_aside, "/u")), "mv /u /u.old");
}

TEST(RemedyCommand, ActionOnStoredItem_CommandOfTheStore) {
  EXPECT_EQ(command_line(Remedy::delete_op_item("i", "v", "me")), "op item delete i --vault v --account me");
  EXPECT_EQ(command_line(Remedy::list_op_items("v", "operation=x")), "op item list --vault v --tags operation=x");
  EXPECT_EQ(command_line(Remedy::of_op_account(RemedyAction::sign_in_to_op, "a b")), "op signin --account 'a b'");
  EXPECT_EQ(command_line(Remedy::of_secret(RemedyAction::delete_secret, "jackin", "a b")),
            "secret-tool clear service jackin account 'a b'");
}

TEST(RemedyCommand, ActionOnSystem_CommandOfTheSystem) {
  EXPECT_EQ(command_line(Remedy::set_variable("MY_TOKEN", {}).and_restart()),
            "read -rs MY_TOKEN && export MY_TOKEN && jackinctl daemon restart");
  EXPECT_EQ(command_line(Remedy::set_variable("PATH", "/bin")), "export PATH=\"$PATH\":/bin");
  EXPECT_EQ(command_line(Remedy::of_processes(RemedyAction::end_processes, {4, 5})), "kill 4 5");
  EXPECT_EQ(command_line(Remedy::of_name(RemedyAction::install_program, "claude")),
            "npm install -g @anthropic-ai/claude-code");
  EXPECT_EQ(command_line(with(RemedyAction::show_service, [](Remedy& r) { r.name = "gui/501/x"; })),
            "launchctl print gui/501/x");
}

// An interactive zsh passes the words behind `#` to the command.
TEST(RemedyCommand, Note_NoShellSyntax) {
  const auto remedy = Remedy::check().noting("in $(touch a) `touch b`; x | y & z > c < d .(e:'touch f':) (or so)");
  EXPECT_EQ(command_line(remedy),
            "jackinctl doctor  # in __touch a) _touch b_, x _ y _ z \u203a c \u2039 d ._e:'touch f':) (or so)");
}

TEST(RemedyCommand, Note_PrintableAndNeverACredential) {
  const std::string line = command_line(Remedy::edit_file("/sk-ant-oat01-abcdefgh").noting("a\x1b[31mb\nc"));
  EXPECT_EQ(line.find('\x1b'), line.npos);
  EXPECT_EQ(line.find('\n'), line.npos);
  EXPECT_EQ(line.find("abcdefgh"), line.npos);
  EXPECT_EQ(command_line(Remedy::only_note("it was another command")), "# it was another command");
}

}  // namespace
}  // namespace jackin

// SPDX-License-Identifier: Apache-2.0
#include "daemon/secrets/plain_resolvers.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/paths.hpp"
#include "common/remedy_command.hpp"
#include "tests/support/await.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/token_forms.hpp"

namespace jackin::secrets {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using test::Started;

class ResolverTest : public testing::Test {
 protected:
  Result<Secret> resolve(SourceResolver& resolver, const CredentialSource& source) {
    return test::await(io_, resolver.resolve(source, context_));
  }

  // The reason of the failure. Each failure has a message and a remedy that are safe for a terminal.
  static Reason reason_of(const Result<Secret>& result) {
    if (result) {
      ADD_FAILURE() << "resolved";
      return Reason::internal;
    }
    EXPECT_FALSE(result.error().message.empty());
    for (const char c : result.error().message + command_line(result.error().remedy))
      EXPECT_GE(static_cast<unsigned char>(c), 0x20);
    return result.error().reason;
  }

  asio::io_context io_;
  test::FakeClock clock_;
  async::TimedCalls files_{clock_, 2};
  test::TempDir folder_;
  ResolveContext context_;
};

class FileResolverTest : public ResolverTest {
 protected:
  fs::path file(std::string_view text, mode_t mode = 0600) {
    const fs::path path = folder_ / "token";
    test::write_file(path, text);
    chmod(path.c_str(), mode);
    return path;
  }
  Result<Secret> read(const std::string& path) { return resolve(*resolver_, FileSource{path}); }

  std::unique_ptr<SourceResolver> resolver_ = file_resolver(folder_.path(), files_);
};

TEST_F(FileResolverTest, Resolve_Token_WithoutLineEnd) {
  for (const std::string_view text : {"the-token", "the-token\n", "the-token\r\n"}) {
    const auto token = read(file(text).string());
    ASSERT_TRUE(token) << token.error().message;
    EXPECT_EQ(token->view(), "the-token");
  }
}

TEST_F(FileResolverTest, Resolve_TildePath_Home) {
  file("the-token\n");
  const auto token = read("~/token");
  ASSERT_TRUE(token) << token.error().message;
  EXPECT_EQ(token->view(), "the-token");
}

TEST_F(FileResolverTest, Resolve_SeveralLines_Invalid) {
  for (const std::string_view text :
       {"the-token\n\n", "the\ntoken", "\nthe-token", "the\ttoken", "the-token\r\n\r\n"}) {
    EXPECT_EQ(reason_of(read(file(text).string())), Reason::source_invalid) << text;
  }
}

TEST_F(FileResolverTest, Resolve_MalformedToken_ErrorSaysHow) {
  const std::string token = "sk-ant-oat01-" + std::string(93, 'x') + "AA";
  const auto said = [&](const std::string& text) {
    const auto read_file = read(file(text).string());
    if (read_file) {
      ADD_FAILURE() << "it was read";
      return std::string();
    }
    const std::string& message = read_file.error().message;
    EXPECT_EQ(message.find("xxxxxx"), std::string::npos) << message;
    EXPECT_NE(command_line(read_file.error().remedy).find("${EDITOR:-vi} "), std::string::npos);
    return message.substr(message.find("/token ") + 7);
  };
  EXPECT_EQ(said("\xef\xbb\xbf" + token + "\n"), "begins with a byte order mark");
  EXPECT_EQ(said(token.substr(0, 79) + "\n" + token.substr(79) + "\n"), "is broken over 2 lines, 79 + 29 characters");
  EXPECT_EQ(said(token.substr(0, 50) + "\r\n" + token.substr(50, 50) + "\r\n" + token.substr(100)),
            "is broken over 3 lines, 50 + 50 + 8 characters");
  EXPECT_EQ(said(token + "\nlogin: me\n"), "has 2 lines; a token is one line");
  EXPECT_EQ(said(token + "\n\n"), "has empty lines before or after the token");
  EXPECT_EQ(said("\n"), "is empty");
  EXPECT_EQ(said(token + "\x1b"), "has control characters, or is not UTF-8");
}

TEST_F(FileResolverTest, QuickCheck_SameReasonsAsRead) {
  const auto seen = [&](const std::string& path) {
    const auto quick_checked = resolver_->quick_check(FileSource{path})();
    if (quick_checked) return std::string("fine");
    EXPECT_FALSE(quick_checked.error().remedy.empty()) << quick_checked.error().message;
    return std::string(to_code(quick_checked.error().reason));
  };
  EXPECT_EQ(seen(file("this is no token").string()), "fine");
  EXPECT_EQ(seen("~/none"), "source_gone");
  EXPECT_EQ(seen(file("the-token", 0640).string()), "source_denied");
  EXPECT_EQ(seen(file("").string()), "source_invalid");
  EXPECT_EQ(seen(folder_.path().string()), "source_denied");
}

TEST_F(FileResolverTest, Check_PathText_WithoutAccess) {
  for (const std::string path : {"$HOME/t", "token", "", "~user/t", "~"}) {
    const auto checked = resolver_->check(FileSource{path});
    ASSERT_FALSE(checked) << path;
    EXPECT_EQ(checked.error().reason, Reason::source_invalid);
    EXPECT_TRUE(checked.error().remedy.empty()) << "the line is wrong: " << command_line(checked.error().remedy);
  }
  EXPECT_TRUE(resolver_->check(FileSource{"/nonexistent"}));
}

TEST_F(FileResolverTest, Resolve_Empty_Invalid) {
  for (const std::string_view text : {"", "\n", "\r\n"}) {
    EXPECT_EQ(reason_of(read(file(text).string())), Reason::source_invalid);
  }
}

TEST_F(FileResolverTest, Resolve_NotText_Invalid) {
  for (const std::string_view text :
       {std::string_view("a\0b", 3), std::string_view("\xff\xfe"), std::string_view("\x1b[31m")}) {
    EXPECT_EQ(reason_of(read(file(text).string())), Reason::source_invalid);
  }
}

TEST_F(FileResolverTest, Resolve_OverLimit_Invalid) {
  EXPECT_TRUE(read(file(std::string(64 * 1024, 'x')).string()));
  EXPECT_EQ(reason_of(read(file(std::string(64 * 1024 + 1, 'x')).string())), Reason::source_invalid);
}

TEST_F(FileResolverTest, Resolve_Missing_Gone) {
  EXPECT_EQ(reason_of(read("~/none")), Reason::source_gone);
  EXPECT_EQ(reason_of(read("/nonexistent/folder/token")), Reason::source_gone);
}

TEST_F(FileResolverTest, Resolve_RelativePath_Invalid) {
  EXPECT_EQ(reason_of(read("token")), Reason::source_invalid);
  EXPECT_EQ(reason_of(read("")), Reason::source_invalid);
}

TEST_F(FileResolverTest, Resolve_NotPrivateFile_Denied) {
  const auto path = file("the-token", 0644);
  EXPECT_EQ(reason_of(read(path.string())), Reason::source_denied);
  fs::create_symlink(file("the-token"), folder_ / "link");
  EXPECT_EQ(reason_of(read("~/link")), Reason::source_denied);
  ASSERT_EQ(mkfifo((folder_ / "fifo").c_str(), 0600), 0);
  EXPECT_EQ(reason_of(read("~/fifo")), Reason::source_denied);
  EXPECT_EQ(reason_of(read("/dev/zero")), Reason::source_denied);
  EXPECT_EQ(reason_of(read(folder_.path().string())), Reason::source_denied);
}

TEST_F(FileResolverTest, Resolve_OwnedByAnotherUser_Denied) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  const auto path = file("the-token");
  ASSERT_EQ(chown(path.c_str(), 65534, 65534), 0);
  EXPECT_EQ(reason_of(read(path.string())), Reason::source_denied);
}

TEST_F(FileResolverTest, MayPrompt_Never) {
  EXPECT_FALSE(resolver_->may_prompt(FileSource{"/x"}));
  EXPECT_TRUE(resolver_->serves(FileSource{"/x"}));
  EXPECT_FALSE(resolver_->serves(EnvSource{"X"}));
}

class EnvResolverTest : public ResolverTest {
 protected:
  Result<Secret> read(Environment::Variables daemon, const std::string& name, bool is_service = false) {
    const auto resolver = env_resolver(Environment(std::move(daemon)), is_service);
    return resolve(*resolver, EnvSource{name});
  }
};

TEST_F(EnvResolverTest, Resolve_DaemonsVariable_NotClients) {
  context_.client.set("MY_TOKEN", "the-clients");
  const auto token = read({{"MY_TOKEN", "the-daemons"}}, "MY_TOKEN");
  ASSERT_TRUE(token);
  EXPECT_EQ(token->view(), "the-daemons");
}

TEST_F(EnvResolverTest, Resolve_Unset_Gone) {
  context_.client.set("MY_TOKEN", "the-clients");
  EXPECT_EQ(reason_of(read({}, "MY_TOKEN")), Reason::source_gone);
}

TEST_F(EnvResolverTest, Resolve_Unset_RemedyKeepsTokenOutOfHistory) {
  const std::string by_hand = command_line(read({}, "MY_TOKEN").error().remedy);
  EXPECT_TRUE(by_hand.starts_with("read -rs MY_TOKEN && export MY_TOKEN && jackinctl daemon restart")) << by_hand;
  // A service manager would pass the variable to every service, or take the value as an argument.
  const std::string in_a_service = command_line(read({}, "MY_TOKEN", true).error().remedy);
  EXPECT_EQ(in_a_service, "jackinctl revoke SCOPE && jackinctl setup SCOPE --reuse file:/WHOLE/PATH");
}

TEST_F(EnvResolverTest, Resolve_ClaudeVariable_ErrorExplains) {
  const auto result = read({}, "CLAUDE_CODE_OAUTH_TOKEN");
  EXPECT_EQ(reason_of(result), Reason::source_gone);
  EXPECT_NE(result.error().message.find("never keeps"), std::string::npos) << result.error().message;
}

TEST_F(EnvResolverTest, Resolve_Empty_Invalid) {
  EXPECT_EQ(reason_of(read({{"MY_TOKEN", ""}}, "MY_TOKEN")), Reason::source_invalid);
}

class ClientEnvResolverTest : public ResolverTest {
 protected:
  std::unique_ptr<SourceResolver> resolver_ = client_env_resolver();
};

TEST_F(ClientEnvResolverTest, Resolve_ClientsVariable) {
  context_.variable = ClientVariable{"MY_TOKEN", std::make_shared<const Secret>(Secret::copy_of("the-token"))};
  const auto token = resolve(*resolver_, ClientEnvSource{"MY_TOKEN"});
  ASSERT_TRUE(token);
  EXPECT_EQ(token->view(), "the-token");
}

TEST_F(ClientEnvResolverTest, Resolve_Unset_UnreachableAndNotGone) {
  context_.client.set("MY_TOKEN", "not-this");
  EXPECT_EQ(reason_of(resolve(*resolver_, ClientEnvSource{"MY_TOKEN"})), Reason::source_unreachable);
  context_.variable = ClientVariable{"MY_TOKEN", nullptr};
  const auto unset = resolve(*resolver_, ClientEnvSource{"MY_TOKEN"});
  EXPECT_EQ(reason_of(unset), Reason::source_unreachable);
  EXPECT_EQ(unset.error().message, "the variable MY_TOKEN is not set in the environment of the launch");
  EXPECT_TRUE(resolver_->check(ClientEnvSource{"MY_TOKEN"}));
  EXPECT_TRUE(resolver_->may_prompt(ClientEnvSource{"MY_TOKEN"}));
}

class LiteralResolverTest : public ResolverTest {};

TEST_F(LiteralResolverTest, Resolve_TokenItself) {
  const auto resolver = literal_resolver();
  const std::string token = "sk-ant-oat01-" + std::string(93, 'x') + "AA";
  const LiteralSource source{std::make_shared<const Secret>(Secret::copy_of(token))};
  EXPECT_TRUE(resolver->check(source));
  const auto given = resolve(*resolver, source);
  ASSERT_TRUE(given);
  EXPECT_EQ(given->view(), token);
  EXPECT_EQ(source.token->view(), token);
}

TEST_F(LiteralResolverTest, Check_NotAToken_DetectedByText) {
  const auto resolver = literal_resolver();
  const std::string token = "sk-ant-oat01-" + std::string(93, 'x') + "AA";
  const auto said = [&](const std::string& text) {
    const LiteralSource source{std::make_shared<const Secret>(Secret::copy_of(text))};
    const auto checked = resolver->check(source);
    EXPECT_FALSE(checked) << text;
    EXPECT_FALSE(resolve(*resolver, source));
    if (checked) return std::string();
    EXPECT_TRUE(checked.error().remedy.empty());
    EXPECT_EQ(checked.error().message.find("xxxxxx"), std::string::npos) << checked.error().message;
    return checked.error().message;
  };
  EXPECT_EQ(said(""), "the configured string is not a token: it is empty");
  EXPECT_EQ(said(" " + token), "the configured string is not a token: it has blanks around it");
  EXPECT_EQ(said(token + " "), "the configured string is not a token: it has blanks around it");
  EXPECT_EQ(said("op://Personal/Claude/credential"),
            "the configured string is not a token: it is a 1Password reference, which is written { op = \"op://…\" }");
  EXPECT_NE(said("$MY_TOKEN").find("{ env = "), std::string::npos);
  EXPECT_NE(said("~/token").find("{ file = "), std::string::npos);
  EXPECT_NE(said(token.substr(0, 79)).find("79 of 108"), std::string::npos);
}

class CommandResolverTest : public ResolverTest {
 protected:
  CommandResolverTest() { context_.client.set("PATH", "/usr/bin:/bin"); }

  Result<Secret> run(std::vector<std::string> argv) { return resolve(*resolver_, CommandSource{std::move(argv)}); }
  Result<Secret> shell(std::string script) { return run({"/bin/sh", "-c", std::move(script)}); }

  Environment daemon_{{{"PATH", "/nonexistent"}, {"HOME", "/daemon"}}};
  std::unique_ptr<ProgramRunner> programs_ = system_program_runner(io_.get_executor(), clock_);
  std::unique_ptr<SourceResolver> resolver_ = command_resolver(daemon_, *programs_);
};

TEST_F(CommandResolverTest, Check_NeedsShell_Rejected) {
  for (const std::string program : {"~/bin/tok", "bin/tok", "./tok"}) {
    const auto checked = resolver_->check(CommandSource{{program}});
    ASSERT_FALSE(checked) << program;
    EXPECT_EQ(checked.error().reason, Reason::source_invalid);
  }
  EXPECT_NE(resolver_->check(CommandSource{{"~/bin/tok"}}).error().message.find("no shell runs it"), std::string::npos);
  EXPECT_TRUE(resolver_->check(CommandSource{{"tok"}}));
  const auto piped = run({"/bin/echo", "a", "|", "head"});
  ASSERT_TRUE(piped) << "it may be meant: " << piped.error().message;
  const auto failed = run({"/bin/cat", "/nonexistent", "|", "head"});
  ASSERT_FALSE(failed);
  EXPECT_NE(failed.error().message.find("; no shell runs it, so '|' is an argument"), std::string::npos)
      << failed.error().message;
}

TEST_F(CommandResolverTest, Resolve_Stdout_WithoutLineEnd) {
  for (const std::string script : {"printf the-token", "echo the-token", "printf 'the-token\\r\\n'"}) {
    const auto token = shell(script);
    ASSERT_TRUE(token) << token.error().message;
    EXPECT_EQ(token->view(), "the-token");
  }
}

TEST_F(CommandResolverTest, Resolve_ClientsPath_NoShell) {
  const auto token = run({"printf", "%s", "$HOME;`id`"});
  ASSERT_TRUE(token) << token.error().message;
  EXPECT_EQ(token->view(), "$HOME;`id`");
}

TEST_F(CommandResolverTest, Resolve_NoClient_DaemonsPath) {
  context_.client = Environment();
  const auto result = run({"printf", "x"});
  EXPECT_EQ(reason_of(result), Reason::program_missing);
  daemon_.set("PATH", "/usr/bin:/bin");
  resolver_ = command_resolver(daemon_, *programs_);
  EXPECT_TRUE(run({"printf", "x"}));
}

TEST_F(CommandResolverTest, Resolve_MinimalEnvironment) {
  context_.client.set("HOME", "/home/me");
  context_.client.set("OP_SERVICE_ACCOUNT_TOKEN", "ops_x");
  context_.client.set("LANG", "C.UTF-8");
  const auto token = shell("env | grep -v -E '^(PWD|SHLVL|_)=' | sort | tr '\\n' ' '");
  ASSERT_TRUE(token) << token.error().message;
  EXPECT_EQ(token->view(), "HOME=/home/me LANG=C.UTF-8 PATH=/usr/bin:/bin ");
}

TEST_F(CommandResolverTest, Resolve_ProgramMissing_ProgramMissing) {
  EXPECT_EQ(reason_of(run({"no-such-program-here"})), Reason::program_missing);
  EXPECT_EQ(reason_of(run({"/nonexistent/program"})), Reason::program_missing);
  EXPECT_EQ(reason_of(run({"./relative"})), Reason::source_invalid);
}

TEST_F(CommandResolverTest, Resolve_ProgramCannotStart_Unreachable) {
  test::write_file(folder_ / "no-shebang",
                   "\x7f"
                   "ELFnot really");
  chmod((folder_ / "no-shebang").c_str(), 0700);
  EXPECT_EQ(reason_of(run({folder_ / "no-shebang"})), Reason::source_unreachable);
}

TEST_F(CommandResolverTest, Resolve_ProgramFails_UnreachableWithItsWords) {
  const auto result = shell("printf 'the-token'; printf '\\033[31mvault is locked\\n' >&2; exit 4");
  EXPECT_EQ(reason_of(result), Reason::source_unreachable);
  EXPECT_NE(result.error().message.find("ended with 4"), std::string::npos) << result.error().message;
  EXPECT_NE(result.error().message.find("vault is locked"), std::string::npos) << result.error().message;
  EXPECT_EQ(result.error().message.find("the-token"), std::string::npos);
}

TEST_F(CommandResolverTest, Resolve_ProgramPrintsToken_NothingQuoted) {
  const auto token = folder_ / "token";
  const auto said = folder_ / "said";
  test::write_file(token, std::string(test::sample_token) + "\n");
  for (const auto& form : test::forms_of_token(test::sample_token)) {
    test::write_file(said, "no: " + form.text);
    const auto result = shell("cat " + token.string() + "; cat " + said.string() + " >&2; exit 4");
    EXPECT_EQ(reason_of(result), Reason::source_unreachable);
    EXPECT_TRUE(result.error().message.ends_with(withheld_text)) << form.name << ": " << result.error().message;
  }
}

// The token is not all that the program prints, or is split over lines.
TEST_F(CommandResolverTest, Resolve_TokenAmongOutput_NothingQuoted) {
  const auto token = folder_ / "token";
  const auto said = folder_ / "said";
  const std::string text(test::sample_token);
  std::string wrapped;
  for (std::size_t at = 0; at < text.size(); at += 20) wrapped += text.substr(at, 20) + "\n";
  std::string many;
  for (int i = 0; i < 20; ++i) many += "a line of this length, number " + std::to_string(i) + "\n";
  for (const std::string& output :
       {text + "\nlogin: me\n", "login: me\r\n" + text + "\r\n", "token=" + text + "\n", wrapped, many + text}) {
    test::write_file(token, output);
    for (const auto& form : test::forms_of_token(test::sample_token)) {
      test::write_file(said, "no: " + form.text);
      const auto result = shell("cat " + token.string() + "; cat " + said.string() + " >&2; exit 4");
      EXPECT_TRUE(result.error().message.ends_with(withheld_text)) << output << form.name << result.error().message;
    }
  }
  const auto result = shell("echo signed in as me; echo vault locked >&2; exit 4");
  EXPECT_NE(result.error().message.find("vault locked"), std::string::npos) << result.error().message;
}

TEST_F(CommandResolverTest, Resolve_TokenOnStderr_Masked) {
  const auto result = shell("echo sk-ant-oat01-abcdefghij >&2; exit 1");
  EXPECT_EQ(reason_of(result), Reason::source_unreachable);
  EXPECT_EQ(result.error().message.find("abcdef"), std::string::npos) << result.error().message;
}

TEST_F(CommandResolverTest, Resolve_PieceOfTokenOnStderr_Masked) {
  const auto result = shell(
      "echo sk-ant-oat01-AbCdEfGhIjKlMnOpQrStUvWxYz0123456789 | cut -c4- >&2; "
      "echo 0aAbBcCdDeEfFgGhH1 >&2; echo vault locked >&2; exit 1");
  EXPECT_EQ(reason_of(result), Reason::source_unreachable);
  const std::string& message = result.error().message;
  EXPECT_EQ(message.find("AbCdEf"), std::string::npos) << message;
  EXPECT_EQ(message.find("BcCdDe"), std::string::npos) << message;
  EXPECT_NE(message.find("vault locked"), std::string::npos) << message;
}

TEST_F(CommandResolverTest, Resolve_StderrOfSuccess_Ignored) {
  const auto token = shell("echo noise >&2; echo the-token");
  ASSERT_TRUE(token);
  EXPECT_EQ(token->view(), "the-token");
}

TEST_F(CommandResolverTest, Resolve_ProgramHangs_TimesOut) {
  const CredentialSource source = CommandSource{{"/bin/sh", "-c", "exec sleep 1000"}};
  Started<Result<Secret>> started(io_, resolver_->resolve(source, context_));
  // The search for the program has another limit.
  started.run_until([&] { return clock_.next_due() == 30s; });
  clock_.advance(30s);
  EXPECT_EQ(reason_of(started.result()), Reason::timed_out);
}

TEST_F(CommandResolverTest, Resolve_TooMuchOutput_Invalid) {
  EXPECT_EQ(reason_of(shell("exec cat /dev/zero")), Reason::source_invalid);
}

TEST_F(CommandResolverTest, Resolve_ChildKeepsPipe_NotDelayed) {
  const auto token = shell("sleep 1000 & echo $! > " + (folder_ / "pid").string() + "; echo the-token");
  kill(std::stoi(test::read_file(folder_ / "pid")), SIGKILL);
  ASSERT_TRUE(token) << token.error().message;
  EXPECT_EQ(token->view(), "the-token");
}

TEST_F(CommandResolverTest, Resolve_OutputNotASecret_Invalid) {
  for (const std::string script :
       {"true", "echo", "printf '\\377\\376'", "printf 'a\\000b'", "printf 'one\\ntwo\\n'", "printf '\\033[31mred'"}) {
    EXPECT_EQ(reason_of(shell(script)), Reason::source_invalid) << script;
  }
}

TEST_F(CommandResolverTest, Inputs_DependOnPathAndEnvironment) {
  const auto inputs = [&] {
    return test::await(io_, resolver_->inputs(CommandSource{{"printf", "x"}}, context_)).value();
  };
  const Inputs before = inputs();
  EXPECT_EQ(inputs(), before);
  context_.client.set("TERM", "dumb");
  EXPECT_EQ(inputs(), before);
  context_.client.set("HOME", "/elsewhere");
  const Inputs elsewhere = inputs();
  EXPECT_FALSE(elsewhere == before);
  const fs::path other = folder_ / "printf";
  test::write_file(other, "#!/bin/sh\necho other\n");
  chmod(other.c_str(), 0755);
  context_.client.set("PATH", folder_.path().string() + ":/usr/bin:/bin");
  EXPECT_FALSE(inputs() == elsewhere);
}

TEST_F(CommandResolverTest, MayPrompt_Always) {
  EXPECT_TRUE(resolver_->may_prompt(CommandSource{{"x"}}));
}

TEST_F(CommandResolverTest, Resolve_Cancelled_Ends) {
  const CredentialSource source = CommandSource{{"/bin/sh", "-c", "exec sleep 1000"}};
  Started<Result<Secret>> started(io_, resolver_->resolve(source, context_));
  started.run_until([&] { return clock_.waiting() == 1; });
  started.cancel();
  const auto result = started.result();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().reason, Reason::cancelled);
}

}  // namespace
}  // namespace jackin::secrets

// SPDX-License-Identifier: Apache-2.0
#include "daemon/secrets/plain_resolvers.hpp"

#include <utility>

#include "common/claude.hpp"
#include "common/os/private_files.hpp"
#include "common/paths.hpp"
#include "common/text_characters.hpp"
#include "common/untrusted_text.hpp"

namespace jackin::secrets {
namespace {

template <typename Source>
class ResolverOf : public SourceResolver {
 public:
  bool serves(const CredentialSource& source) const override { return std::holds_alternative<Source>(source); }
  bool may_prompt(const CredentialSource&) const override { return false; }
};

class LiteralResolver final : public ResolverOf<LiteralSource> {
 public:
  Result<> check(const CredentialSource& source) const override {
    const std::string_view text = std::get<LiteralSource>(source).token->view();
    if (shape_of(text) != TokenShape::not_a_token) return {};
    const Reason reason = text.empty() ? Reason::source_invalid : Reason::token_malformed;
    return failure(reason, "the configured string is not a token: " + problem_of(text), {});
  }

  Task<Secret> resolve(const CredentialSource& source, const ResolveContext&) override {
    CO_TRY(check(source));
    co_return std::get<LiteralSource>(source).token->clone();
  }

 private:
  // If the string has the form of another source, the text names that source. Otherwise it gives the reason why the
  // string is not a token.
  static std::string problem_of(std::string_view text) {
    if (text.starts_with("op://")) return "it is a 1Password reference, which is written { op = \"op://…\" }";
    if (text.starts_with('$')) return "it names a variable, which is written { env = \"NAME\" }";
    if (text.starts_with('/') || text.starts_with("~/")) return "it is a path, which is written { file = \"…\" }";
    return shape_problem(text);
  }
};

class EnvResolver final : public ResolverOf<EnvSource> {
 public:
  EnvResolver(Environment daemon, bool is_service) : daemon_(std::move(daemon)), is_service_(is_service) {}

  // A daemon's environment does not change while it runs.
  Result<> check(const CredentialSource& source) const override {
    const std::string& name = std::get<EnvSource>(source).name;
    if (daemon_.variables().contains(name)) return {};
    if (daemon_environment(Environment({{name, "set"}})).variables().empty()) {
      return failure(Reason::source_gone,
                     "jackind never keeps " + printable(name) +
                         " in its environment, because the programs that it starts would use it",
                     Remedy::replace_token("env:NAME").noting("use a variable of another name"));
    }
    return failure(Reason::source_gone, "the variable " + printable(name) + " is not set in jackind's environment",
                   set_it(name));
  }

  Task<Secret> resolve(const CredentialSource& source, const ResolveContext&) override {
    CO_TRY(check(source));
    const std::string& name = std::get<EnvSource>(source).name;
    co_return checked_secret(Secret::copy_of(daemon_.variables().at(name)), "the variable " + printable(name),
                             set_it(name).noting("the variable must contain only the token"));
  }

 private:
  // A service manager would pass a variable to every service, and launchd takes it as an argument: a service's token
  // comes from a file.
  Remedy set_it(const std::string& name) const {
    if (is_service_) return Remedy::replace_token("file:/WHOLE/PATH");
    return Remedy::set_variable(name, {}).and_restart();
  }

  Environment daemon_;
  bool is_service_;
};

class ClientEnvResolver final : public ResolverOf<ClientEnvSource> {
 public:
  // Without a client there is no such environment: the source is not read unattended.
  bool may_prompt(const CredentialSource&) const override { return true; }

  Task<Secret> resolve(const CredentialSource& source, const ResolveContext& context) override {
    const std::string& name = std::get<ClientEnvSource>(source).name;
    const std::string variable = "the variable " + printable(name);
    const bool is_known = context.variable && context.variable->name == name;
    // The next launch can have another environment, so nothing is certain.
    if (!is_known || context.variable->value == nullptr) {
      co_return failure(Reason::source_unreachable, variable + " is not set in the environment of the launch",
                        Remedy::set_variable(name, {}));
    }
    co_return checked_secret(context.variable->value->clone(), variable,
                             Remedy::set_variable(name, {}).noting("the variable must contain only the token"));
  }
};

class FileResolver final : public ResolverOf<FileSource> {
 public:
  FileResolver(std::filesystem::path home, async::TimedCalls& files) : home_(std::move(home)), files_(files) {}

  Result<> check(const CredentialSource& source) const override {
    const std::string& path = std::get<FileSource>(source).path;
    if (path.starts_with('/') || path.starts_with("~/")) return {};
    return failure(Reason::source_invalid,
                   "the path '" + printable(path) + "' begins with neither '/' nor '~/', and no variable is expanded",
                   {});
  }

  QuickCheck quick_check(const CredentialSource& source) const override {
    if (auto checked = check(source); !checked) return [checked] { return checked; };
    return [path = expand_home(std::get<FileSource>(source).path, home_)] {
      auto checked = os::check_private_file(path, longest_source);
      if (!checked && checked.error().remedy.empty()) checked.error().remedy = remedy_of(path, checked.error().reason);
      return checked;
    };
  }

  Task<Secret> resolve(const CredentialSource& source, const ResolveContext&) override {
    CO_TRY(check(source));
    const auto path = expand_home(std::get<FileSource>(source).path, home_);
    // The key is the folder: a mount may hang, and its files must not occupy all threads.
    std::string key = path.parent_path().string();
    auto work = [path] { return os::read_private_file(path, longest_source); };
    auto read = co_await files_.run(std::move(key), std::move(work));
    if (!read) {
      Error error = std::move(read).error();
      if (error.reason == Reason::timed_out) {
        error.message = "the file " + printable(path.string()) + " could not be read: " + error.message;
        if (error.remedy.empty()) {
          error.remedy = Remedy::try_again("when " + printable(path.parent_path().string()) + " answers again");
        }
      }
      if (error.remedy.empty()) error.remedy = remedy_of(path, error.reason);
      co_return failure(std::move(error));
    }
    co_return checked_secret(std::move(*read), "the file " + printable(path.string()),
                             remedy_of(path, Reason::source_invalid));
  }

 private:
  static Remedy remedy_of(const std::filesystem::path& path, Reason reason) {
    if (reason == Reason::source_gone) return Remedy::of(RemedyAction::rotate).noting("or put the file back");
    return Remedy::edit_file(path.string()).noting("keep only the token, in one line");
  }

  std::filesystem::path home_;
  async::TimedCalls& files_;
};

// The output of a failed command may contain a token. Each line of at least this length counts as a possible token.
// The whole output counts if it has many such lines, or if a token may be split over lines.
constexpr std::size_t shortest_line = 24;
constexpr std::size_t most_long_lines = 16;

std::vector<Secret> possible_tokens_in(std::string_view output) {
  std::vector<Secret> tokens;
  if (output.size() < shortest_line) return tokens;
  if (shows_token_prefix(output)) tokens.push_back(Secret::copy_of(output));
  for (std::string_view rest = output; !rest.empty();) {
    const auto end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
    if (line.size() < shortest_line) continue;
    if (tokens.size() >= most_long_lines) {
      tokens.clear();
      tokens.push_back(Secret::copy_of(output));
      break;
    }
    tokens.push_back(Secret::copy_of(line));
  }
  return tokens;
}

// The message of a failed command. Its output may still be the token, or contain it, or be a message.
std::string shown_errors(const ProgramResult& ran) {
  const auto possible = possible_tokens_in(ran.output.view());
  TokensAtHand tokens;
  for (const Secret& token : possible) tokens.add(token);
  return carries_token(ran.errors.raw(), tokens) ? std::string(withheld_text) : ran.errors.shown({});
}

class CommandResolver final : public ResolverOf<CommandSource> {
 public:
  CommandResolver(Environment daemon, ProgramRunner& programs) : daemon_(std::move(daemon)), programs_(programs) {}

  bool may_prompt(const CredentialSource&) const override { return true; }

  Task<Inputs> inputs(const CredentialSource& source, const ResolveContext& context) override {
    CO_TRY(const auto found, co_await locate(source, context));
    co_return inputs_of(found.path, environment_for(context));
  }

  Result<> check(const CredentialSource& source) const override {
    const std::string& program = std::get<CommandSource>(source).argv.front();
    if (program.starts_with('/') || program.find('/') == program.npos) return {};
    if (program.starts_with('~')) {
      return failure(Reason::source_invalid,
                     "the program " + printable(program) + " is not found: no shell runs it, so '~' is not expanded",
                     {});
    }
    return failure(Reason::source_invalid,
                   "the program " + printable(program) + " is neither a bare name nor an absolute path", {});
  }

  Task<Secret> resolve(const CredentialSource& source, const ResolveContext& context) override {
    CO_TRY(check(source));
    const auto& argv = std::get<CommandSource>(source).argv;
    CO_TRY(const auto found, co_await locate(source, context));
    const std::filesystem::path& program = found.path;
    const std::string name = "the command " + printable(program.string());
    ProgramCall call;
    call.program = program;
    call.arguments.assign(argv.begin() + 1, argv.end());
    call.environment = environment_for(context);
    call.output_limit = longest_source;
    const Remedy remedy = Remedy::try_again("once " + printable(program.string()) + " prints only the token");
    auto ran = co_await programs_.run(std::move(call));
    const std::string hint = shell_hint(argv);
    if (!ran) {
      Error error = std::move(ran).error();
      if (error.reason == Reason::program_failed) error.reason = Reason::source_unreachable;
      if (error.remedy.empty()) error.remedy = remedy;
      co_return failure(std::move(error));
    }
    if (ran->too_much_output) {
      co_return failure(Reason::source_invalid, name + " wrote more than 64 KiB and was stopped" + hint, remedy);
    }
    if (ran->exit_code != 0) {
      std::string message = name + " ended with " + std::to_string(ran->exit_code);
      if (!ran->errors.empty()) message += ": " + shown_errors(*ran);
      co_return failure(Reason::source_unreachable, message + hint, remedy);
    }
    auto secret = checked_secret(std::move(ran->output), "the output of " + name, remedy);
    if (!secret) secret.error().message += hint;
    co_return secret;
  }

 private:
  // The program's whole environment.
  Environment environment_for(const ResolveContext& context) const {
    const Environment& from = context.client.has("PATH") ? context.client : daemon_;
    return from.only({"HOME", "PATH", "LANG", "LC_ALL", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"});
  }

  Task<FoundProgram> locate(const CredentialSource& source, const ResolveContext& context) {
    return programs_.locate(std::get<CommandSource>(source).argv.front(), environment_for(context).value_of("PATH"));
  }

  // A hint for a failed command whose words contain shell syntax.
  static std::string shell_hint(const std::vector<std::string>& argv) {
    for (const auto& word : argv) {
      const bool is_operator = word == "|" || word == "||" || word == "&&" || word == ";" || word.starts_with('>') ||
                               word.starts_with('<') || word.starts_with("2>");
      if (is_operator)
        return "; no shell runs it, so '" + without_secret_words(printable(word, 40)) + "' is an argument";
      if (word.starts_with('~') || word.starts_with('$')) {
        return "; no shell runs it, so '" + without_secret_words(printable(word, 40)) + "' is not expanded";
      }
    }
    return {};
  }

  Environment daemon_;
  ProgramRunner& programs_;
};

}  // namespace

std::unique_ptr<SourceResolver> literal_resolver() {
  return std::make_unique<LiteralResolver>();
}

std::unique_ptr<SourceResolver> env_resolver(Environment daemon, bool is_service) {
  return std::make_unique<EnvResolver>(std::move(daemon), is_service);
}

std::unique_ptr<SourceResolver> client_env_resolver() {
  return std::make_unique<ClientEnvResolver>();
}

std::unique_ptr<SourceResolver> file_resolver(std::filesystem::path home, async::TimedCalls& files) {
  return std::make_unique<FileResolver>(std::move(home), files);
}

std::unique_ptr<SourceResolver> command_resolver(Environment daemon, ProgramRunner& programs) {
  return std::make_unique<CommandResolver>(std::move(daemon), programs);
}

}  // namespace jackin::secrets

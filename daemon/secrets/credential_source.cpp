// SPDX-License-Identifier: Apache-2.0
#include "daemon/secrets/credential_source.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "common/claude.hpp"
#include "common/fingerprint.hpp"
#include "common/shell_quoted.hpp"
#include "common/text_characters.hpp"
#include "common/untrusted_text.hpp"

namespace jackin::secrets {
namespace {

template <typename... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};
template <typename... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

std::string joined(const std::vector<std::string>& argv) {
  std::string text;
  for (const auto& word : argv) {
    if (!text.empty()) text += ' ';
    text += shell_quoted(word);
  }
  return text;
}

// What a shell would do with `c` outside quotes; empty: nothing. `in_word`: after other characters of the word.
std::string_view meaning_to_a_shell(char c, bool in_word) {
  if (c == '|') return "'|' is no pipe";
  if (c == '<' || c == '>') return c == '<' ? "'<' redirects nothing" : "'>' redirects nothing";
  if (c == ';' || c == '&') return c == ';' ? "';' ends no command" : "'&' ends no command";
  if (c == '$' || c == '`') return c == '$' ? "'$' is not expanded" : "'`' is not expanded";
  if (c == '~' && !in_word) return "'~' is not expanded";
  return {};
}

// Splits as a POSIX shell does: blanks, '…', "…" and backslashes. Text that only a shell can evaluate is rejected.
Result<std::vector<std::string>> split_words(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;
  char quote = '\0';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote == '\'') {
      if (c == '\'') {
        quote = '\0';
      } else {
        word += c;
      }
    } else if (c == '\\' && i + 1 < text.size()) {
      word += text[++i];
      in_word = true;
    } else if (quote == '"') {
      if (c == '"') {
        quote = '\0';
      } else {
        word += c;
      }
    } else if (c == '\'' || c == '"') {
      quote = c;
      in_word = true;
    } else if (c == ' ' || c == '\t') {
      if (in_word) words.push_back(std::move(word));
      word.clear();
      in_word = false;
    } else if (const auto meaning = meaning_to_a_shell(c, in_word); !meaning.empty()) {
      return failure(Reason::invalid_argument,
                     "no shell runs the command of a command source, so " + std::string(meaning),
                     Remedy::change_option(RequestOption::reuse, {"command:sh -c '…'"}).noting("or with whole paths"));
    } else {
      word += c;
      in_word = true;
    }
  }
  if (quote != '\0') return failure(Reason::invalid_argument, "the command has a quote that is not closed");
  if (in_word) words.push_back(std::move(word));
  return words;
}

bool is_variable_name(std::string_view name) {
  const auto is_name_character = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !name.empty() && !(name.front() >= '0' && name.front() <= '9') &&
         std::all_of(name.begin(), name.end(), is_name_character);
}

// --- credentials in a command ---------------------------------------------------------------------------------------

// Token prefixes as their vendors document them: Anthropic, 1Password (service accounts; Connect has a JWT), HashiCorp
// Vault, GitHub, GitLab, Slack, AWS.
constexpr std::array<std::string_view, 13> known_beginnings{
    credential_prefix, "ops_",   "eyJ",   "hvs.",  "hvb.", "ghp_", "gho_",
    "github_pat_",     "glpat-", "xoxb-", "xoxp-", "AKIA", "ASIA"};
constexpr std::size_t shortest_known = 16;
constexpr std::size_t long_value = 24;

std::vector<std::string_view> words_of(std::string_view text) {
  constexpr std::string_view between = " \t\r\n\"'`;()";
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of(between), text.size());
    if (end > 0) words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

bool has_known_beginning(std::string_view word) {
  return word.size() >= shortest_known &&
         std::any_of(known_beginnings.begin(), known_beginnings.end(),
                     [&](std::string_view beginning) { return word.starts_with(beginning); });
}

// scheme://user:password@host
bool has_password_in_url(std::string_view word) {
  const auto scheme = word.find("://");
  if (scheme == word.npos) return false;
  auto authority = word.substr(scheme + 3);
  authority = authority.substr(0, authority.find_first_of("/?#"));
  const auto at = authority.rfind('@');
  const auto colon = authority.find(':');
  return at != authority.npos && colon < at && colon + 1 < at && authority[colon + 1] != '$';
}

bool may_be_value(std::string_view word) {
  if (word.empty() || word.find_first_of("/$@~-") == 0 || word.find("://") != word.npos) return false;
  if (word.size() >= long_value) return true;
  const bool has_digit = std::any_of(word.begin(), word.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
  return has_digit && word.find('/') == word.npos;
}

bool names_a_credential(std::string_view name) {
  constexpr std::array<std::string_view, 7> endings{"password", "passwd", "passphrase",   "token",
                                                    "secret",   "key",    "authorization"};
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::any_of(endings.begin(), endings.end(), [&](std::string_view one) { return lower.ends_with(one); });
}

bool is_scheme(std::string_view word) {
  return word == "Bearer" || word == "Basic" || word == "token";
}

}  // namespace

SourceKind kind_of(const CredentialSource& source) {
  return std::visit(
      Overloaded{[](const OpSource&) { return SourceKind::op; }, [](const OsStoreSource&) { return os_store_kind; },
                 [](const FileSource&) { return SourceKind::file; }, [](const EnvSource&) { return SourceKind::env; },
                 [](const CommandSource&) { return SourceKind::command; },
                 [](const LiteralSource&) { return SourceKind::literal; },
                 [](const ClientEnvSource&) { return SourceKind::env; }},
      source);
}

std::string describe(const CredentialSource& source) {
  const std::string kind(display_name(kind_of(source)));
  return std::visit(
      Overloaded{
          [&](const OpSource& op) { return kind + " " + printable(op.path.empty() ? op.reference : op.path); },
          [&](const OsStoreSource& os) { return kind + " " + printable(os.service) + "/" + printable(os.account); },
          [&](const FileSource& file) { return kind + " " + printable(file.path); },
          [&](const EnvSource& env) { return kind + " " + printable(env.name); },
          [&](const CommandSource& command) { return kind + " " + printable(command.argv.front()); },
          [&](const LiteralSource&) { return kind; },
          [&](const ClientEnvSource& env) { return kind + " $" + printable(env.name); }},
      source);
}

std::string reference_of(const CredentialSource& source) {
  return std::visit(
      Overloaded{[](const OpSource& op) { return op.reference; },
                 [](const OsStoreSource& os) { return "os-store:" + os.service + "/" + os.account; },
                 [](const FileSource& file) { return "file:" + file.path; },
                 [](const EnvSource& env) { return "env:" + env.name; },
                 [](const CommandSource& command) { return "command:" + joined(command.argv); },
                 [](const LiteralSource& literal) { return "literal:" + literal.token->digest().fingerprint().str(); },
                 [](const ClientEnvSource& env) { return "client-env:" + env.name; }},
      source);
}

Result<CredentialSource> parse_reference(std::string_view reference) {
  const auto rest_after = [&](std::string_view prefix) { return reference.substr(prefix.size()); };
  if (reference.starts_with("op://")) {
    const std::string_view rest = rest_after("op://");
    const auto parts = std::count(rest.begin(), rest.end(), '/') + 1;
    if (parts < 3 || parts > 4 || rest.front() == '/' || rest.back() == '/' || rest.find("//") != rest.npos) {
      return failure(Reason::invalid_argument,
                     "'" + printable(reference) +
                         "' is not a 1Password reference: a reference needs a vault, an item and a field, "
                         "op://<vault>/<item>/[<section>/]<field>",
                     Remedy::list_op_items().noting("this lists the items and their vaults"));
    }
    return OpSource{std::string(reference), {}, {}};
  }
  if (reference.starts_with("os-store:")) {
    const std::string_view rest = rest_after("os-store:");
    const auto slash = rest.find('/');
    if (slash == 0 || slash == rest.npos || slash + 1 == rest.size()) {
      return failure(Reason::invalid_argument, "an os-store reference is os-store:SERVICE/ACCOUNT");
    }
    return OsStoreSource{std::string(rest.substr(0, slash)), std::string(rest.substr(slash + 1))};
  }
  if (reference.starts_with("file:")) {
    const std::string_view path = rest_after("file:");
    if (!path.starts_with('/') && !path.starts_with("~/")) {
      return failure(Reason::invalid_argument,
                     "a file reference is file:PATH with a path that begins with '/' or '~/'");
    }
    return FileSource{std::string(path)};
  }
  if (reference.starts_with("env:")) {
    if (!is_variable_name(rest_after("env:"))) {
      return failure(Reason::invalid_argument, "an env reference is env:NAME with the name of a variable");
    }
    return EnvSource{std::string(rest_after("env:"))};
  }
  if (reference.starts_with("command:")) {
    TRY(auto argv, split_words(rest_after("command:")));
    if (argv.empty()) return failure(Reason::invalid_argument, "a command reference is command:PROGRAM ARGS…");
    return CommandSource{std::move(argv)};
  }
  // The message does not quote the text: the user may have pasted a token.
  return failure(Reason::invalid_argument,
                 "not a reference: it begins with none of op://, os-store:, file:, env: and command:");
}

bool has_credential(const std::vector<std::string>& argv) {
  std::vector<std::string_view> words;
  for (std::size_t i = 1; i < argv.size(); ++i) {
    if (shows_token_prefix(argv[i])) return true;
    const auto more = words_of(argv[i]);
    words.insert(words.end(), more.begin(), more.end());
  }
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto word = words[i];
    if (has_known_beginning(word) || has_password_in_url(word)) return true;
    // --password=VALUE and PASSWORD=VALUE.
    if (const auto equals = word.find('='); equals != word.npos) {
      const auto value = word.substr(equals + 1);
      if (has_known_beginning(value) || (names_a_credential(word.substr(0, equals)) && may_be_value(value)))
        return true;
      continue;
    }
    // --password VALUE and X-Password: VALUE.
    const bool is_header = word.ends_with(':');
    if (!is_header && !word.starts_with("--")) continue;
    if (!names_a_credential(is_header ? word.substr(0, word.size() - 1) : word)) continue;
    const std::size_t next = i + 1 < words.size() && is_scheme(words[i + 1]) ? i + 2 : i + 1;
    if (next < words.size() && may_be_value(words[next])) return true;
  }
  return false;
}

}  // namespace jackin::secrets

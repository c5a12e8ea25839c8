// SPDX-License-Identifier: Apache-2.0
#include "client/service/service_text.hpp"

#include <unistd.h>

#include <array>
#include <optional>
#include <utility>

#include "client/terminal/text.hpp"
#include "common/fingerprint.hpp"
#include "common/os/find_paths.hpp"
#include "common/untrusted_text.hpp"

namespace jackin {

// systemd/ and launchd/, embedded at build time (CMakeLists.txt).
extern const std::string_view service_template;
extern const std::string_view socket_template;
extern const std::string_view agent_template;

}  // namespace jackin

namespace jackin::client {
namespace {

constexpr std::string_view signature = "Written by `jackinctl daemon install`, checksum ";

std::string replaced(std::string text, std::string_view placeholder, std::string_view value) {
  for (auto at = text.find(placeholder); at != std::string::npos; at = text.find(placeholder, at + value.size())) {
    text.replace(at, placeholder.size(), value);
  }
  return text;
}

// systemd.unit(5), "Specifiers".
std::string without_specifiers(std::string_view text) {
  return replaced(std::string(text), "%", "%%");
}

// Quotes one word in systemd's syntax. Words that cannot be quoted were refused before.
std::string one_word(std::string_view text) {
  std::string word = without_specifiers(text);
  if (word.find_first_of(" ;") == std::string::npos) return word;
  return "\"" + word + "\"";
}

std::string in_xml(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

// Returns the comment, for units or for XML, that names the author of `text`.
std::string signature_of(std::string_view text, bool xml) {
  const std::string said = std::string(signature) + Digest::of(text).fingerprint().str();
  return xml ? "<!-- " + said + " -->\n" : "# " + said + "\n";
}

bool can_be_written(const std::string& path) {
  return drawable(path) == path && path.find_first_of("\"'\\") == std::string::npos;
}

std::optional<std::string_view> line_of(std::string_view unit, std::string_view key) {
  while (!unit.empty()) {
    const auto end = unit.find('\n');
    const std::string_view line = unit.substr(0, end);
    if (line.starts_with(key) && line.substr(key.size()).starts_with('=')) return line;
    if (end == std::string_view::npos) break;
    unit.remove_prefix(end + 1);
  }
  return std::nullopt;
}

}  // namespace

Result<ServiceDescription> describe_service(const Environment& environment, const std::filesystem::path& program_dir) {
  ServiceDescription service;
  service.program = program_dir / "jackind";
  if (access(service.program.c_str(), X_OK) != 0) {
    return failure(Reason::program_missing,
                   "jackind is not installed beside this program, in " + printable(program_dir.string(), 1000),
                   Remedy::try_again("with jackind installed there"));
  }
  TRY(service.paths, find_paths(environment));
  TRY(service.by_home, find_paths(environment.only({"HOME"})));
  const auto name_folder = [&](const char* variable, std::filesystem::path Paths::*folder) {
    if (service.paths.*folder != service.by_home.*folder) {
      service.overrides.set(variable, (service.paths.*folder).string());
    }
  };
  name_folder("JACKIN_CONFIG_DIR", &Paths::config_dir);
  name_folder("JACKIND_STATE_DIR", &Paths::state_dir);
  name_folder("JACKIND_DATA_DIR", &Paths::data_dir);
  name_folder("JACKIN_HOME_DIR", &Paths::home_dir);
  // systemd's user manager sets XDG_RUNTIME_DIR itself.
  if (environment.has("JACKIN_RUNTIME_DIR")) name_folder("JACKIN_RUNTIME_DIR", &Paths::runtime_dir);
  std::vector<std::filesystem::path> written{service.program, service.paths.socket(), service.paths.log_dir()};
  for (const auto& [name, value] : service.overrides.variables()) written.emplace_back(value);
  for (const auto& path : written) {
    if (can_be_written(path.string())) continue;
    return failure(Reason::invalid_argument,
                   "a service file cannot contain a path with quotes, backslashes or control characters: " +
                       printable(path.string(), 1000),
                   Remedy::of(RemedyAction::start_daemon));
  }
  return service;
}

std::string service_unit(const ServiceDescription& service) {
  std::string environment;
  for (const auto& [name, value] : service.overrides.variables()) {
    environment += "Environment=" + one_word(name + "=" + value) + "\n";
  }
  std::string text(service_template);
  text = replaced(std::move(text), "@environment@\n", environment);
  text = replaced(std::move(text), "@jackind@", one_word(service.program.string()));
  return signature_of(text, false) + text;
}

std::string socket_unit(const ServiceDescription& service) {
  const std::string socket = service.overrides.has("JACKIN_RUNTIME_DIR")
                                 ? without_specifiers(service.paths.socket().string())
                                 : "%t/jackin/jackind.sock";
  const std::string text = replaced(std::string(socket_template), "@socket@", socket);
  return signature_of(text, false) + text;
}

std::string launch_agent(const ServiceDescription& service) {
  Environment overrides = service.overrides;
  // launchd sets no XDG_RUNTIME_DIR. Without the variable the daemon would not find the folder of its socket.
  if (service.paths.runtime_dir != service.by_home.runtime_dir) {
    overrides.set("JACKIN_RUNTIME_DIR", service.paths.runtime_dir.string());
  }
  std::string environment;
  for (const auto& [name, value] : overrides.variables()) {
    environment += "    <key>" + name + "</key>\n    <string>" + in_xml(value) + "</string>\n";
  }
  std::string text(agent_template);
  text = replaced(std::move(text), "@environment@", environment);
  text = replaced(std::move(text), "@jackind@", in_xml(service.program.string()));
  text = replaced(std::move(text), "@socket@", in_xml(service.paths.socket().string()));
  text = replaced(std::move(text), "@errors@", in_xml((service.paths.log_dir() / "launchd.log").string()));
  // The XML declaration must stay the first line.
  return text.insert(text.find('\n') + 1, signature_of(text, true));
}

bool is_signed(std::string_view text) {
  const auto at = text.find(signature);
  if (at == std::string_view::npos) return false;
  const auto before = text.rfind('\n', at);
  const auto begin = before == std::string_view::npos ? 0 : before + 1;
  const auto end = text.find('\n', at);
  if (end == std::string_view::npos) return false;
  const std::string rest = std::string(text.substr(0, begin)) + std::string(text.substr(end + 1));
  const std::string_view line = text.substr(begin, end + 1 - begin);
  return line == signature_of(rest, false) || line == signature_of(rest, true);
}

bool has_same_line(std::string_view unit, std::string_view ours, std::string_view key) {
  const auto line = line_of(ours, key);
  return line && line_of(unit, key) == line;
}

}  // namespace jackin::client

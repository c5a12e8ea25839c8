// SPDX-License-Identifier: Apache-2.0
#include "client/hook/claude_settings.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "common/claude.hpp"

namespace jackin::client {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

#ifdef __APPLE__
constexpr const char* managed_folder = "/Library/Application Support/ClaudeCode";
#else
constexpr const char* managed_folder = "/etc/claude-code";
#endif

constexpr std::size_t size_limit = std::size_t{1024} * 1024;

// One source of settings, and its name in messages.
struct Layer {
  std::string name;
  json settings;
};

std::string read_file(const fs::path& path) {
  std::string text;
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (file < 0) return text;
  struct stat entry {};
  if (fstat(file, &entry) == 0 && S_ISREG(entry.st_mode)) {
    std::array<char, 16384> buffer{};
    ssize_t count = 0;
    while ((count = read(file, buffer.data(), buffer.size())) > 0 || (count < 0 && errno == EINTR)) {
      if (count > 0) text.append(buffer.data(), static_cast<std::size_t>(count));
      if (text.size() > size_limit) break;
    }
    if (count != 0) text.clear();
  }
  close(file);
  return text;
}

// All sources, in order of precedence.
class Layers {
 public:
  explicit Layers(const SettingsPlaces& places) {
    for (const auto& file : files_in(places.managed / "managed-settings.d")) add_file(file);
    add_file(places.managed / "managed-settings.json");
    if (places.argument.starts_with('{')) {
      add("--settings", places.argument);
    } else if (!places.argument.empty()) {
      add_file(places.project / places.argument);
    }
    add_file(places.project / config_dir_name / "settings.local.json");
    add_file(places.project / config_dir_name / "settings.json");
    add_file(places.user / "settings.json");
  }

  // Returns the source that sets a helper. The source of highest precedence that has the key decides; an empty value
  // unsets the helper.
  std::optional<std::string> helper() const {
    for (const auto& layer : layers_) {
      const auto found = layer.settings.find("apiKeyHelper");
      if (found == layer.settings.end() || !found->is_string()) continue;
      if (found->get_ref<const std::string&>().empty()) return std::nullopt;
      return layer.name;
    }
    return std::nullopt;
  }

  // Returns the value that the settings give a variable, and the source that sets it.
  std::optional<std::pair<std::string, std::string>> variable(std::string_view name) const {
    for (const auto& layer : layers_) {
      const auto variables = layer.settings.find("env");
      if (variables == layer.settings.end() || !variables->is_object()) continue;
      const auto found = variables->find(std::string(name));
      if (found == variables->end()) continue;
      return std::pair(found->is_string() ? found->get<std::string>() : found->dump(), layer.name);
    }
    return std::nullopt;
  }

 private:
  // Of several files of the administrator the last by name has precedence.
  static std::vector<fs::path> files_in(const fs::path& folder) {
    std::vector<fs::path> files;
    std::error_code error;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
      if (at->path().extension() == ".json") files.push_back(at->path());
    }
    std::sort(files.rbegin(), files.rend());
    return files;
  }

  void add_file(const fs::path& path) { add(path.string(), read_file(path)); }

  void add(std::string name, std::string_view text) {
    auto settings = json::parse(text, nullptr, false);
    if (settings.is_object()) layers_.push_back({std::move(name), std::move(settings)});
  }

  std::vector<Layer> layers_;
};

}  // namespace

std::optional<SettingsPlaces> settings_places(const Environment& environment, const std::vector<std::string>& command) {
  if (fs::path(command.front()).filename() != "claude") return std::nullopt;
  SettingsPlaces places{managed_folder, ".", {}, {}};
  std::error_code ignored;
  places.project = fs::current_path(ignored);
  const auto config_dir = environment.get(config_dir_variable);
  // An empty value means the current folder (seen with 2.1.332).
  places.user = config_dir ? places.project / *config_dir : fs::path(environment.value_of("HOME")) / config_dir_name;
  constexpr std::string_view option = "--settings";
  for (auto word = std::next(command.begin()); word != command.end() && *word != "--"; ++word) {
    if (*word == option && std::next(word) != command.end()) places.argument = *std::next(word);
    if (word->starts_with(option) && word->substr(option.size()).starts_with('=')) {
      places.argument = word->substr(option.size() + 1);
    }
  }
  return places;
}

StrongerLogins stronger_logins(const Environment& environment, const std::optional<SettingsPlaces>& places) {
  StrongerLogins found;
  std::optional<Layers> layers;
  if (places) layers.emplace(*places);
  for (const auto& variable : stronger_variables) {
    const auto in_settings = layers ? layers->variable(variable.name) : std::nullopt;
    const std::string value = in_settings ? in_settings->first : environment.value_of(variable.name);
    if (!beats_the_token(variable, value)) continue;
    if (in_settings) {
      found.settings.push_back(std::string(variable.name) + " in " + in_settings->second);
    } else {
      found.variables.emplace_back(variable.name);
    }
  }
  if (!layers) return found;
  if (const auto helper = layers->helper()) found.settings.push_back("apiKeyHelper in " + *helper);
  if (const auto token = layers->variable(token_variable); token && !token->first.empty()) {
    found.settings.push_back(std::string(token_variable) + " in " + token->second);
  }
  return found;
}

}  // namespace jackin::client

// SPDX-License-Identifier: Apache-2.0
#include "client/cli/completion.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>
#include <utility>

#include "client/cli/command_line.hpp"
#include "common/scope.hpp"

namespace jackin::client {
namespace {

std::array<Candidate, 5> reference_kinds() {
  return {{{"op://", "field of a 1Password item", false},
           {"os-store:", "SERVICE/ACCOUNT in the Keychain or Secret Service", false},
           {"file:", "file that only you can read", false},
           {"env:", "variable in the daemon's environment", false},
           {"command:", "output of a program", false}}};
}

bool is_hidden(const CLI::Option& option) {
  return option.get_group().empty();
}

bool takes_value(const CLI::Option& option) {
  return option.get_items_expected_max() > 0;
}

std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

// What the words before the completed word mean for its completion.
class Typed {
 public:
  Typed(const CLI::App& app, const std::vector<std::string>& words) : app_(&app) {
    const auto before = words.empty() ? words.end() : std::prev(words.end());
    for (const std::string& word : with_format_behind_command(app, {words.begin(), before})) read(word);
    current_ = words.empty() ? std::string() : words.back();
  }

  Completion completion(const LiveNames& names) const {
    if (wants_value_ != nullptr) return values(*wants_value_, names, {});
    if (is_behind_exec()) return {{}, PathKind::file, 0};
    const bool is_option = !only_arguments_ && current_.starts_with('-');
    if (const auto equals = current_.find('='); is_option && equals != std::string::npos) {
      const CLI::Option* option = app_->get_option_no_throw(current_.substr(0, equals));
      if (option == nullptr || !takes_value(*option)) return {};
      return values(*option, names, current_.substr(0, equals + 1));
    }
    if (is_option) return {options()};
    Completion found;
    if (given_.empty() && !only_arguments_) found.candidates = commands();
    const auto expected = positionals();
    if (given_.size() < expected.size()) {
      auto more = values(*expected[given_.size()], names, {});
      std::move(more.candidates.begin(), more.candidates.end(), std::back_inserter(found.candidates));
      found.path = more.path;
    } else if (found.candidates.empty() && current_.empty() && !only_arguments_) {
      found.candidates = options();
    }
    return found;
  }

 private:
  void read(const std::string& word) {
    if (wants_value_ != nullptr) {
      wants_value_ = nullptr;
      return;
    }
    if (std::exchange(skips_value_, false)) return;
    if (!only_arguments_ && word == "--") {
      only_arguments_ = true;
    } else if (!only_arguments_ && word.size() > 1 && word.front() == '-') {
      const auto equals = word.find('=');
      const CLI::Option* option = app_->get_option_no_throw(word.substr(0, equals));
      // The option for the format may be before the command that has it.
      if (option == nullptr) skips_value_ = word == "--format" || word == "-o";
      if (option == nullptr) return;
      used_.push_back(option);
      if (equals == std::string::npos && takes_value(*option)) wants_value_ = option;
    } else if (const CLI::App* below = command(word); below != nullptr) {
      app_ = below;
      used_.clear();
    } else {
      given_.push_back(word);
    }
  }

  // Words behind the -- of `exec` belong to the command.
  bool is_behind_exec() const { return only_arguments_ && app_->get_name() == "exec"; }

  const CLI::App* command(const std::string& name) const {
    if (!given_.empty() || only_arguments_) return nullptr;
    const auto all = app_->get_subcommands([&name](const CLI::App* below) { return below->get_name() == name; });
    return all.empty() ? nullptr : all.front();
  }

  std::vector<Candidate> commands() const {
    std::vector<Candidate> found;
    for (const CLI::App* below : app_->get_subcommands([](const CLI::App*) { return true; })) {
      if (!below->get_group().empty()) found.push_back({below->get_name(), one_line(below->get_description())});
    }
    return found;
  }

  std::vector<Candidate> options() const {
    std::vector<Candidate> found;
    for (const CLI::Option* option : app_->get_options()) {
      const bool was_given = std::find(used_.begin(), used_.end(), option) != used_.end();
      if (option->nonpositional() && !is_hidden(*option) && !was_given) {
        for (const auto& name : option->get_lnames()) {
          found.push_back({"--" + name, one_line(option->get_description())});
        }
      }
    }
    return found;
  }

  std::vector<const CLI::Option*> positionals() const {
    std::vector<const CLI::Option*> found;
    for (const CLI::Option* option : app_->get_options()) {
      if (option->get_positional()) found.push_back(option);
    }
    return found;
  }

  Completion values(const CLI::Option& option, const LiveNames& names, const std::string& before) const {
    Completion found;
    const auto offer = [&](const std::string& word) { found.candidates.push_back({before + word}); };
    const std::string type = option.get_type_name();
    if (type == workspace_type || type == scope_type) {
      for (const auto& name : names.workspaces()) {
        if (only_arguments_ || !name.starts_with('-')) offer(type == scope_type ? typed_name(name) : name);
      }
      const std::string begun = current_.substr(before.size());
      const auto colon = begun.rfind(':');
      if (type == workspace_type || colon == begun.npos) return found;
      const std::string workspace = begun.substr(0, colon);
      const std::string prefix = workspace + ":";
      for (const auto& role : names.roles(workspace)) offer(prefix + role);
    } else if (type == "ROLE") {
      if (given_.empty()) return found;
      for (const auto& name : names.roles(workspace_beside_role(given_.front()))) offer(name);
    } else if (type == "DIR") {
      found.path = PathKind::folder;
      found.path_begins = before.size();
    } else if (constexpr std::string_view file = "file:";
               type == "REF" && std::string_view(current_).substr(before.size()).starts_with(file)) {
      found.path = PathKind::file;
      found.path_begins = before.size() + file.size();
    } else if (type == "REF") {
      for (Candidate kind : reference_kinds()) {
        kind.word.insert(0, before);
        found.candidates.push_back(std::move(kind));
      }
    } else if (type.find('|') != std::string::npos) {
      for (std::size_t at = 0; at <= type.size();) {
        const auto end = std::min(type.find('|', at), type.size());
        offer(type.substr(at, end - at));
        at = end + 1;
      }
    }
    return found;
  }

  const CLI::App* app_;
  const CLI::Option* wants_value_ = nullptr;
  bool skips_value_ = false;
  bool only_arguments_ = false;
  std::vector<std::string> given_;
  std::vector<const CLI::Option*> used_;
  std::string current_;
};

}  // namespace

Completion complete(const CLI::App& app, const std::vector<std::string>& words, const LiveNames& names) {
  const Typed typed(app, words);
  Completion found = typed.completion(names);
  const std::string_view begun = words.empty() ? std::string_view() : std::string_view(words.back());
  std::erase_if(found.candidates, [&](const Candidate& candidate) { return !candidate.word.starts_with(begun); });
  return found;
}

}  // namespace jackin::client

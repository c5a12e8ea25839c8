// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/slots_writer.hpp"

#include <algorithm>
#include <filesystem>
#include <random>
#include <string_view>
#include <utility>
#include <variant>

#include "daemon/config/config_lock.hpp"
#include "daemon/config/contents.hpp"
#include "daemon/config/external_slots.hpp"
#include "daemon/config/replace_file.hpp"
#include "daemon/config/text_file.hpp"

namespace jackin::config {
namespace {

constexpr mode_t slots_mode = 0600;

struct SlotsText {
  std::filesystem::path target;
  std::string name;
  TextFile file;
};

Result<SlotsText> read_slots(const Paths& paths) {
  SlotsText slots;
  slots.name = name_of(paths.slots_file(), paths);
  TRY(slots.target, file_to_replace(paths.slots_file(), slots.name));
  TRY(slots.file, read_text_file(slots.target, slots.name));
  return slots;
}

Result<ExternalSlots> parsed(const SlotsText& slots) {
  TRY(const Document document, Document::parse(slots.file.text.view(), slots.name));
  return read_external_slots(document.root(), slots.name);
}

bool is_blank_text(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == text.npos;
}

// False when the file changed since it was read.
Result<bool> replace(const SlotsText& slots, const Secret& text, const Paths& paths) {
  const auto is_unchanged = [&] {
    const auto current = stamp_of(slots.target.native(), paths);
    return current && *current == slots.file.stamp;
  };
  return replace_file(slots.target, is_blank_text(text.view()) ? std::string_view() : text.view(), slots_mode,
                      is_unchanged);
}

// jackind's own variables whose entry names one of `references`, and that no file names.
Result<std::vector<std::string>> left_variables(const Paths& paths, const std::vector<std::string>& references) {
  TRY(const SlotsText slots, read_slots(paths));
  TRY(const ExternalSlots known, parsed(slots));
  std::vector<std::string> left;
  for (const auto& [variable, slot] : known.entries) {
    const bool is_meant =
        is_external_variable(variable) && slot.source &&
        std::find(references.begin(), references.end(), reference_of(*slot.source, paths)) != references.end();
    if (is_meant && !may_be_named(paths, variable)) left.push_back(variable);
  }
  return left;
}

}  // namespace

Result<> read_external_source(AuthKeys& keys, const Paths& paths) {
  const bool has_variable = keys.env_entry && std::holds_alternative<secrets::ClientEnvSource>(keys.env_entry->source);
  if (!has_variable) return {};
  TRY(const SlotsText slots, read_slots(paths));
  TRY(const ExternalSlots entries, parsed(slots));
  return add_external_source(keys, entries);
}

Result<> write_external_slot(const Paths& paths, const std::string& variable, const secrets::CredentialSource* source) {
  // Editors do not take jackin's lock.
  for (int attempt = 0; attempt < 5; ++attempt) {
    TRY(const SlotsText slots, read_slots(paths));
    TRY(const Secret after, edited_external_slots(slots.file.text.view(), slots.name, variable, source));
    const bool is_unchanged = after.same_as(slots.file.text) && (source == nullptr || slots.file.stamp.exists);
    if (is_unchanged) return {};
    TRY(const bool replaced, replace(slots, after, paths));
    if (replaced) return {};
  }
  return failure(Reason::config_conflict, "another program keeps writing " + name_of(paths.slots_file(), paths),
                 Remedy::try_again("when the editor that has it open is closed"));
}

Result<> expect_slots_writable(const Paths& paths) {
  TRY(const SlotsText slots, read_slots(paths));
  TRY(parsed(slots));
  return expect_replaceable(slots.target);
}

namespace {

// The layer of `except` does not count.
bool may_be_named_beside(const Paths& paths, const std::string& variable, const Scope* except) {
  ConfigurationOnDisk configuration(paths);
  const auto entries = configuration.scopes();
  if (!entries) return true;
  const auto names = [&](const ScopeEntry& entry) {
    if (entry.error) return true;
    const auto layer = configuration.layer(entry.scope);
    if (!layer) return true;
    const auto* const own = layer->keys.variable();
    const bool is_excepted = except != nullptr && entry.scope == *except;
    if (own != nullptr && *own == variable && !is_excepted) return true;
    if (entry.scope.has_role()) return false;
    const auto mentions = configuration.mentions_in(entry.scope.workspace_name());
    return !mentions || std::any_of(mentions->begin(), mentions->end(), [&](const Mention& mention) {
      return mention.source == secrets::CredentialSource(secrets::ClientEnvSource{variable});
    });
  };
  if (std::any_of(entries->begin(), entries->end(), names)) return true;
  // Listed after the reading: a file that was renamed meanwhile was not read.
  const auto files = configuration.workspace_files();
  if (!files || !files->refused.empty()) return true;
  return std::any_of(files->names.begin(), files->names.end(), [&](const std::string& name) {
    return std::none_of(entries->begin(), entries->end(),
                        [&](const ScopeEntry& entry) { return entry.scope.workspace_name() == name; });
  });
}

}  // namespace

bool may_be_named(const Paths& paths, const std::string& variable) {
  return may_be_named_beside(paths, variable, nullptr);
}

Result<std::string> variable_for(const Paths& paths, const Scope& scope, const std::string* known) {
  if (known != nullptr && !may_be_named_beside(paths, *known, &scope)) return *known;
  TRY(const SlotsText slots, read_slots(paths));
  TRY(const ExternalSlots taken, parsed(slots));
  std::string variable = external_variable(scope);
  for (int attempt = 2; taken.entries.contains(variable); ++attempt) variable = external_variable(scope, attempt);
  if (!may_be_named_beside(paths, variable, nullptr)) return variable;
  // A file that cannot be read may name any variable, but hardly this one.
  std::random_device random;
  do {
    variable = external_variable(scope, std::uniform_int_distribution<int>(1'000'000)(random));
  } while (taken.entries.contains(variable));
  return variable;
}

Result<> remove_left_slots(const Paths& paths, const std::vector<std::string>& references) {
  const auto before = left_variables(paths, references);
  if (!before || before->empty()) return {};
  TRY(const ConfigLock lock, ConfigLock::acquire(paths));
  TRY(const std::vector<std::string> left, left_variables(paths, references));
  // An empty folder can be a mount point.
  TRY(const WorkspaceFiles files, list_workspace_files(paths));
  if (files.names.empty()) return {};
  for (const std::string& variable : left) {
    TRY(write_external_slot(paths, variable, nullptr));
  }
  return {};
}

}  // namespace jackin::config

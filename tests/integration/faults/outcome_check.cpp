// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/faults/outcome_check.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "common/remedy_command.hpp"
#include "common/words.hpp"
#include "daemon/config/contents.hpp"
#include "daemon/config/replace_file.hpp"
#include "daemon/lifecycle/recovery.hpp"
#include "daemon/lifecycle/relocation.hpp"
#include "daemon/lifecycle/system_check.hpp"
#include "daemon/secrets/op_cli.hpp"
#include "daemon/state/journal_detail.hpp"
#include "tests/integration/faults/daemon_instance.hpp"
#include "tests/support/child_process.hpp"

namespace jackin::faults {
namespace fs = std::filesystem;

namespace {

using Files = std::map<std::string, std::string>;

constexpr std::size_t id_length = 26;
// A piece of a token with this length is found wherever it is. The prefix, which all tokens share, is no piece.
constexpr std::size_t piece_length = 12;
constexpr std::size_t piece_step = 4;

bool is_id_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '2' && c <= '7');
}

// The state and the reports of the daemon after it was started again.
struct Aftermath {
  std::vector<state::OperationRecord> unfinished;
  std::vector<health::Finding> leftovers;
  std::map<Scope, secrets::CredentialSource> sources;  // by the layer that contains them
  std::map<Scope, health::ProbeAnswer> answers;
  std::vector<std::string> unrecorded;  // created tokens whose fate is no longer recorded
  std::string words;
};

std::set<std::string> created_by(const std::vector<state::OperationRecord>& operations) {
  std::set<std::string> fingerprints;
  for (const auto& operation : operations) {
    const auto detail = state::journal_detail_from(operation.detail);
    if (detail && detail->minted && detail->fingerprint) fingerprints.insert(detail->fingerprint->str());
  }
  return fingerprints;
}

Aftermath start_again(Sandbox& sandbox, StoreFixture& fixture, const Saga& saga) {
  Aftermath after;
  DaemonInstance daemon(sandbox, fixture, false);
  saga.configure(daemon.settings);
  auto sweep = [&sandbox] { return config::remove_abandoned_writes(sandbox.paths); };
  const auto swept = daemon.run(daemon.pool().run(std::move(sweep)));
  if (!swept) after.words += "sweep: " + swept.error().message + "\n";
  const auto created = created_by(daemon.database().unfinished_operations().value());
  lifecycle::Recovery recovery(daemon.deps(), daemon.deps().clock.uptime());
  const auto recovered = daemon.run(recovery.run(sandbox.environment()));
  if (!recovered) throw std::runtime_error("recovery fails: " + recovered.error().message);
  for (const auto& each : *recovered) {
    after.words += "recovered: " + std::string(word_of(each.outcome)) + ": " + each.message + "\n";
  }
  lifecycle::Relocation relocation(daemon.deps());
  const auto moved = daemon.run(relocation.run());
  if (!moved) throw std::runtime_error("the relocation fails: " + moved.error().message);
  for (const auto& each : *moved) {
    after.words += "moved: " + std::string(word_of(each.outcome)) + ": " + each.message + "\n";
  }
  after.unfinished = daemon.database().unfinished_operations().value();
  auto recorded = created_by(after.unfinished);
  const auto tokens = daemon.database().tokens().value();
  for (const auto& token : tokens) recorded.insert(token.fingerprint.str());
  const auto discarded = daemon.database().discarded().value();
  for (const auto& token : discarded) recorded.insert(token.fingerprint.str());
  for (const auto& fingerprint : created) {
    if (!recorded.contains(fingerprint)) after.unrecorded.push_back(fingerprint);
  }
  const std::vector<secrets::Store*> no_stores;
  secrets::OpCli op(daemon.programs(), daemon.deps().clock);
  const auto core = daemon.run(lifecycle::check_system(
      {daemon.pool(), daemon.deps().named_files, daemon.programs(), daemon.database(), no_stores, op, sandbox.paths},
      sandbox.environment(), {}, {}));
  after.leftovers = core.value().leftovers;
  config::ConfigurationOnDisk configuration(sandbox.paths);
  const auto entries = configuration.scopes().value();
  for (const auto& entry : entries) {
    const auto layer = configuration.layer(entry.scope);
    if (!layer) {
      after.words += entry.scope.str() + ": " + layer.error().message + "\n";
      continue;
    }
    if (const auto* const source = layer->keys.source()) after.sources.emplace(entry.scope, *source);
  }
  for (const auto& [scope, source] : after.sources) {
    // No operation is about it alone; a correct value is enough.
    if (scope.workspace_name() == "other") continue;
    const auto report = daemon.run(daemon.health().examine(scope, sandbox.environment(), true, false));
    if (!report) throw std::runtime_error("doctor fails: " + report.error().message);
    after.answers.emplace(scope, report->answer);
  }
  for (const auto& finding : after.leftovers) {
    after.words += "leftover: " + finding.message + " | " + command_line(finding.remedy) + "\n";
  }
  return after;
}

// Starts a daemon while the configuration is unavailable: a folder that is not mounted yet.
void start_without_configuration(Sandbox& sandbox, StoreFixture& fixture, const Saga& saga) {
  const fs::path away = sandbox.home / "away";
  fs::rename(sandbox.paths.config_dir, away);
  {
    DaemonInstance daemon(sandbox, fixture, false);
    saga.configure(daemon.settings);
    lifecycle::Recovery recovery(daemon.deps(), daemon.deps().clock.uptime());
    if (!daemon.run(recovery.run(sandbox.environment()))) throw std::runtime_error("recovery fails");
  }
  fs::remove_all(sandbox.paths.config_dir);
  fs::rename(away, sandbox.paths.config_dir);
}

class OutcomeCheck {
 public:
  OutcomeCheck(const Recording& recording, Sandbox& sandbox, const Fault& fault, const Outcome& outcome)
      : recording_(recording),
        fixture_(recording.fixture()),
        sandbox_(sandbox),
        fault_(fault),
        outcome_(outcome),
        items_before_(fixture_.stored_items(recording.before())) {
    for (const auto& stored_item : items_before_) remember_ids(stored_item.id + " " + stored_item.operation);
    for (const auto& [name, text] : recording.configuration_before()) remember_ids(text);
  }

  std::vector<std::string> verdict() {
    outcome();
    if (fault_.kind == Fault::Kind::kill_config_unavailable) {
      start_without_configuration(sandbox_, fixture_, recording_.saga());
    }
    if (fs::exists(sandbox_.home / before_typing)) {
      fs::remove_all(sandbox_.paths.config_dir);
      fs::rename(sandbox_.home / before_typing, sandbox_.paths.config_dir);
    }
    after_ = start_again(sandbox_, fixture_, recording_.saga());
    fixture_.save_store(sandbox_);
    stored_items_ = fixture_.stored_items(sandbox_);
    configuration();
    discarded_tokens();
    configured_tokens();
    check_own_items();
    check_foreign_items();
    tokens_elsewhere();
    if (!wrong_.empty()) wrong_.push_back(outcome_.words + after_.words);
    return std::move(wrong_);
  }

 private:
  void wrong(std::string sentence) { wrong_.push_back(std::move(sentence)); }

  void remember_ids(const std::string& text) {
    each_id(text, [&](std::size_t at) { known_ids_.insert(text.substr(at, id_length)); });
  }

  template <typename Visit>
  static void each_id(const std::string& text, Visit visit) {
    for (std::size_t at = 0; at < text.size();) {
      std::size_t end = at;
      while (end < text.size() && is_id_letter(text[end])) ++end;
      if (end - at == id_length) visit(at);
      at = std::max(end, at + 1);
    }
  }

  // Replaces new ids with one text, because they differ between runs.
  std::string alike(std::string text) const {
    each_id(text, [&](std::size_t at) {
      if (!known_ids_.contains(text.substr(at, id_length))) text.replace(at, id_length, std::string(id_length, '*'));
    });
    return text;
  }

  void outcome() {
    const bool kills = fault_.kind == Fault::Kind::kill || fault_.kind == Fault::Kind::kill_halfway ||
                       fault_.kind == Fault::Kind::kill_config_unavailable;
    if (kills != outcome_.killed) wrong(kills ? "it was not killed" : "it was killed");
    if (!kills && !outcome_.answered) wrong("it ended without an answer");
    if (outcome_.answered && fault_.kind != Fault::Kind::none && !outcome_.injected)
      wrong("it came by another way: no blow fell");
  }

  void configuration() {
    Files now = sandbox_.configuration();
    std::set<std::string> edited;
    if (fault_.kind == Fault::Kind::edit_elsewhere) edited = remove_edits(now);
    const fs::path own = sandbox_.home / own_edit;
    if (fs::exists(own)) {
      own_keys_edited_ = true;
      if (now["workspaces/my-app.toml"] != test::read_file(own)) {
        wrong("workspaces/my-app.toml is not as the user edited it: " + now["workspaces/my-app.toml"]);
      }
    }
    std::set<std::string> names;
    const std::vector<Files> all{now, recording_.configuration_before(), recording_.configuration_after()};
    for (const Files& files : all) {
      for (const auto& [name, text] : files) names.insert(name);
    }
    // By operation: whether some of it is as before, and some as after.
    std::map<std::string, std::pair<bool, bool>> seen;
    for (const auto& name : names) {
      if (own_keys_edited_ && name == "workspaces/my-app.toml") continue;
      const auto is = text_of(now, name);
      const bool old_text = is == text_of(recording_.configuration_before(), name);
      const bool new_text = is == text_of(recording_.configuration_after(), name) ||
                            is == text_of(recording_.configuration_otherwise(), name);
      if (!old_text && !new_text) wrong(name + " is neither as before nor as after: " + is.value_or("(no file)"));
      auto& [some_old, some_new] = seen[recording_.saga().operation_on(name)];
      some_old = some_old || !new_text;
      some_new = some_new || !old_text;
    }
    // When one of several scopes could not be written, it stays unchanged and the answer reports it.
    const bool parts_reported = outcome_.answered && has_additional_message();
    bool some_old = false;
    bool some_new = false;
    for (const auto& [operation, halves] : seen) {
      if (halves.first && halves.second && !parts_reported) wrong("half as before and half as after: " + operation);
      some_old = some_old || halves.first;
      some_new = some_new || halves.second;
    }
    is_new_ = some_new;
    if (!outcome_.answered || own_keys_edited_ || parts_reported) return;
    if (outcome_.success && some_old) wrong("it said that it was done, and it is not wired");
    if (!outcome_.success && some_new) wrong("it said that it had failed, and it is wired");
  }

  bool has_additional_message() const {
    std::istringstream words(outcome_.words);
    for (std::string line; std::getline(words, line);) {
      const bool is_notice = line.starts_with("notice ") && line.find("could not be checked") == line.npos;
      if (is_notice && recording_.words().find(line) == std::string::npos) return true;
    }
    return false;
  }

  std::optional<std::string> text_of(const Files& files, const std::string& name) const {
    const auto found = files.find(name);
    // The daemon creates this file, and leaves it without its last entry.
    const bool has_no_entry = name == "jackind-slots.toml" && found != files.end() && found->second.empty();
    return found == files.end() || has_no_entry ? std::nullopt : std::optional(alike(found->second));
  }

  std::set<std::string> remove_edits(Files& files) {
    std::set<std::string> edited;
    if (!fs::exists(sandbox_.home / edited_list)) return edited;
    const std::string mark = edit_mark;
    std::istringstream list(test::read_file(sandbox_.home / edited_list));
    for (std::string name; std::getline(list, name);) {
      edited.insert(name);
      std::string& text = files[name];
      if (text.starts_with(mark)) {
        text.erase(0, mark.size());
      } else {
        wrong("another program's edit of " + name + " is lost");
      }
    }
    return edited;
  }

  // A token that a store still holds, as after an edit of the slot that should name it, is not discarded.
  bool is_stored(const std::string& fingerprint) const {
    return std::any_of(valid_tokens().begin(), valid_tokens().end(), [&](const std::string& token) {
      return Digest::of(token).fingerprint().str() == fingerprint &&
             std::any_of(stored_items_.begin(), stored_items_.end(),
                         [&](const StoredItem& item) { return item.bytes.find(token) != std::string::npos; });
    });
  }

  void discarded_tokens() {
    for (const auto& fingerprint : after_.unrecorded) {
      if (is_stored(fingerprint)) continue;
      wrong("a token was created and is neither recorded nor listed as discarded: " + fingerprint);
    }
  }

  void configured_tokens() {
    for (const auto& [scope, source] : after_.sources) {
      const auto value = fixture_.value(sandbox_, source);
      const std::string what = "the token of " + scope.str() + ", " + secrets::describe(source) + ", ";
      if (!value) {
        wrong(what + "is not there");
      } else if (!valid_tokens().contains(*value)) {
        wrong(what + "is none that the API accepts");
      }
      const auto found = after_.answers.find(scope);
      if (found == after_.answers.end()) continue;
      const auto& answer = found->second;
      // The user may have changed the mode and left the token.
      const bool is_unused = own_keys_edited_ && answer.verdict == Verdict::not_managed;
      if (answer.verdict != Verdict::ok && !is_unused) {
        wrong(what + "is not well: " + std::string(word_of(answer.verdict)) + ", " + answer.summary);
      }
    }
  }

  bool is_used(const StoredItem& stored_item) const {
    return std::any_of(after_.sources.begin(), after_.sources.end(),
                       [&](const auto& entry) { return fixture_.uses(sandbox_, entry.second, stored_item); });
  }

  bool was_there(const StoredItem& stored_item) const {
    return std::any_of(items_before_.begin(), items_before_.end(),
                       [&](const StoredItem& before) { return before.id == stored_item.id; });
  }

  // Doctor names an operation that made the item, or should delete it, with the remedy.
  bool is_named(const StoredItem& stored_item) const {
    return std::any_of(after_.unfinished.begin(), after_.unfinished.end(), [&](const state::OperationRecord& record) {
      const bool about = record.id == stored_item.operation ||
                         record.detail.find(stored_item.id) != record.detail.npos ||
                         record.detail.find(fs::path(stored_item.id).filename().string()) != record.detail.npos;
      const auto detail = state::journal_detail_from(record.detail);
      return about && detail && !detail->remedy.empty();
    });
  }

  void check_own_items() {
    for (const auto& stored_item : stored_items_) {
      if (stored_item.operation.empty() || is_used(stored_item) || is_named(stored_item)) continue;
      // A user who removes a token from the configuration manually leaves its item.
      if (own_keys_edited_ && (was_there(stored_item) || outcome_.success)) continue;
      if (recording_.saga().leaves_old() && was_there(stored_item)) continue;
      wrong("adrift: " + stored_item.id + ", made by the operation " + stored_item.operation +
            (was_there(stored_item) ? " long before" : ""));
    }
  }

  void check_foreign_items() {
    const auto target = recording_.saga().writes_into();
    for (const auto& stored_item : stored_items_) {
      if (stored_item.operation.empty() && !was_there(stored_item))
        wrong("a new item that no operation accounts for: " + stored_item.id);
    }
    for (const auto& before : items_before_) {
      if (!before.operation.empty()) continue;
      const auto now = std::find_if(stored_items_.begin(), stored_items_.end(),
                                    [&](const StoredItem& stored_item) { return stored_item.id == before.id; });
      if (now == stored_items_.end()) {
        wrong("deleted though it is not jackind's: " + before.id);
        continue;
      }
      if (*now == before) continue;
      if (!target || !fixture_.uses(sandbox_, *target, before)) {
        wrong("changed though it is not jackind's: " + before.id + ": " + now->bytes);
        continue;
      }
      if (fixture_.without(sandbox_, *now, *target) != fixture_.without(sandbox_, before, *target)) {
        wrong("changed beside the field: " + before.id + ": " + now->bytes);
      }
    }
    if (target && !own_keys_edited_) written_over(*target);
  }

  // A value of the user that the operation overwrites: it must be restored when the operation failed.
  void written_over(const secrets::CredentialSource& target) {
    const bool stays_configured = recording_.configuration_before() == recording_.configuration_after();
    if (stays_configured && (outcome_.words + after_.words).find("delete it") != std::string::npos) {
      wrong("the answer suggests the deletion of a value in use");
    }
    const bool is_old = fixture_.value(sandbox_, target) == fixture_.value(recording_.before(), target);
    if (stays_configured && outcome_.success && is_old)
      wrong("it said that it was done, and the old value is in its place");
    // When the slot stays the same, its content is in use, whether the operation could report it or not. A rotation
    // that could not restore the old token reports that the new one is stored.
    const bool may_be_new =
        stays_configured ? !outcome_.answered || outcome_.success || has_additional_message() : is_new_;
    if (is_old || may_be_new) return;
    const bool named = std::any_of(stored_items_.begin(), stored_items_.end(), [&](const StoredItem& stored_item) {
      return fixture_.uses(sandbox_, target, stored_item) && is_named(stored_item);
    });
    if (!named) wrong("a value that was overwritten for nothing, and doctor is silent: " + secrets::describe(target));
  }

  void tokens_elsewhere() {
    for (const auto& entry : fs::recursive_directory_iterator(sandbox_.home.path())) {
      if (!entry.is_regular_file() || entry.is_symlink()) continue;
      const fs::path below = entry.path().lexically_relative(sandbox_.home.path());
      if (fixture_.is_store(below)) continue;
      if (recording_.saga().is_plain() && below == ".config/jackin/workspaces/my-app.toml") continue;
      if (holds_a_piece(test::read_file(entry.path()))) wrong("a token, or a piece of one, is in " + below.string());
    }
  }

  static bool holds_a_piece(const std::string& bytes) {
    for (const auto& token : valid_tokens()) {
      const std::size_t prefix = std::string("sk-ant-oat01-").size();
      for (std::size_t at = prefix; at + piece_length <= token.size(); at += piece_step) {
        if (bytes.find(token.substr(at, piece_length)) != bytes.npos) return true;
      }
    }
    return false;
  }

  const Recording& recording_;
  StoreFixture& fixture_;
  Sandbox& sandbox_;
  const Fault& fault_;
  const Outcome& outcome_;
  std::vector<StoredItem> items_before_;
  std::set<std::string> known_ids_;
  Aftermath after_;
  std::vector<StoredItem> stored_items_;
  bool is_new_ = false;
  bool own_keys_edited_ = false;
  std::vector<std::string> wrong_;
};

}  // namespace

std::vector<std::string> check_outcome(const Recording& recording, Sandbox& sandbox, const Fault& fault,
                                       const Outcome& outcome) {
  // The following starts a daemon, and with it threads.
  const auto text = test::in_child([&] {
    const nlohmann::json sentences = OutcomeCheck(recording, sandbox, fault, outcome).verdict();
    return sentences.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  });
  return nlohmann::json::parse(text).get<std::vector<std::string>>();
}

}  // namespace jackin::faults

// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/faults/fault_run.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <exception>
#include <functional>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "common/remedy_command.hpp"
#include "common/words.hpp"
#include "tests/integration/faults/daemon_instance.hpp"
#include "tests/support/child_process.hpp"

namespace jackin::faults {
namespace fs = std::filesystem;

namespace {

constexpr const char* answer_file = "answer";
constexpr const char* own_file = "workspaces/my-app.toml";
// A process that has not ended by then hangs.
constexpr unsigned longest_run_seconds = 60;

// The daemon's output.
fs::path log_of(const Sandbox& sandbox) {
  return sandbox.home / "daemon.log";
}

// An editor that does not use jackin's lock: it adds a line at the top of every file.
void edit_elsewhere(const Sandbox& sandbox) {
  std::string edited;
  for (const auto& [name, text] : sandbox.configuration()) {
    if (!name.ends_with(".toml") || fs::path(name).filename().string().starts_with('.')) continue;
    sandbox.write_configuration(name, edit_mark + text);
    edited += name + "\n";
  }
  test::write_file(sandbox.home / edited_list, edited);
}

// The user selects another mode, and removes the token.
void edit_own_keys(const Sandbox& sandbox) {
  const auto files = sandbox.configuration();
  const auto found = files.find(own_file);
  std::istringstream before(found == files.end() ? std::string() : found->second);
  std::string after;
  bool has_table = false;
  for (std::string line; std::getline(before, line);) {
    if (line.starts_with("oauth_token") || line.starts_with("auth_forward")) continue;
    after += line + "\n";
    if (line != "[claude]") continue;
    after += "auth_forward = \"sync\"\n";
    has_table = true;
  }
  if (!has_table) after += "\n[claude]\nauth_forward = \"sync\"\n";
  sandbox.write_configuration(own_file, after);
  test::write_file(sandbox.home / own_edit, after);
}

// Every file that the operation could write is temporarily not valid TOML.
void type_half(const Sandbox& sandbox) {
  fs::copy(sandbox.paths.config_dir, sandbox.home / before_typing, fs::copy_options::recursive);
  for (const auto& [name, text] : sandbox.configuration()) {
    if (name.ends_with(".toml") && !fs::path(name).filename().string().starts_with('.')) {
      sandbox.write_configuration(name, text + "\n[half\n");
    }
  }
  sandbox.write_configuration(own_file, "[half\n");
}

// One run of the operation in this process.
void run_once(const Saga& saga, Sandbox& sandbox, StoreFixture& fixture, std::size_t at, const Fault& fault) {
  DaemonInstance daemon(sandbox, fixture, true);
  saga.configure(daemon.settings);
  if (auto answer = saga.answer()) {
    daemon.user().answer = [answer = std::move(answer)]() mutable -> Result<lifecycle::ChoiceKey> {
      if (!answer) return failure(Reason::cancelled, "wants out");
      return *std::exchange(answer, std::nullopt);
    };
  }
  std::function<void()> effect;
  if (fault.kind == Fault::Kind::edit_elsewhere) effect = [&sandbox] { edit_elsewhere(sandbox); };
  if (fault.kind == Fault::Kind::edit_own_keys) effect = [&sandbox] { edit_own_keys(sandbox); };
  if (fault.kind == Fault::Kind::config_half_typed) effect = [&sandbox] { type_half(sandbox); };
  if (fault.kind == Fault::Kind::client_gone) effect = [&daemon] { daemon.user().leave(); };
  daemon.user().when_step = [](Step step) { FaultInjector::current().reach(Point::Kind::step, word_of(step)); };
  FaultInjector& injector = FaultInjector::current();
  injector.begin(sandbox.home.path(), at, fault, std::move(effect));
  const auto result = daemon.run(saga.run(daemon));
  injector.end();
  std::ostringstream words;
  words << (result ? "done" : "error") << (injector.was_injected() ? " struck" : "") << "\n";
  if (!result) {
    words << to_code(result.error().reason) << ": " << result.error().message << " | "
          << command_line(result.error().remedy) << "\n";
  }
  for (const auto& step : daemon.user().steps) words << "step " << step << "\n";
  for (const auto& notice : daemon.user().notices) words << "notice " << notice << "\n";
  for (const auto& question : daemon.user().questions) words << "question " << question << "\n";
  test::write_file(sandbox.home / answer_file, words.str());
}

[[noreturn]] void run_and_exit(const Saga& saga, Sandbox& sandbox, StoreFixture& fixture, std::size_t at,
                               const Fault& fault) {
  alarm(longest_run_seconds);
  const int log = open(log_of(sandbox).c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  int code = 0;
  try {
    fixture.restore_store(sandbox);
    run_once(saga, sandbox, fixture, at, fault);
  } catch (const std::exception& bug) {
    std::fprintf(stderr, "exception: %s\n", bug.what());
    code = 1;
  }
  std::fflush(nullptr);
  _exit(code);
}

std::string text_of(const std::vector<Point>& points) {
  auto all = nlohmann::json::array();
  for (const auto& point : points) {
    all.push_back({static_cast<int>(point.kind), point.step, point.label, point.takes_space, point.is_write});
  }
  return all.dump();
}

std::vector<Point> points_in(const std::string& text) {
  std::vector<Point> points;
  const auto all = nlohmann::json::parse(text);
  for (const auto& each : all) {
    points.push_back({static_cast<Point::Kind>(each[0].get<int>()), each[1], each[2], each[3], each[4]});
  }
  return points;
}

// A run without a fault; returns its points.
std::vector<Point> run_without_fault(const Saga& saga, Sandbox& sandbox, StoreFixture& fixture) {
  return points_in(test::in_child([&] {
    fixture.restore_store(sandbox);
    run_once(saga, sandbox, fixture, nowhere, {});
    fixture.save_store(sandbox);
    return text_of(FaultInjector::current().points());
  }));
}

}  // namespace

Recording::Recording(std::unique_ptr<StoreFixture> fixture, std::unique_ptr<Saga> saga)
    : fixture_(std::move(fixture)), saga_(std::move(saga)) {
  make_home(before_, *fixture_);
  test::in_child([this] {
    fixture_->restore_store(before_);
    prepare_home(before_, *fixture_, *saga_);
    fixture_->save_store(before_);
    return std::string();
  });
  // The calls until now do not belong to the operation.
  fs::remove(before_.home / ".fake-op.d/calls.jsonl");
  fs::remove(before_.home / ".fake-op.d/counts.json");
  configuration_before_ = before_.configuration();
  Sandbox sandbox(before_);
  claim_records(sandbox);
  points_ = run_without_fault(*saga_, sandbox, *fixture_);
  configuration_after_ = sandbox.configuration();
  configuration_otherwise_ = configuration_after_;
  if (const auto other = saga_->otherwise()) {
    Sandbox other_sandbox(before_);
    claim_records(other_sandbox);
    run_without_fault(*other, other_sandbox, *fixture_);
    configuration_otherwise_ = other_sandbox.configuration();
  }
  words_ = test::read_file(sandbox.home / answer_file);
  if (!words_.starts_with("done")) {
    throw std::runtime_error(saga_->name() + " fails when nothing goes wrong: " + words_);
  }
}

void claim_records(const Sandbox& sandbox) {
  if (!fs::exists(sandbox.paths.database())) return;
  SQLite::Database database(sandbox.paths.database().string(), SQLite::OPEN_READWRITE);
  database.exec("PRAGMA synchronous = OFF");
  for (const std::string table : {"token", "health", "handout", "remaining", "discarded"}) {
    SQLite::Statement update(database, "UPDATE " + table + " SET config_folder = ? WHERE config_folder <> ''");
    update.bind(1, fs::weakly_canonical(sandbox.paths.config_dir).string());
    update.exec();
  }
  database.exec("DELETE FROM config_folder");
}

std::vector<Fault> faults_at(const Recording& recording, std::size_t at) {
  using Kind = Fault::Kind;
  const StoreFixture& fixture = recording.fixture();
  const auto& points = recording.points();
  const Point& point = points[at];
  if (!fixture.looks_at(point)) return {};
  // SQLite is responsible for what happens between the first and the last write of a transaction.
  const bool follows_its_like = at > 0 && points[at - 1] == point;
  const bool precedes_its_like = at + 1 < points.size() && points[at + 1] == point;
  if (follows_its_like && precedes_its_like) return {};
  std::vector<Fault> faults{{Kind::kill}};
  if (point.is_write && !precedes_its_like) faults.push_back({Kind::kill_halfway});
  if (point.takes_space && !follows_its_like) faults.push_back({Kind::disk_full});
  if (point.takes_space && !precedes_its_like) faults.push_back({Kind::disk_full_once});
  // A save by a program that does not use the lock is lost when it falls between jackind's last check of the file and
  // its rename. jackind checks directly before the rename.
  const bool configuration = point.label.find(".toml") != point.label.npos && !point.label.starts_with("rename");
  if (point.kind != Point::Kind::disk || configuration) {
    faults.push_back({Kind::edit_elsewhere});
    faults.push_back({Kind::edit_own_keys});
  }
  if (point.kind != Point::Kind::disk) faults.push_back({Kind::client_gone});
  const bool is_writing = point.kind == Point::Kind::step && point.label == word_of(Step::write_config);
  if (is_writing) faults.push_back({Kind::config_half_typed});
  // Before the write and after it: the next start must not conclude anything from an unavailable configuration.
  const bool is_about_to_write = point.kind == Point::Kind::disk && point.label.starts_with("rename") &&
                                 point.label.find(".toml") != point.label.npos;
  if (is_about_to_write || is_writing) faults.push_back({Kind::kill_config_unavailable});
  const bool wrote_before = at > 0 && points[at - 1].kind == Point::Kind::disk &&
                            points[at - 1].label.starts_with("rename") &&
                            points[at - 1].label.find(".toml") != std::string::npos;
  if (wrote_before && !is_about_to_write) faults.push_back({Kind::kill_config_unavailable});
  if (point.kind == Point::Kind::api) {
    faults.push_back({Kind::api_rejects});
    faults.push_back({Kind::api_is_silent});
  }
  if (point.kind == Point::Kind::before_call) {
    for (const auto& fault : fixture.faults_of(point.label)) faults.push_back({Kind::call, fault.name});
  }
  return faults;
}

Outcome run_with(const Recording& recording, Sandbox& sandbox, std::size_t at, const Fault& fault) {
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("fork failed");
  if (child == 0) run_and_exit(recording.saga(), sandbox, recording.fixture(), at, fault);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  Outcome outcome;
  outcome.killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  outcome.answered = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  if (outcome.answered) {
    outcome.words = test::read_file(sandbox.home / answer_file);
    const std::string first = outcome.words.substr(0, outcome.words.find('\n'));
    outcome.success = first.starts_with("done");
    outcome.injected = first.ends_with(" struck");
  } else if (!outcome.killed) {
    outcome.words = "ended with status " + std::to_string(status) + ": " + test::read_file(log_of(sandbox));
  }
  recording.fixture().set_fault(sandbox, nullptr);
  return outcome;
}

}  // namespace jackin::faults

// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "client/service/service_files.hpp"
#include "client/service/service_installer.hpp"
#include "common/os/command.hpp"
#include "common/os/find_paths.hpp"
#include "common/outside_text.hpp"
#include "common/scope.hpp"

namespace jackin::client {
namespace fs = std::filesystem;
namespace {

// jackind.service sets TimeoutStopSec= to eight minutes, and systemctl waits until the daemon exits.
constexpr std::chrono::minutes longest_systemctl{10};
// A client can start another daemon before the manager's socket is ready. That daemon is stopped too.
constexpr int most_tries = 3;

constexpr const char* service_name = "jackind.service";
constexpr const char* socket_name = "jackind.socket";

class UnitInstaller final : public ServiceInstaller {
 public:
  UnitInstaller(Environment environment, std::vector<fs::path> packaged)
      : environment_(std::move(environment)), packaged_(std::move(packaged)) {}

  Result<ServiceOutcome> install(const ServiceDescription& service, const EndRunning& end_running) override;
  Result<ServiceOutcome> uninstall(const EndRunning& end_running) override;

 private:
  using Words = std::vector<std::string>;

  Result<> find_manager();
  Result<fs::path> folder() const;
  // Returns the units of a package that start the same program at the same place; nothing when there are none.
  Result<std::vector<fs::path>> packaged_units(const ServiceDescription& service) const;
  bool any_packaged() const;

  Result<CommandResult> systemctl(Words words) const;
  Result<> order(const Words& words) const;
  bool is_so(const Words& words) const;
  bool is_running() const { return is_so({"is-active", "--quiet", socket_name}); }
  bool is_enabled() const {
    return is_so({"is-enabled", "--quiet", socket_name}) && is_so({"is-enabled", "--quiet", service_name});
  }
  Result<> take_up(const EndRunning& end_running) const;
  void take_back(const ServiceFiles& files) const;

  Environment environment_;
  std::vector<fs::path> packaged_;
  std::string systemctl_;
};

Result<> UnitInstaller::find_manager() {
  auto found = locate_command("systemctl", environment_);
  if (!found) {
    return failure(Reason::unsupported, "no systemctl on PATH: without systemd, the first client starts jackind",
                   Remedy::of(RemedyAction::start_daemon));
  }
  systemctl_ = std::move(*found);
  return {};
}

Result<fs::path> UnitInstaller::folder() const {
  const fs::path configured = environment_.value_of("XDG_CONFIG_HOME");
  if (configured.is_absolute()) return configured / "systemd" / "user";
  TRY(const Paths paths, find_paths(environment_));
  return paths.home / ".config" / "systemd" / "user";
}

Result<std::vector<fs::path>> UnitInstaller::packaged_units(const ServiceDescription& service) const {
  // A user with non-default folders needs units that set them.
  if (!service.overrides.variables().empty()) return std::vector<fs::path>();
  for (const fs::path& folder : packaged_) {
    TRY(const auto unit, read_whole(folder / service_name));
    TRY(const auto socket, read_whole(folder / socket_name));
    if (!unit && !socket) continue;
    // The first folder that has the units takes precedence.
    if (!unit || !socket || !has_same_line(*unit, service_unit(service), "ExecStart") ||
        !has_same_line(*socket, socket_unit(service), "ListenStream")) {
      break;
    }
    return std::vector<fs::path>{folder / service_name, folder / socket_name};
  }
  return std::vector<fs::path>();
}

bool UnitInstaller::any_packaged() const {
  for (const fs::path& folder : packaged_) {
    std::error_code error;
    if (fs::exists(folder / socket_name, error)) return true;
  }
  return false;
}

Result<CommandResult> UnitInstaller::systemctl(Words words) const {
  words.insert(words.begin(), {systemctl_, "--user"});
  return run_command(words, environment_, longest_systemctl);
}

Result<> UnitInstaller::order(const Words& words) const {
  TRY(const CommandResult result, systemctl(words));
  if (result.exit_code == 0) return {};
  // systemctl(1): `show` only needs a manager that answers.
  if (!is_so({"show", "--property=Version"})) {
    return failure(Reason::unsupported, "no systemd user session here (container, sudo or su?)",
                   Remedy::of(RemedyAction::start_daemon));
  }
  std::string line = "systemctl --user";
  for (const std::string& word : words) line += " " + word;
  const std::string said = outside_text(result.output, {}, 600);
  return failure(
      Reason::program_failed,
      "`" + line + "` failed" + (said.empty() ? " (exit " + std::to_string(result.exit_code) + ")" : ": " + said),
      Remedy::of_name(RemedyAction::show_service, std::string(service_name)));
}

bool UnitInstaller::is_so(const Words& words) const {
  const auto result = systemctl(words);
  return result && result->exit_code == 0;
}

Result<> UnitInstaller::take_up(const EndRunning& end_running) const {
  for (int tries = 1;; ++tries) {
    TRY(end_running());
    const auto enabled = order({"enable", "--now", socket_name, service_name});
    if (enabled || tries == most_tries) return enabled;
    static_cast<void>(systemctl({"reset-failed", socket_name, service_name}));
  }
}

void UnitInstaller::take_back(const ServiceFiles& files) const {
  // The result is ignored: the original error is reported.
  static_cast<void>(systemctl({"disable", "--now", socket_name, service_name}));
  files.restore();
  static_cast<void>(systemctl({"daemon-reload"}));
  if (files.any()) static_cast<void>(systemctl({"enable", "--now", socket_name, service_name}));
}

Result<ServiceOutcome> UnitInstaller::install(const ServiceDescription& service, const EndRunning& end_running) {
  TRY(find_manager());
  TRY(const fs::path own, folder());
  TRY(const ServiceFiles files, ServiceFiles::read({own / service_name, own / socket_name}));
  TRY(const auto packaged, packaged_units(service));
  std::vector<ServiceFiles::Text> wanted{service_unit(service), socket_unit(service)};
  ServiceOutcome outcome;
  outcome.files = {own / service_name, own / socket_name};
  if (!packaged.empty()) {
    wanted = {std::nullopt, std::nullopt};
    outcome.files = packaged;
  }
  const bool right = files.are(wanted);
  if (right && is_running() && is_enabled()) return outcome;

  outcome.changed = true;
  if (right) {
    TRY(take_up(end_running));
    return outcome;
  }
  // Check that the manager can be reached before anything is changed.
  TRY(order({"daemon-reload"}));
  if (files.any()) {
    // The old units are disabled while their own text is in place: it names their sockets and their install targets.
    TRY(end_running());
    TRY(order({"disable", "--now", socket_name, service_name}));
  }
  TRY(files.write(wanted));
  auto done = order({"daemon-reload"});
  if (done) done = take_up(end_running);
  if (!done) {
    take_back(files);
    done.error().message += "; the installation was undone";
    return failure(std::move(done.error()));
  }
  return outcome;
}

Result<ServiceOutcome> UnitInstaller::uninstall(const EndRunning& end_running) {
  TRY(const fs::path own, folder());
  TRY(const ServiceFiles files, ServiceFiles::read({own / service_name, own / socket_name}));
  ServiceOutcome outcome;
  if (!files.any() && !any_packaged()) return outcome;
  TRY(find_manager());
  const bool active = is_running() || is_so({"is-active", "--quiet", service_name});
  if (!files.any() && !active && !is_so({"is-enabled", "--quiet", socket_name}) &&
      !is_so({"is-enabled", "--quiet", service_name})) {
    return outcome;
  }
  // jackinctl stops the daemon before the manager does, so that the user sees what the daemon waits for.
  if (active) {
    TRY(end_running());
  }
  TRY(order({"disable", "--now", socket_name, service_name}));
  TRY(files.write({std::nullopt, std::nullopt}));
  outcome.changed = true;
  outcome.files = files.there();
  if (files.any()) {
    TRY(order({"daemon-reload"}));
  }
  return outcome;
}

}  // namespace

std::vector<fs::path> packaged_unit_folders() {
  return {"/etc/systemd/user", "/usr/local/lib/systemd/user", "/usr/lib/systemd/user"};
}

std::unique_ptr<ServiceInstaller> unit_installer(Environment environment, std::vector<fs::path> packaged) {
  return std::make_unique<UnitInstaller>(std::move(environment), std::move(packaged));
}

}  // namespace jackin::client

// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "client/service/service_files.hpp"
#include "client/service/service_installer.hpp"
#include "common/os/command.hpp"
#include "common/os/find_paths.hpp"
#include "common/outside_text.hpp"
#include "common/untrusted_text.hpp"

namespace jackin::client {
namespace fs = std::filesystem;
namespace {

// The plist's ExitTimeOut is eight minutes, and bootout may wait until the daemon exits.
constexpr std::chrono::minutes longest_launchctl{10};
constexpr const char* label = "dev.jackin.jackind";

// launchd does not create the folders of the socket and of its log (launchd.plist(5)). With launchd's own modes, other
// users could open these folders.
Result<> make_private_folders(const ServiceDescription& service) {
  for (const fs::path& folder : {service.paths.state_dir, service.paths.log_dir(), service.paths.runtime_dir}) {
    std::error_code error;
    fs::create_directories(folder.parent_path(), error);
    if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
      return failure(error_from_errno("cannot make " + printable(folder.string(), 1000), errno));
    }
  }
  return {};
}

// Uses launchctl(1). A user's agents belong to the domain of the graphical session, gui/UID.
class LaunchAgentInstaller final : public ServiceInstaller {
 public:
  explicit LaunchAgentInstaller(Environment environment) : environment_(std::move(environment)) {}

  Result<ServiceOutcome> install(const ServiceDescription& service, const EndRunning& end_running) override;
  Result<ServiceOutcome> uninstall(const EndRunning& end_running) override;

 private:
  using Words = std::vector<std::string>;

  Result<> find_manager();
  Result<fs::path> agent() const;
  Result<CommandResult> launchctl(Words words) const;
  Result<> order(const Words& words) const;
  bool is_loaded() const;
  Result<> load(const fs::path& agent) const;

  static std::string domain() { return "gui/" + std::to_string(getuid()); }
  static std::string target() { return domain() + "/" + label; }

  Environment environment_;
  std::string launchctl_;
};

Result<> LaunchAgentInstaller::find_manager() {
  auto found = locate_command("launchctl", environment_);
  if (!found) {
    return failure(Reason::unsupported, "no launchctl on PATH: without launchd, the first client starts jackind",
                   Remedy::of(RemedyAction::start_daemon));
  }
  launchctl_ = std::move(*found);
  return {};
}

Result<fs::path> LaunchAgentInstaller::agent() const {
  TRY(const Paths paths, find_paths(environment_));
  return paths.home / "Library" / "LaunchAgents" / (std::string(label) + ".plist");
}

Result<CommandResult> LaunchAgentInstaller::launchctl(Words words) const {
  words.insert(words.begin(), launchctl_);
  return run_command(words, environment_, longest_launchctl);
}

Result<> LaunchAgentInstaller::order(const Words& words) const {
  TRY(const CommandResult result, launchctl(words));
  if (result.exit_code == 0) return {};
  std::string line = "launchctl";
  for (const std::string& word : words) line += " " + printable(word, 1000);
  const std::string said = outside_text(result.output, {}, 600);
  return failure(
      Reason::program_failed,
      "`" + line + "` failed" + (said.empty() ? " (exit " + std::to_string(result.exit_code) + ")" : ": " + said),
      Remedy::of_name(RemedyAction::show_service, target()));
}

bool LaunchAgentInstaller::is_loaded() const {
  const auto result = launchctl({"print", target()});
  return result && result->exit_code == 0;
}

Result<> LaunchAgentInstaller::load(const fs::path& agent) const {
  // An agent that the user once disabled stays disabled through any number of bootstraps.
  TRY(order({"enable", target()}));
  return order({"bootstrap", domain(), agent.string()});
}

Result<ServiceOutcome> LaunchAgentInstaller::install(const ServiceDescription& service, const EndRunning& end_running) {
  TRY(find_manager());
  TRY(const fs::path path, agent());
  TRY(const ServiceFiles files, ServiceFiles::read({path}));
  const std::vector<ServiceFiles::Text> wanted{launch_agent(service)};
  const bool loaded = is_loaded();
  ServiceOutcome outcome;
  outcome.files = {path};
  if (loaded && files.are(wanted)) return outcome;

  outcome.changed = true;
  TRY(make_private_folders(service));
  TRY(end_running());
  if (loaded) {
    TRY(order({"bootout", target()}));
  }
  auto done = files.write(wanted);
  if (done) done = load(path);
  if (!done) {
    files.restore();
    // The result is ignored: the original error is reported.
    if (loaded && files.any()) static_cast<void>(load(path));
    done.error().message += "; the installation was undone";
    return failure(std::move(done.error()));
  }
  return outcome;
}

Result<ServiceOutcome> LaunchAgentInstaller::uninstall(const EndRunning& end_running) {
  TRY(const fs::path path, agent());
  TRY(const ServiceFiles files, ServiceFiles::read({path}));
  ServiceOutcome outcome;
  if (!files.any()) return outcome;
  TRY(find_manager());
  if (is_loaded()) {
    TRY(end_running());
    TRY(order({"bootout", target()}));
  }
  TRY(files.write({std::nullopt}));
  outcome.changed = true;
  outcome.files = files.there();
  return outcome;
}

}  // namespace

std::unique_ptr<ServiceInstaller> launch_agent_installer(Environment environment) {
  return std::make_unique<LaunchAgentInstaller>(std::move(environment));
}

}  // namespace jackin::client

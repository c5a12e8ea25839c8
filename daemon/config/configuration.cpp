// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/configuration.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>

#include "daemon/async/loops.hpp"

namespace jackin::config {
namespace {

// After so many errors the old ones are dropped: clients choose the names of files. An error is used at once, or within
// the visits of one batch of `each_workspace`, so one from so many reads ago is not needed.
constexpr std::uint64_t many_errors = 1024;

// A batch of files that a thread reads before they are visited. In a larger batch a file is visited long after it was
// read; in a smaller one the hand-over to the thread costs more than the read.
constexpr std::size_t read_at_once = 64;

}  // namespace

/// The files as they were last read.
class Configuration::LastRead final : public Contents {
 public:
  using Seen = FileReader::Seen;
  using Contents::Contents;
  using Contents::global_file;
  using Contents::path_of;
  using Contents::slots_file;

  std::shared_ptr<const ParsedFile> known(const std::string& path) const {
    const auto found = files_.find(path);
    return found != files_.end() && found->second.read ? *found->second.read : nullptr;
  }

  void take(const std::string& path, Seen seen) {
    if (!seen.read && ++errors_ > many_errors) drop_errors_before(seen.order);
    Seen& last = files_[path];
    // A later read of the file may have ended first. If it only timed out, the earlier one knows more.
    const bool has_timed_out = !last.read && last.read.error().reason == Reason::timed_out;
    if (seen.order < last.order && !(seen.read && has_timed_out)) return;
    if (seen.read && (path == global_file() || path == slots_file())) {
      const FileStamp& stamp = (*seen.read)->stamp;
      if (std::exchange(global_stamps_[path], stamp) != stamp) ++global_changes_;
    }
    last = std::move(seen);
  }

  void take(Result<WorkspaceFiles> listed) { listed_ = std::move(listed); }

  Result<WorkspaceFiles> workspace_files() const override { return listed_; }

  std::size_t global_changes() const { return global_changes_; }

 private:
  ReadFile file_at(const std::string& path) override {
    const auto found = files_.find(path);
    if (found != files_.end()) return found->second.read;
    static const auto no_file = std::make_shared<const ParsedFile>();
    return no_file;
  }

  void forget_file(const std::string& path) override { files_.erase(path); }
  std::size_t count_files() const override { return files_.size(); }

  void drop_errors_before(std::uint64_t order) {
    errors_ = 0;
    std::erase_if(files_,
                  [&](const auto& file) { return !file.second.read && file.second.order + many_errors < order; });
  }

  std::map<std::string, Seen> files_;
  std::uint64_t errors_ = 0;  // since old ones were dropped
  Result<WorkspaceFiles> listed_;
  std::map<std::string, std::optional<FileStamp>> global_stamps_;
  std::size_t global_changes_ = 0;
};

Configuration::Configuration(const Paths& paths, Clock& clock, FileCalls calls)
    : last_read_(std::make_unique<LastRead>(paths)),
      reader_(
          paths, clock,
          [this] {
            if (changed_) changed_();
          },
          std::move(calls)) {}
Configuration::~Configuration() = default;

void Configuration::on_answering_again(std::function<void()> changed) {
  changed_ = std::move(changed);
}

Contents& Configuration::last_read() {
  return *last_read_;
}

std::size_t Configuration::global_changes() const {
  return last_read_->global_changes();
}

const Paths& Configuration::paths() const {
  return last_read_->paths();
}

asio::awaitable<void> Configuration::read(std::vector<std::string> workspaces, Clock::Duration limit) {
  std::vector<FileReader::Wanted> files;
  files.push_back({last_read_->global_file(), nullptr});
  files.push_back({last_read_->slots_file(), nullptr});
  for (const std::string& workspace : workspaces) {
    if (!workspace.empty()) files.push_back({last_read_->path_of(workspace), nullptr});
  }
  for (auto& file : files) file.known = last_read_->known(file.path);
  auto seen = co_await reader_.read(files, limit);
  for (std::size_t i = 0; i < files.size(); ++i) last_read_->take(files[i].path, std::move(seen[i]));
}

asio::awaitable<void> Configuration::read_files_of(const Scope& scope, Clock::Duration limit) {
  std::vector<std::string> workspaces;
  if (!scope.is_global()) workspaces.push_back(scope.workspace_name());
  co_await read(std::move(workspaces), limit);
  if (scope.is_global()) co_return;
  const auto known = last_read_->known(last_read_->path_of(scope.workspace_name()));
  if (!known || known->stamp.exists) co_return;
  auto listed = co_await reader_.list(limit);
  last_read_->take(std::move(listed));
}

Task<EffectiveAuth> Configuration::effective(Scope scope, Clock::Duration limit) {
  co_await read_files_of(scope, limit);
  co_return last_read_->effective(scope);
}

Task<LayerAuth> Configuration::layer(Scope scope) {
  co_await read_files_of(scope, patient);
  co_return last_read_->layer(scope);
}

Task<WorkspaceFiles> Configuration::workspace_files() {
  auto listed = co_await reader_.list(quick);
  last_read_->take(listed);
  co_return listed;
}

Task<std::optional<os::Danger>> Configuration::danger_to(std::filesystem::path file, os::Ownership as_read) {
  return reader_.danger_to(std::move(file), as_read);
}

Task<> each_workspace(Configuration& configuration, std::function<void(const std::string& workspace)> visit) {
  CO_TRY(const WorkspaceFiles files, co_await configuration.workspace_files());
  std::vector<std::string> names = files.names;
  names.insert(names.begin(), std::string());
  async::Slices slices;
  while (!names.empty()) {
    for (std::size_t begin = 0; begin < names.size(); begin += read_at_once) {
      const auto first = names.begin() + static_cast<std::ptrdiff_t>(begin);
      const auto last = names.begin() + static_cast<std::ptrdiff_t>(std::min(begin + read_at_once, names.size()));
      std::vector<std::string> batch(first, last);
      co_await configuration.read(batch);
      for (const std::string& name : batch) {
        visit(name);
        const bool goes_on = co_await slices.step();
        if (!goes_on) co_return failure(Reason::cancelled, "cancelled");
      }
    }
    // The workspaces in config.toml follow, once it has been read.
    const bool is_first_round = names.front().empty();
    names.clear();
    if (is_first_round) names = configuration.last_read().workspaces_only_in_config(files.names);
  }
  co_return Result<>();
}

}  // namespace jackin::config

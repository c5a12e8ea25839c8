// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/file_reader.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <asio/this_coro.hpp>
#include <mutex>
#include <utility>

#include "common/os/mounts.hpp"
#include "common/untrusted_text.hpp"
#include "daemon/config/contents.hpp"
#include "daemon/config/text_file.hpp"

namespace jackin::config {
namespace fs = std::filesystem;

namespace {

constexpr std::size_t most_threads = 64;
// When this number of files in one folder or on one mount hang, all of it counts as hanging.
constexpr std::size_t most_in_group = 8;
// As the kernel's limit (path_resolution(7)).
constexpr int most_links = 40;
// A thread that has worked for this long leaves the remaining files to another one. The time until the limit then
// suffices for one file.
constexpr auto longest_work = std::chrono::milliseconds(50);

std::optional<std::string> read_link(const std::string& path) {
  std::array<char, 4096> target{};
  const ssize_t length = readlink(path.c_str(), target.data(), target.size());
  if (length <= 0 || static_cast<std::size_t>(length) == target.size()) return std::nullopt;
  return std::string(target.data(), static_cast<std::size_t>(length));
}

std::string folder_of(const std::string& path) {
  return fs::path(path).parent_path().string();
}

constexpr std::string_view workspaces_folder = "the folder of workspaces";

// The mount of a path, else its folder.
std::string group_of(const std::string& path, const FileCalls& calls) {
  std::string mount = calls.mount_of(path);
  return mount.empty() ? folder_of(path) : mount;
}

Error no_thread(std::string_view what, const Paths& paths) {
  const std::string folder = printable(paths.config_dir.string());
  return {Reason::timed_out, std::string(what) + " cannot be read: too many files that " + folder + " names hang",
          Remedy::try_again("when they answer again")};
}

}  // namespace

FileCalls FileCalls::of_system(const Paths& paths) {
  return {read_link, read_parsed_file, list_workspace_files, os::separate_mounts(paths.home)};
}

/// The progress of a thread, which the daemon's thread reads when the thread does not return.
struct FileReader::Progress {
  std::mutex mutex;
  std::string at;               // the path that is accessed now
  std::vector<ReadFile> reads;  // finished, in order
  std::optional<Result<WorkspaceFiles>> listing;
  bool is_abandoned = false;  // the caller has left: no further file is begun
};

/// The work of one thread. It owns all that it uses.
struct FileReader::Walk {
  std::shared_ptr<const Paths> paths;
  std::shared_ptr<const FileCalls> calls;
  std::vector<Hang> hanging;
  std::shared_ptr<Progress> progress;
  std::map<std::string, Result<std::string>> folders{};  // resolved

  // The hanging path because of which `path` must not be accessed.
  const std::string* obstacle_to(const std::string& path, bool is_target) const {
    if (hanging.empty()) return nullptr;
    const std::string group = group_of(path, *calls);
    std::size_t count = 0;
    for (const Hang& hang : hanging) {
      if (hang.path == path) return &hang.path;
      if (hang.group != group) continue;
      // A target's folder is likely the mount; a folder of the configuration can also hold links into a mount.
      const bool is_likely = is_target && folder_of(hang.path) == folder_of(path);
      if (is_likely || ++count >= most_in_group) return &hang.path;
    }
    return nullptr;
  }

  // Follows the links at `path`, whose folder is resolved, to the last target. Errors: source_unreachable, with the
  // hanging path as its message, when `path` must not be accessed.
  Result<std::string> follow(std::string path) const {
    for (int links = 0; links < most_links; ++links) {
      if (const auto* const obstacle = obstacle_to(path, links > 0)) {
        return failure(Reason::source_unreachable, *obstacle);
      }
      {
        const std::lock_guard lock(progress->mutex);
        progress->at = path;
      }
      const auto target = calls->target_of(path);
      if (!target) return path;
      const fs::path next(*target);
      path = (next.is_absolute() ? next : fs::path(path).parent_path() / next).lexically_normal().string();
    }
    return path;  // reading it gives the error
  }

  // `folder` is the configuration folder, or is below it.
  Result<std::string> resolved(const fs::path& folder) {
    const auto known = folders.find(folder.string());
    if (known != folders.end()) return known->second;
    Result<std::string> result = folder.string();
    if (folder != paths->config_dir) {
      result = resolved(folder.parent_path());
      if (result) result = (fs::path(*result) / folder.filename()).string();
    }
    if (result) result = follow(*std::move(result));
    folders.emplace(folder.string(), result);
    return result;
  }

  Result<std::string> reach(const fs::path& path) {
    TRY(const std::string folder, resolved(path.parent_path()));
    return follow((fs::path(folder) / path.filename()).string());
  }

  ReadFile read(const Wanted& file) {
    const auto reached = reach(file.path);
    if (reached) return calls->read(file.path, *paths, file.known);
    return failure(does_not_answer(name_of(file.path, *paths), reached.error().message));
  }

  Result<bool> read_all(const std::vector<Wanted>& files) {
    const auto began = std::chrono::steady_clock::now();
    for (const Wanted& file : files) {
      ReadFile one = read(file);
      const std::lock_guard lock(progress->mutex);
      progress->reads.push_back(std::move(one));
      if (progress->is_abandoned || std::chrono::steady_clock::now() - began > longest_work) break;
    }
    return true;
  }

  Result<bool> list() {
    const auto reached = resolved(paths->workspaces_dir());
    auto listing = reached
                       ? calls->list(*paths)
                       : Result<WorkspaceFiles>(failure(does_not_answer(workspaces_folder, reached.error().message)));
    const std::lock_guard lock(progress->mutex);
    progress->listing = std::move(listing);
    return true;
  }
};

FileReader::FileReader(const Paths& paths, Clock& clock, std::function<void()> answers_again, FileCalls calls)
    : paths_(std::make_shared<const Paths>(paths)),
      calls_(std::make_shared<const FileCalls>(std::move(calls))),
      clock_(clock),
      answers_again_(std::move(answers_again)),
      threads_(clock, most_threads, nullptr, [this](const std::string& key) { returned(key); }) {}
FileReader::~FileReader() = default;

// Every call has a key of its own, so no call waits for another one.
std::string FileReader::next_key() {
  return std::to_string(++count_);
}

void FileReader::mark(const std::string& key, const std::string& path, Clock::Duration limit) {
  hanging_.emplace(key, Hang{path, group_of(path, *calls_), clock_.uptime() - limit});
}

void FileReader::returned(const std::string& key) {
  if (hanging_.erase(key) != 0 && answers_again_) answers_again_();
}

// The work of a caller with that limit. It does not access what has hung for that long already.
FileReader::Walk FileReader::walk(std::shared_ptr<Progress> progress, Clock::Duration limit) const {
  std::vector<Hang> hanging;
  for (const auto& [key, hang] : hanging_) {
    if (hang.since + limit <= clock_.uptime()) hanging.push_back(hang);
  }
  return {paths_, calls_, std::move(hanging), std::move(progress)};
}

asio::awaitable<std::vector<FileReader::Seen>> FileReader::read(std::vector<Wanted> files, Clock::Duration limit) {
  co_await asio::this_coro::throw_if_cancelled(false);
  std::vector<Seen> all;
  std::size_t next = 0;
  while (next < files.size()) {
    const auto progress = std::make_shared<Progress>();
    const std::vector<Wanted> rest(files.begin() + static_cast<std::ptrdiff_t>(next), files.end());
    auto work = [walk = walk(progress, limit), rest]() mutable { return walk.read_all(rest); };
    const std::string key = next_key();
    const std::uint64_t order = count_;
    const auto ended = co_await threads_.run_uncancelled(key, limit, std::move(work));
    const std::lock_guard lock(progress->mutex);
    progress->is_abandoned = true;
    next += progress->reads.size();
    for (ReadFile& read : progress->reads) all.push_back({std::move(read), order});
    if (ended || next == files.size()) continue;
    if (threads_.hangs(key)) {
      mark(key, progress->at, limit);
      all.push_back({failure(does_not_answer(name_of(files[next++].path, *paths_), progress->at)), order});
    } else if (progress->at.empty()) {
      // No thread has begun: too many threads hang, or the system creates none.
      for (; next < files.size(); ++next) {
        all.push_back({failure(no_thread(name_of(files[next].path, *paths_), *paths_)), order});
      }
    }
  }
  co_return all;
}

Task<WorkspaceFiles> FileReader::list(Clock::Duration limit) {
  const auto progress = std::make_shared<Progress>();
  auto work = [walk = walk(progress, limit)]() mutable { return walk.list(); };
  const std::string key = next_key();
  static_cast<void>(co_await threads_.run_uncancelled(key, limit, std::move(work)));
  const std::lock_guard lock(progress->mutex);
  if (progress->listing) co_return *std::move(progress->listing);
  if (progress->at.empty()) co_return failure(no_thread(workspaces_folder, *paths_));
  if (threads_.hangs(key)) mark(key, progress->at, limit);
  co_return failure(does_not_answer(workspaces_folder, progress->at));
}

Task<std::optional<os::Danger>> FileReader::danger_to(fs::path file, os::Ownership as_read) {
  std::string key = "danger to " + file.string();
  auto work = [paths = paths_, file = std::move(file), as_read]() -> Result<std::optional<os::Danger>> {
    return config::danger_to(file, as_read, *paths);
  };
  co_return co_await threads_.run_uncancelled(std::move(key), async::TimedCalls::limit, std::move(work));
}

}  // namespace jackin::config

// SPDX-License-Identifier: Apache-2.0
#include "daemon/secrets/file_store.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <system_error>
#include <utility>

#include "common/os/private_files.hpp"
#include "common/paths.hpp"
#include "common/presence.hpp"
#include "common/scope.hpp"
#include "common/text_characters.hpp"
#include "common/untrusted_text.hpp"

namespace jackin::secrets {
namespace fs = std::filesystem;

namespace {

constexpr std::size_t size_limit = 64 * 1024;
constexpr std::size_t operation_id_length = 26;
constexpr std::string_view ending = ".token";
constexpr Clock::Duration reading = async::TimedCalls::limit;
constexpr Clock::Duration writing = std::chrono::seconds(30);

bool is_operation_id(std::string_view text) {
  return text.size() == operation_id_length &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '2' && c <= '7'); });
}

// A scope as part of a file's name. Different scopes may have the same spelling; the operation's ID distinguishes them.
std::string file_name_part(const Scope& scope) {
  std::string name = scope.str();
  for (char& c : name) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    if (!plain) c = '_';
  }
  if (name.starts_with('.')) name.front() = '_';
  return name.substr(0, 100);
}

class FileStore final : public Store {
 public:
  FileStore(fs::path folder, fs::path earlier, fs::path home, async::TimedCalls& threads)
      : folder_(std::move(folder)), earlier_(std::move(earlier)), home_(std::move(home)), threads_(threads) {}

  SourceKind kind() const override { return SourceKind::file; }

  asio::awaitable<Availability> availability(const Environment&) override {
    auto make = [folder = folder_, home = home_] { return os::make_private_folder(folder, home); };
    const auto made = co_await on_thread(folder_ / "", reading, std::move(make));
    if (made && !is_utf8(abbreviate_home(folder_, home_))) {
      co_return Availability{false,
                             "the name of its folder is not UTF-8, and no configuration file could name it: " +
                                 printable(folder_.string()),
                             Remedy::set_variable("JACKIND_DATA_DIR", "/another/folder").and_restart()};
    }
    if (made) co_return Availability{true, {}, {}};
    co_return Availability{false, made.error().message, made.error().remedy};
  }

  Task<Place> plan(const PlaceRequest& request, const Environment&) override {
    if (!request.vault.empty() || !request.item_name.empty() || !request.field.empty() || !request.section.empty() ||
        !request.account.empty()) {
      co_return failure(Reason::invalid_argument, "the store 'file' has no vaults, items, fields, sections or accounts",
                        Remedy::drop_option(RequestOption::place));
    }
    co_return co_await writable(new_place(request));
  }

  bool holds(const CredentialSource& source) const override { return std::holds_alternative<FileSource>(source); }

  Task<CredentialSource> canonical(const CredentialSource& named, const Environment&) override {
    const auto* const file = std::get_if<FileSource>(&named);
    if (file == nullptr) co_return failure(Reason::invalid_argument, describe(named) + " is not a file");
    co_return CredentialSource(FileSource{abbreviate_home(path_of(*file).lexically_normal(), home_)});
  }

  Task<Place> plan_successor(const CredentialSource& current, const PlaceRequest& request,
                             const Environment&) override {
    const auto* const file = std::get_if<FileSource>(&current);
    if (file == nullptr) co_return failure(Reason::invalid_argument, describe(current) + " is not a file");
    const fs::path path = path_of(*file);
    if (!path.is_absolute()) {
      co_return failure(Reason::invalid_argument,
                        "the file's path '" + printable(path.string()) + "' begins with neither '/' nor '~/'",
                        Remedy::rotate_into(request.scope, kind()));
    }
    if (is_our_path(path)) co_return co_await writable(new_place(request));
    Place place{request, path.string(), "file  " + printable(abbreviate_home(path, home_)), true};
    co_return co_await writable(std::move(place));
  }

  Task<StoredItem> put(const Place& place, const Secret& token, const Environment&) override {
    const fs::path path = place.key;
    const bool ours = is_our_path(path);
    std::shared_ptr<const Overwritten> overwritten;
    if (!ours) {
      not_begun_.erase(place.request.operation_id);
      auto read = [path] { return read_overwritable(path); };
      auto old = co_await on_thread(path, reading, std::move(read));
      if (!old) {
        // An earlier write of this operation may still take place.
        if (!overwritten_.contains(place.request.operation_id)) not_begun_.insert(place.request.operation_id);
        co_return failure(std::move(old).error());
      }
      Overwritten before{std::move(*old), token.digest()};
      overwritten = std::make_shared<const Overwritten>(std::move(before));
      overwritten_.insert_or_assign(place.request.operation_id, overwritten);
    }
    auto write = [path, ours, folder = folder_, home = home_, value = token.clone()]() -> Result<> {
      if (ours) {
        TRY(os::make_private_folder(folder, home));
      }
      return os::write_private_file(path, value.view(), !ours);
    };
    auto written = co_await on_thread(path, writing, std::move(write));
    if (!written) co_return failure(std::move(written).error());
    overwritten_.erase(place.request.operation_id);
    co_return item_at(path, overwritten);
  }

  Task<Secret> read_back(const StoredItem& item, const Secret*, const Environment&) override {
    const fs::path path = path_of(std::get<FileSource>(item.source));
    auto read = [path] { return os::read_private_file(path, size_limit); };
    co_return co_await on_thread(path, reading, std::move(read));
  }

  Task<std::optional<StoredItem>> find_by_operation(const std::string& operation_id, const std::string& place_key,
                                                    const Environment&) override {
    if (!place_key.empty() && !is_our_path(place_key)) co_return co_await find_written_over(operation_id, place_key);
    const std::string suffix = "-" + operation_id + std::string(ending);
    auto find = [folder = folder_, earlier_folder = earlier_, suffix]() -> Result<std::optional<fs::path>> {
      TRY(auto item, find_in(folder, suffix));
      TRY(auto earlier, find_in(earlier_folder, suffix));
      return item ? std::move(item) : std::move(earlier);
    };
    auto found = co_await on_thread(folder_ / "", reading, std::move(find));
    if (!found) co_return failure(std::move(found).error());
    if (!*found) co_return std::optional<StoredItem>();
    co_return item_at(**found, nullptr);
  }

  Task<bool> is_ours(const CredentialSource& source, const Environment&) override {
    const auto* const file = std::get_if<FileSource>(&source);
    co_return file != nullptr&& is_our_path(path_of(*file));
  }

  Task<bool> remove(const CredentialSource& source, Removal removal, const Environment&) override {
    const auto* const file = std::get_if<FileSource>(&source);
    const bool may = file != nullptr && (removal == Removal::whatever_it_is || is_our_path(path_of(*file)));
    if (!may) {
      co_return failure(Reason::not_ours, describe(source) + " was not created by jackind and is not deleted");
    }
    const fs::path path = path_of(*file);
    auto remove = [path] { return os::remove_file(path); };
    co_return co_await on_thread(path, writing, std::move(remove));
  }

  Task<> put_back(const StoredItem& item, const std::string& place_key, const Environment&) override {
    const fs::path path = place_key;
    const std::string name = "'" + printable(abbreviate_home(path, home_)) + "'";
    if (!item.overwritten) {
      co_return failure(Reason::not_ours, "the earlier content of " + name + " is no longer known to jackind",
                        Remedy::inspect({path.string()}).noting("your backup has the earlier content"));
    }
    auto read = [path] { return os::read_private_file(path, size_limit); };
    auto now = co_await on_thread(path, reading, std::move(read));
    if (!now && now.error().reason != Reason::source_gone) co_return failure(std::move(now).error());
    const Secret& before = item.overwritten->value;
    if (now && now->same_as(before)) co_return Result<>();
    if (!now || !(now->digest() == item.overwritten->put)) {
      co_return failure(Reason::not_ours, name + " was changed by another program and is kept");
    }
    auto write = [path, overwritten = item.overwritten]() -> Result<> {
      if (!overwritten->value.empty()) return os::write_private_file(path, overwritten->value.view(), true);
      TRY(os::remove_file(path));
      return {};
    };
    co_return co_await on_thread(path, writing, std::move(write));
  }

 private:
  // The work can hang on a mount whose server does not answer, and then outlives the store. Not cancellable: whether a
  // write took place must be known. The calls in one folder run one after the other.
  template <typename Work>
  asio::awaitable<std::invoke_result_t<Work&>> on_thread(fs::path path, Clock::Duration limit, Work work) {
    std::string key = path.parent_path().string();
    auto done = co_await threads_.run_uncancelled(std::move(key), limit, std::move(work));
    if (done || done.error().reason != Reason::timed_out) co_return done;
    const std::string name = printable(abbreviate_home(path, home_));
    co_return failure(Reason::timed_out, name + " does not answer",
                      Remedy::try_again("when " + name + " answers again"));
  }

  fs::path path_of(const FileSource& file) const { return expand_home(file.path, home_); }

  // The content of a file that is to be overwritten, empty when there is none. Only a valid source is overwritten: no
  // link, owned by this user, and not readable by others.
  static Result<Secret> read_overwritable(const fs::path& path) {
    auto old = os::read_private_file(path, size_limit);
    if (!old && old.error().reason == Reason::source_gone) return Secret();
    return old;
  }

  // The same place, if `put` could write there now. Otherwise the user would consent to a token that cannot be stored.
  Task<Place> writable(Place place) {
    const fs::path path = place.key;
    auto look = [path, ours = is_our_path(path), folder = folder_, home = home_]() -> Result<> {
      if (ours) {
        TRY(os::make_private_folder(folder, home));
      } else {
        TRY(read_overwritable(path));
      }
      return os::expect_writable(path);
    };
    CO_TRY(co_await on_thread(path, reading, std::move(look)));
    co_return place;
  }

  Place new_place(const PlaceRequest& request) const {
    const fs::path path = folder_ / (file_name_part(request.scope) + "-" + request.operation_id + std::string(ending));
    return Place{request, path.string(), "file  " + printable(abbreviate_home(path, home_)), false};
  }

  StoredItem item_at(const fs::path& path, std::shared_ptr<const Overwritten> overwritten) const {
    const std::string written = abbreviate_home(path, home_);
    return {FileSource{written}, "file  " + printable(written), is_our_path(path), std::move(overwritten)};
  }

  // The operation's file in that folder. Removes the partial file of a killed write.
  static Result<std::optional<fs::path>> find_in(const fs::path& folder, const std::string& suffix) {
    std::optional<fs::path> item;
    TRY(const bool has_folder, is_there(folder));
    if (!has_folder) return item;
    std::error_code error;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
      const std::string name = at->path().filename().string();
      if (name.ends_with(suffix) && !name.starts_with('.')) item = at->path();
      // A crash during a write leaves a partial file (os::write_private_file) that may contain the token as well.
      if (name.starts_with('.') && name.ends_with('~') && name.find(suffix + ".") != std::string::npos) {
        TRY(os::remove_file(at->path()));
      }
    }
    if (error) {
      return failure(error_from_errno("cannot list " + folder.string(), error.value()));
    }
    return item;
  }

  // The user's file that the operation was to overwrite, if it exists.
  Task<std::optional<StoredItem>> find_written_over(const std::string& operation_id, const fs::path& path) {
    if (not_begun_.erase(operation_id) > 0) co_return std::optional<StoredItem>();
    auto read = [path]() -> Result<Secret> {
      TRY(os::remove_abandoned_writes(path));
      return os::read_private_file(path, size_limit);
    };
    auto now = co_await on_thread(path, reading, std::move(read));
    const bool is_gone = !now && now.error().reason == Reason::source_gone;
    if (!now && !is_gone) co_return failure(std::move(now).error());
    const auto known = overwritten_.find(operation_id);
    std::shared_ptr<const Overwritten> overwritten = known == overwritten_.end() ? nullptr : known->second;
    if (known != overwritten_.end()) overwritten_.erase(known);
    if (is_gone) co_return std::optional<StoredItem>();
    co_return item_at(path, std::move(overwritten));
  }

  bool is_our_path(const fs::path& path) const {
    // Compared as text, not resolved: the daemon did not write a path that reaches the folder through a link.
    if (path.parent_path() != folder_ && path.parent_path() != earlier_) return false;
    return is_token_file_name(path.filename().string());
  }

  fs::path folder_;
  fs::path earlier_;  // used by earlier versions; no new file goes there
  fs::path home_;
  async::TimedCalls& threads_;
  // For each operation, the value that a failed write may have overwritten.
  std::map<std::string, std::shared_ptr<const Overwritten>, std::less<>> overwritten_;
  // The operations whose `put` failed before it wrote to a file of the user's.
  std::set<std::string, std::less<>> not_begun_;
};

}  // namespace

std::unique_ptr<Store> file_store(fs::path folder, fs::path earlier, fs::path home, async::TimedCalls& threads) {
  return std::make_unique<FileStore>(std::move(folder), std::move(earlier), std::move(home), threads);
}

bool is_token_file_name(std::string_view name) {
  if (!name.ends_with(ending)) return false;
  name.remove_suffix(ending.size());
  const auto dash = name.rfind('-');
  return dash != std::string_view::npos && dash > 0 && is_operation_id(name.substr(dash + 1));
}

}  // namespace jackin::secrets

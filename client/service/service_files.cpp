// SPDX-License-Identifier: Apache-2.0
#include "client/service/service_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include "client/service/service_text.hpp"
#include "common/os/descriptor.hpp"
#include "common/os/new_file.hpp"
#include "common/presence.hpp"
#include "common/untrusted_text.hpp"

namespace jackin::client {
namespace fs = std::filesystem;
namespace {

Error failed(std::string_view what, const fs::path& path, int number) {
  Error error = error_from_errno(std::string(what) + " " + printable(path.string(), 1000), number);
  if (error.reason == Reason::permission_denied) error.remedy = Remedy::inspect({path.parent_path().string()});
  return error;
}

Error not_ours(const fs::path& path, std::string_view why, Remedy remedy) {
  return {Reason::not_ours, printable(path.string(), 1000) + " " + std::string(why) + "; nothing was changed",
          std::move(remedy)};
}

Remedy move_aside(const fs::path& path) {
  return Remedy::of_path(RemedyAction::move_aside, path.string());
}

Result<> write_whole(const fs::path& path, const std::string& text) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  if (error) return failure(failed("cannot make", path.parent_path(), error.value()));
  const os::Descriptor folder(open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return failure(failed("cannot write", path, errno));
  const std::string name = path.filename().string();
  // Neither systemd nor launchd reads a file with such a name.
  os::NewFile file(folder.get(), os::name_beside(name), 0644);
  int number = file.error();
  if (number == 0) number = file.fill(text);
  if (number == 0) number = file.move_to(name, true);
  if (number != 0) return failure(failed("cannot write", path, number));
  return {};
}

Result<> make(const fs::path& path, const ServiceFiles::Text& text) {
  if (text) return write_whole(path, *text);
  if (unlink(path.c_str()) != 0 && errno != ENOENT) return failure(failed("cannot remove", path, errno));
  return {};
}

}  // namespace

Result<std::optional<std::string>> read_whole(const fs::path& path) {
  const os::Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) {
    const int error = errno;
    TRY(const bool there, is_there(path));
    if (!there) return std::optional<std::string>();
    return failure(failed("cannot read", path, error));
  }
  std::string text;
  std::array<char, 16384> bytes{};
  for (;;) {
    const ssize_t count = read(file.get(), bytes.data(), bytes.size());
    if (count == 0) return std::optional<std::string>(std::move(text));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failure(failed("cannot read", path, errno));
    text.append(bytes.data(), static_cast<std::size_t>(count));
  }
}

Result<ServiceFiles> ServiceFiles::read(std::vector<fs::path> paths) {
  std::vector<Text> texts;
  for (const fs::path& path : paths) {
    std::error_code error;
    if (fs::is_symlink(path, error)) {
      if (fs::read_symlink(path, error) == "/dev/null") {
        return failure(
            not_ours(path, "is masked", Remedy::of_name(RemedyAction::unmask_service, path.filename().string())));
      }
      return failure(not_ours(path, "is a link to a file of yours", move_aside(path)));
    }
    TRY(Text text, read_whole(path));
    if (text && !is_signed(*text)) {
      return failure(
          not_ours(path, "was not written by `jackinctl daemon install`, or was edited since", move_aside(path)));
    }
    texts.push_back(std::move(text));
  }
  return ServiceFiles(std::move(paths), std::move(texts));
}

bool ServiceFiles::any() const {
  return std::any_of(texts_.begin(), texts_.end(), [](const Text& text) { return text.has_value(); });
}

bool ServiceFiles::are(const std::vector<Text>& wanted) const {
  return texts_ == wanted;
}

std::vector<fs::path> ServiceFiles::there() const {
  std::vector<fs::path> there;
  for (std::size_t i = 0; i < paths_.size(); ++i) {
    if (texts_[i]) there.push_back(paths_[i]);
  }
  return there;
}

Result<> ServiceFiles::write(const std::vector<Text>& wanted) const {
  for (std::size_t i = 0; i < paths_.size(); ++i) {
    if (texts_[i] == wanted[i]) continue;
    const auto made = make(paths_[i], wanted[i]);
    if (made) continue;
    restore();
    return made;
  }
  return {};
}

void ServiceFiles::restore() const {
  // Errors of the restore are ignored: the original error is reported.
  for (std::size_t i = 0; i < paths_.size(); ++i) static_cast<void>(make(paths_[i], texts_[i]));
}

}  // namespace jackin::client

// SPDX-License-Identifier: Apache-2.0
#include "daemon/launch/onboarding.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "common/claude.hpp"
#include "common/os/descriptor.hpp"
#include "common/paths.hpp"
#include "common/presence.hpp"
#include "common/untrusted_text.hpp"

namespace jackin::launch {
namespace {

using Rule = OnboardingFile::Rule;

// `.claude.json` keeps the history of every project: megabytes are ordinary.
constexpr std::size_t size_limit = std::size_t{16} * 1024 * 1024;

OnboardingFile file(std::string_view name, Rule rule, Secret content = {}) {
  return {std::string(name), rule, std::move(content)};
}

Result<std::optional<Secret>> read_if_there(const std::filesystem::path& path) {
  const std::string what = "cannot read '" + printable(path.string()) + "'";
  const os::Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!descriptor) {
    const int error = errno;
    auto there = is_there(path);
    if (there && !*there) return std::nullopt;
    if (there) return failure(error_from_errno(what, error));
    Error obstacle = std::move(there).error();
    obstacle.message = what + ": " + obstacle.message;
    return failure(std::move(obstacle));
  }
  struct stat status {};
  if (::fstat(descriptor.get(), &status) != 0) return failure(error_from_errno(what, errno));
  if (!S_ISREG(status.st_mode)) return std::nullopt;
  Secret content;
  for (;;) {
    const auto space = content.prepare(std::size_t{64} * 1024);
    const ssize_t count = ::read(descriptor.get(), space.data(), space.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failure(error_from_errno(what, errno));
    if (count == 0) return content;
    content.commit(static_cast<std::size_t>(count));
    if (content.size() > size_limit) return failure(Reason::source_invalid, what + ": it is too large");
  }
}

}  // namespace

HostLoginPlace host_login_place(const std::filesystem::path& home, const std::optional<std::string>& sync_source_dir) {
  if (!sync_source_dir) return {home / config_dir_name / ".credentials.json", home / ".claude.json"};
  const auto folder = expand_home(*sync_source_dir, home);
  return {folder / ".credentials.json", folder / ".claude.json"};
}

Result<HostLogin> read_host_login(const HostLoginPlace& place) {
  HostLogin login;
  TRY(login.credentials, read_if_there(place.credentials));
  // Without a login nothing is passed on, so the account is not needed.
  if (login.credentials) {
    TRY(login.account, read_if_there(place.account));
  }
  return login;
}

std::vector<OnboardingFile> onboarding_for(AuthMode mode, HostLogin login) {
  std::vector<OnboardingFile> files;
  switch (mode) {
    case AuthMode::oauth_token:
      files.push_back(file(account_file, Rule::exactly, Secret::copy_of(R"({"hasCompletedOnboarding":true})")));
      files.push_back(file(credentials_file, Rule::absent));
      break;
    case AuthMode::api_key:
    case AuthMode::ignore:
      files.push_back(file(account_file, Rule::exactly, Secret::copy_of("{}")));
      files.push_back(file(credentials_file, Rule::absent));
      break;
    case AuthMode::sync:
      if (login.credentials) {
        files.push_back(
            file(account_file, Rule::exactly, login.account ? *std::move(login.account) : Secret::copy_of("{}")));
        files.push_back(file(credentials_file, Rule::exactly, *std::move(login.credentials)));
      } else {
        files.push_back(file(account_file, Rule::if_missing, Secret::copy_of("{}")));
        files.push_back(file(credentials_file, Rule::keep));
      }
      break;
  }
  return files;
}

}  // namespace jackin::launch

// SPDX-License-Identifier: Apache-2.0
#include "common/os/new_file.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "common/os/file_attributes.hpp"

namespace jackin::os {
namespace {

// Two digits for each byte.
constexpr std::size_t random_length = 16;

// A name has at most 255 bytes, so only the beginning of the final name is used. It is enough to identify the file.
std::string beginning_beside(std::string_view name) {
  return "." + std::string(name.substr(0, 200)) + ".";
}

}  // namespace

Descriptor open_folder_for_change(const char* folder) {
  Descriptor readable(open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (readable || errno != EACCES) return readable;
    // A folder of mode 0300 can be changed, but fsync needs a descriptor that was opened for reading. openat, renameat
    // and unlinkat take one without that permission: O_PATH (open(2)), and O_SEARCH of POSIX on macOS.
#if defined(O_PATH)
  return Descriptor(open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC));
#elif defined(O_SEARCH)
  return Descriptor(open(folder, O_SEARCH | O_DIRECTORY | O_CLOEXEC));
#else
  return readable;
#endif
}

NewFile::NewFile(int folder, std::string name, mode_t mode)
    : folder_(folder),
      name_(std::move(name)),
      file_(openat(folder, name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)) {
  error_ = file_ ? 0 : errno;
  if (!file_) name_.clear();
}

NewFile::NewFile(NewFile&& other) noexcept
    : folder_(other.folder_),
      name_(std::exchange(other.name_, {})),
      file_(std::move(other.file_)),
      error_(other.error_) {}

NewFile::~NewFile() {
  if (!name_.empty()) unlinkat(folder_, name_.c_str(), 0);
}

int NewFile::fill(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = write(file_.get(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return sync_to_disk(file_.get());
}

int NewFile::move_to(const std::string& name, bool replace) {
  int error = 0;
  if (!replace) {
    error = rename_without_replacing(folder_, name_.c_str(), name.c_str());
  } else if (renameat(folder_, name_.c_str(), folder_, name.c_str()) != 0) {
    error = errno;
  }
  if (error == 0) name_.clear();
  return error;
}

std::string name_beside(std::string_view name) {
  std::array<unsigned char, random_length / 2> random{};
  std::array<char, random_length + 1> digits{};
  randombytes_buf(random.data(), random.size());
  sodium_bin2hex(digits.data(), digits.size(), random.data(), random.size());
  return beginning_beside(name) + digits.data() + "~";
}

bool is_name_beside(std::string_view name) {
  if (!name.starts_with('.') || !name.ends_with('~') || name.size() < random_length + 4) return false;
  name.remove_suffix(1);
  const std::string_view random = name.substr(name.size() - random_length);
  name.remove_suffix(random_length);
  return name.ends_with('.') && random.find_first_not_of("0123456789abcdef") == random.npos;
}

bool is_name_beside(std::string_view name, std::string_view final_name) {
  const std::string beginning = beginning_beside(final_name);
  return is_name_beside(name) && name.starts_with(beginning) && name.size() == beginning.size() + random_length + 1;
}

}  // namespace jackin::os

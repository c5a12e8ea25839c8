// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "common/os/descriptor.hpp"

namespace jackin::os {

/// Opens a folder in which files are made and renamed. Without permission to read the folder, the descriptor serves
/// only that, and `sync_to_disk` fails with it (EBADF). Sets errno on failure. Blocking.
Descriptor open_folder_for_change(const char* folder);

/// A new file beside its final path, so that the file at that path is whole at every moment: old or new. The destructor
/// removes it unless it was moved there. Blocking; one thread at a time. Functions that return int return 0 or the
/// errno.
class NewFile {
 public:
  /// Creates `name` in `folder`, a descriptor that stays open as long as this object; never follows a link or opens an
  /// existing file.
  NewFile(int folder, std::string name, mode_t mode);
  NewFile(NewFile&& other) noexcept;
  NewFile& operator=(NewFile&&) = delete;
  ~NewFile();

  /// Of the creation.
  int error() const { return error_; }
  int descriptor() const { return file_.get(); }

  /// Writes `bytes` and flushes them to the disk.
  int fill(std::string_view bytes);

  /// Moves it to its final name in the folder. EEXIST when there is such a file and not `replace`.
  int move_to(const std::string& name, bool replace);

 private:
  int folder_;
  std::string name_;
  Descriptor file_;
  int error_ = 0;
};

/// A random name for a new file that will become `name`: `.<name>.<random>~`.
std::string name_beside(std::string_view name);
/// Whether `name` has that form; with the second, for that final name.
bool is_name_beside(std::string_view name);
bool is_name_beside(std::string_view name, std::string_view final_name);

}  // namespace jackin::os

#pragma once

namespace jackin::platform {

/// Renames within one folder without replacing anything; 0, or the errno: EEXIST when `to` is there. In one step where
/// the file system can, else by a hard link.
int rename_without_replacing(int folder, const char* from, const char* to);

/// Has what was written to the file or folder put on the disk itself; 0, or the errno.
int sync_to_disk(int descriptor);

}  // namespace jackin::platform

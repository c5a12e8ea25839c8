// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace jackin::os {

/// Renames within one folder without replacing anything; 0, or the errno: EEXIST when `to` is there. In one step where
/// the file system can, else by a hard link.
int rename_without_replacing(int folder, const char* from, const char* to);

/// Has what was written to the file or folder put on the disk itself; 0, or the errno.
int sync_to_disk(int descriptor);

/// Gives one file what another has beside its text and mode, as far as the file system and our rights go: extended
/// attributes (a label of SELinux, Finder's tags, whatever tools keep there) and, with `access`, the access control
/// list. What cannot be carried over is left out: a list that is missing gives nobody more than the mode says. To be
/// called before the mode is set, which bounds what a list gives (acl(5)).
void carry_attributes(int from, int to, bool access);

/// Whether it has an access control list beside its mode. Blocking.
bool has_access_list(int descriptor);
bool has_access_list(const char* path);

}  // namespace jackin::os

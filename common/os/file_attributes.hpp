// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace jackin::os {

/// Renames within one folder without replacing anything. Returns 0 or the errno: EEXIST when `to` exists. Atomic if the
/// file system supports it, else by a hard link.
int rename_without_replacing(int folder, const char* from, const char* to);

/// Flushes the written data of the file or folder to the disk itself. Returns 0 or the errno.
int sync_to_disk(int descriptor);

/// Copies attributes of one file to another, as far as the file system and the process's permissions allow: extended
/// attributes (an SELinux label, Finder's tags, attributes of other tools) and, with `access`, the access control list.
/// Attributes that cannot be copied are left out. A missing list gives no user more rights than the mode. Call it
/// before the mode is set, because the mode limits the rights from a list (acl(5)).
void carry_attributes(int from, int to, bool access);

/// Whether the file has an access control list in addition to its mode. Blocking.
bool has_access_list(int descriptor);
bool has_access_list(const char* path);

}  // namespace jackin::os

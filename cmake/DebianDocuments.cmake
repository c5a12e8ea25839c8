# SPDX-License-Identifier: Apache-2.0
# Runs in CPack before the package is built. Compresses manual pages and changelog, and writes the copyright file and
# the licence terms of the statically linked libraries.
set(root ${CPACK_TEMPORARY_DIRECTORY}/usr)
set(documents ${root}/share/doc/${CPACK_PACKAGE_NAME})

# The date of the changelog is that of the last commit, if there is one, so that the same tree gives the same package.
execute_process(COMMAND git -C ${CMAKE_CURRENT_LIST_DIR} log -1 --format=%ct
  OUTPUT_VARIABLE seconds OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
if(NOT failed AND NOT DEFINED ENV{SOURCE_DATE_EPOCH})
  set(ENV{SOURCE_DATE_EPOCH} ${seconds})
endif()
string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
file(WRITE ${documents}/changelog.Debian
"${CPACK_PACKAGE_NAME} (${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}) unstable; urgency=medium

  * As of this version's sources.

 -- ${CPACK_PACKAGE_CONTACT}  ${date}
")

# The machine-readable form: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
file(WRITE ${documents}/copyright
"Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: ${CPACK_PACKAGE_NAME}
Upstream-Contact: ${CPACK_PACKAGE_CONTACT}
Source: ${CPACK_DEBIAN_PACKAGE_HOMEPAGE}
Comment: The programs contain parts of libraries that are linked statically.
 The terms of these libraries are in copyright.libraries in this folder.

Files: *
Copyright: ${CPACK_PACKAGE_VENDOR}
License: Apache-2.0

License: Apache-2.0
 Licensed under the Apache License, Version 2.0 (the \"License\"); you may not use
 this software except in compliance with the License. Unless required by
 applicable law or agreed to in writing, software distributed under the License
 is distributed on an \"AS IS\" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY
 KIND, either express or implied.
 .
 On Debian systems, the full text of the License is in
 /usr/share/common-licenses/Apache-2.0.
")

set(libraries "")
# libstdc++'s terms name libgcc too.
foreach(library libgrpc-dev libprotobuf-dev libabsl-dev libre2-dev libc-ares-dev zlib1g-dev libasio-dev libtomlplusplus-dev
        nlohmann-json3-dev libcli11-dev libexpected-dev libnghttp2-dev libsodium-dev libstdc++-12-dev)
  if(EXISTS /usr/share/doc/${library}/copyright)
    file(READ /usr/share/doc/${library}/copyright terms)
    string(APPEND libraries "==== ${library} ====\n\n${terms}\n")
  endif()
endforeach()
if(EXISTS "${CPACK_FTXUI_LICENSE}")
  file(READ ${CPACK_FTXUI_LICENSE} terms)
  string(APPEND libraries "==== FTXUI ====\n\n${terms}\n")
endif()
file(WRITE ${documents}/copyright.libraries "${libraries}")

file(GLOB_RECURSE pages ${root}/share/man/*.[1-9])
foreach(page IN LISTS pages ITEMS ${documents}/changelog.Debian)
  # -n: the same page gives the same bytes.
  execute_process(COMMAND gzip -9 -n -f ${page} RESULT_VARIABLE failed)
  if(failed)
    message(FATAL_ERROR "cannot compress ${page}")
  endif()
endforeach()
file(GLOB written ${documents}/* ${root}/share/man/*/*)
file(CHMOD ${written} PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)

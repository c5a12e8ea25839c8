# SPDX-License-Identifier: Apache-2.0
# Runs in CPack before the package is built: manual pages and changelog compressed, and the copyright file with the
# terms of the libraries that are linked statically.
set(root ${CPACK_TEMPORARY_DIRECTORY}/usr)
set(documents ${root}/share/doc/${CPACK_PACKAGE_NAME})

# The changelog's date is that of the last commit where there is one, so that the same tree gives the same package.
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

set(copyright
"${CPACK_PACKAGE_NAME} is the work of ${CPACK_PACKAGE_VENDOR}.
Copyright: ${CPACK_PACKAGE_VENDOR}
Homepage: ${CPACK_DEBIAN_PACKAGE_HOMEPAGE}

Its sources come without a licence of their own: all rights are their authors'.

The programs contain parts of the libraries below, under the terms that follow.
")
foreach(library libgrpc-dev libprotobuf-dev libabsl-dev libre2-dev libc-ares-dev zlib1g-dev libasio-dev libtomlplusplus-dev
        nlohmann-json3-dev libcli11-dev libexpected-dev)
  if(EXISTS /usr/share/doc/${library}/copyright)
    file(READ /usr/share/doc/${library}/copyright terms)
    string(APPEND copyright "\n==== ${library} ====\n\n${terms}")
  endif()
endforeach()
file(WRITE ${documents}/copyright "${copyright}")

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

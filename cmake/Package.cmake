# SPDX-License-Identifier: Apache-2.0
# A Debian package of what is installed: `./dev package`. It has no scripts and no conffiles: nothing that it does on its
# own could touch what is a user's. Each user switches the service on: `jackinctl daemon install`.
if(APPLE)
  return()
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME jackind)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_VENDOR "The jackin project")
set(CPACK_PACKAGE_CONTACT "The jackin project <jackin-project@users.noreply.github.com>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "keeps a Claude Code OAuth token for each workspace")
set(CPACK_PACKAGE_DESCRIPTION
  "jackind is a per-user daemon that mints Claude Code's long-lived OAuth tokens,
keeps them in the user's own secret store, checks them, and hands them to
what is launched: never through a terminal, a shell history or a log.
.
This package has the daemon, its command line jackinctl, and jackin-hook,
which a launcher of containers calls.")
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_STRIP_FILES ON)
# The units name the place where jackind is installed: with DESTDIR the prefix is that place.
set(CPACK_SET_DESTDIR ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_HOMEPAGE "https://github.com/jackin-project/jackin")
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# Without them jackind works, with less: links open by themselves, tokens can lie in the desktop's keyring.
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "bash-completion, gnome-keyring, xdg-utils")
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
# What Debian's policy asks of a package's documents (12.1, 12.5, 12.7).
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/cmake/DebianDocuments.cmake)

include(CPack)

# SPDX-License-Identifier: Apache-2.0
# Builds a Debian package of the installed files: `./dev package`. It has no scripts and no conffiles, so its
# installation cannot change a user's files. Each user enables the service: `jackinctl daemon install`.
if(APPLE)
  return()
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME jackind)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_VENDOR "The jackin project")
set(CPACK_PACKAGE_CONTACT "The jackin project <jackin-project@users.noreply.github.com>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Claude Code OAuth tokens for containers and workspaces")
set(CPACK_PACKAGE_DESCRIPTION
  "jackind is a per-user daemon that creates Claude Code's long-lived OAuth
tokens, keeps them in the user's secret store, checks them, and hands them to
launched processes. A token never passes through a terminal, a shell history
or a log.
.
This package contains the daemon, its command line jackinctl, the full-screen
client jackin-tui, and jackin-hook, which launchers of containers call.")
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_STRIP_FILES ON)
# The units contain the installed path of jackind: with DESTDIR the prefix is that path.
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
# Optional: xdg-open opens consent pages, gnome-keyring is a store for tokens.
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "bash-completion, gnome-keyring, xdg-utils")
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
# The documents that Debian's policy requires in a package (12.1, 12.5, 12.7).
# For that script: the licence of FTXUI, which is no Debian package of this release.
if(JACKIN_TUI)
  set(CPACK_FTXUI_LICENSE ${JACKIN_FTXUI_SOURCE}/LICENSE)
endif()
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/cmake/DebianDocuments.cmake)

include(CPack)

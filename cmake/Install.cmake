# SPDX-License-Identifier: Apache-2.0
# The files installed beside the programs (jackin_program). A prefix given at installation, as in `cmake --install
# --prefix`, takes precedence.

install(FILES docs/man/jackind.1 docs/man/jackinctl.1 docs/man/jackin-hook.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
if(JACKIN_TUI)
  install(FILES docs/man/jackin-tui.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
endif()
install(FILES docs/man/jackind.toml.5 DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)
install(FILES README.md docs/architecture.md docs/security.md DESTINATION ${CMAKE_INSTALL_DOCDIR})

if(APPLE)
  # launchd expands no variables, so one agent cannot serve all users: `jackinctl daemon install` writes one for each
  # user.
  install(FILES launchd/dev.jackin.jackind.plist.in DESTINATION ${CMAKE_INSTALL_DATADIR}/jackind)
else()
  install(CODE "
    set(sources \"${PROJECT_SOURCE_DIR}\")
    set(scratch \"${PROJECT_BINARY_DIR}/units\")
    set(bin \"${CMAKE_INSTALL_BINDIR}\")")
  install(SCRIPT cmake/InstallUnits.cmake)
endif()

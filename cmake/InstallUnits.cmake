# SPDX-License-Identifier: Apache-2.0
# Runs at installation (Install.cmake sets `sources`, `scratch` and `bin`). Writes the units with the installed path of
# jackind. client/service/service_text makes the same text from the templates, so that `jackinctl daemon install`
# recognises the units of its own jackind.
cmake_minimum_required(VERSION 3.25)

file(READ "${sources}/systemd/jackind.service.in" service)
file(READ "${sources}/systemd/jackind.socket.in" socket)

get_filename_component(prefix "${CMAKE_INSTALL_PREFIX}" ABSOLUTE)
string(REPLACE "%" "%%" jackind "${prefix}/${bin}/jackind")
if(jackind MATCHES "[ ;]")
  set(jackind "\"${jackind}\"")
endif()
string(REPLACE "@environment@
" "" service "${service}")
string(REPLACE "@jackind@" "${jackind}" service "${service}")
string(REPLACE "@socket@" "%t/jackin/jackind.sock" socket "${socket}")

set(folder "${scratch}")
file(WRITE "${folder}/jackind.service" "${service}")
file(WRITE "${folder}/jackind.socket" "${socket}")
file(INSTALL DESTINATION "${prefix}/lib/systemd/user" TYPE FILE
  PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ
  FILES "${folder}/jackind.service" "${folder}/jackind.socket")

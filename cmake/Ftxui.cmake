# SPDX-License-Identifier: Apache-2.0
# FTXUI's `dom` and `screen` as static libraries, in one target: jackin_ftxui. Its event loop, `component`, is not used.
# Version 5.0 is the oldest that works. The source is what `./dev deps` fetched (Debian), else an installed package
# (Homebrew), else a download.
# Without any of them, on Debian, all but jackin-tui is built.
set(JACKIN_FTXUI_SOURCE ${PROJECT_SOURCE_DIR}/build/ftxui CACHE PATH "The source of FTXUI")

if(NOT EXISTS ${JACKIN_FTXUI_SOURCE}/LICENSE)
  find_package(ftxui 5 QUIET CONFIG)
  if(ftxui_FOUND)
    add_library(jackin_ftxui INTERFACE)
    target_link_libraries(jackin_ftxui INTERFACE ftxui::dom ftxui::screen)
    return()
  endif()
  if(EXISTS /etc/debian_version)
    file(STRINGS /etc/os-release debian REGEX "^ID=debian$")
    if(debian)
      message(WARNING "jackin-tui is not built: FTXUI is missing in ${JACKIN_FTXUI_SOURCE}. Fetch it: ./dev deps")
      set(JACKIN_TUI OFF)
      return()
    endif()
  endif()
  include(FetchContent)
  FetchContent_Declare(ftxui
    URL https://github.com/ArthurSonzogni/FTXUI/archive/refs/tags/v5.0.0.tar.gz
    URL_HASH SHA256=a2991cb222c944aee14397965d9f6b050245da849d8c5da7c72d112de2786b5b)
  # Its own CMake files are not used: they define targets with names such as `screen`, and tests.
  FetchContent_Populate(ftxui)
  set(JACKIN_FTXUI_SOURCE ${ftxui_SOURCE_DIR})
endif()

file(GLOB sources ${JACKIN_FTXUI_SOURCE}/src/ftxui/screen/*.cpp ${JACKIN_FTXUI_SOURCE}/src/ftxui/dom/*.cpp)
list(FILTER sources EXCLUDE REGEX "_(test|fuzzer)\\.cpp$")
add_library(jackin_ftxui STATIC EXCLUDE_FROM_ALL ${sources})
target_include_directories(jackin_ftxui SYSTEM INTERFACE ${JACKIN_FTXUI_SOURCE}/include)
target_include_directories(jackin_ftxui PRIVATE ${JACKIN_FTXUI_SOURCE}/include ${JACKIN_FTXUI_SOURCE}/src)
target_link_libraries(jackin_ftxui PRIVATE jackin_build_mode)
set_target_properties(jackin_ftxui PROPERTIES UNITY_BUILD OFF)
target_compile_options(jackin_ftxui PRIVATE $<$<CONFIG:Debug>:-g0>)

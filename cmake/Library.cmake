# SPDX-License-Identifier: Apache-2.0
# Each folder is a static library that links exactly the libraries it may use. An include of any other folder compiles
# but does not link.
#
#   jackin_library(NAME [ASIO_HEADERS] SOURCES file... [LINUX file...] [DARWIN file...] LINKS target... [PRIVATE target...])
#
# ASIO_HEADERS: compiled with the shared precompiled header (below).
function(jackin_library name)
  cmake_parse_arguments(LIBRARY "ASIO_HEADERS" "" "SOURCES;LINUX;DARWIN;LINKS;PRIVATE" ${ARGN})
  if(LIBRARY_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "jackin_library(${name}): unknown arguments ${LIBRARY_UNPARSED_ARGUMENTS}")
  endif()
  if(APPLE)
    list(APPEND LIBRARY_SOURCES ${LIBRARY_DARWIN})
  else()
    list(APPEND LIBRARY_SOURCES ${LIBRARY_LINUX})
  endif()
  add_library(${name} STATIC ${LIBRARY_SOURCES})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR}/generated)
  target_link_libraries(${name} PUBLIC jackin_build_mode ${LIBRARY_LINKS} PRIVATE jackin_warnings ${LIBRARY_PRIVATE})
  if(LIBRARY_ASIO_HEADERS)
    target_precompile_headers(${name} REUSE_FROM asio_headers)
  endif()
endfunction()

# Asio's headers add seconds to every file that includes them. One precompiled header serves the libraries that use Asio
# without gRPC, another one serves their tests.
function(jackin_shared_headers name)
  cmake_parse_arguments(HEADERS "FOR_PROGRAMS" "" "HEADERS;LINKS" ${ARGN})
  set(source ${PROJECT_BINARY_DIR}/${name}.cpp)
  file(CONFIGURE OUTPUT ${source} CONTENT "// Carries a precompiled header.\n")
  add_library(${name} OBJECT ${source})
  target_link_libraries(${name} PUBLIC jackin_build_mode PRIVATE jackin_warnings ${HEADERS_LINKS})
  target_precompile_headers(${name} PRIVATE ${HEADERS_HEADERS})
  if(HEADERS_FOR_PROGRAMS)
    # CMake compiles the sources of a program with -fPIE and those of a library with -fPIC.
    set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
    target_compile_options(${name} PRIVATE -fPIE)
  endif()
endfunction()
jackin_shared_headers(asio_headers
  HEADERS <asio.hpp> <tl/expected.hpp> <algorithm> <chrono> <filesystem> <functional> <map> <memory> <optional> <string> <vector>
  LINKS jackin_asio tl::expected)

# An installed program of this project. INTO names the output folder if it is not bin/; the program is then installed in
# libexec/jackin.
#
#   jackin_program(NAME SOURCES file... LINKS target... [INTO dir])
function(jackin_program name)
  cmake_parse_arguments(PROGRAM "" "INTO" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${PROGRAM_SOURCES})
  target_link_libraries(${name} PRIVATE jackin_build_mode jackin_warnings ${PROGRAM_LINKS})
  if(PROGRAM_INTO)
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROGRAM_INTO})
    install(TARGETS ${name} DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/jackin)
  else()
    install(TARGETS ${name} DESTINATION ${CMAKE_INSTALL_BINDIR})
  endif()
endfunction()

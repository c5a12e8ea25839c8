# SPDX-License-Identifier: Apache-2.0
# The compiler options of every translation unit of this project. Generated code uses only jackin_build_mode: its
# warnings are not ours.

add_library(jackin_build_mode INTERFACE)
add_library(jackin_warnings INTERFACE)

option(JACKIN_WERROR "Warnings are errors" ON)

target_compile_options(jackin_warnings INTERFACE
  -Wall -Wextra -Wpedantic $<$<BOOL:${JACKIN_WERROR}>:-Werror>
  -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Wcast-align -Woverloaded-virtual -Wconversion -Wno-sign-conversion
  -Wnull-dereference -Wformat=2 -Wimplicit-fallthrough)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports false positives of these from inlined coroutine frames and std::variant.
  target_compile_options(jackin_warnings INTERFACE -Wno-null-dereference -Wno-maybe-uninitialized -Wno-dangling-pointer
    -Wno-mismatched-new-delete)
endif()

if(CMAKE_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ treats a source that another one includes as a header, and warns about its internal definitions.
  target_compile_options(jackin_warnings INTERFACE -Wno-subobject-linkage)
elseif(CMAKE_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # clang finds names of one source shadowed in another. `./dev lint` compiles each source by itself, with this warning.
  target_compile_options(jackin_warnings INTERFACE -Wno-shadow)
endif()

# -pthread everywhere, since it defines a macro: a precompiled header fits only units with the same macros.
target_compile_options(jackin_build_mode INTERFACE -fstack-protector-strong -pthread)
target_compile_definitions(jackin_build_mode INTERFACE $<$<CONFIG:Release>:_FORTIFY_SOURCE=2>)

if(JACKIN_SANITIZE)
  target_compile_options(jackin_build_mode INTERFACE -fsanitize=${JACKIN_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(jackin_build_mode INTERFACE -fsanitize=${JACKIN_SANITIZE})
  target_compile_definitions(jackin_build_mode INTERFACE JACKIN_SANITIZED=1)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 15)
    # clang 14 cannot emit coroutines with it: "Cannot represent a difference across sections".
    target_compile_options(jackin_build_mode INTERFACE -fno-sanitize=function)
  endif()
endif()

if(NOT APPLE)
  target_link_options(jackin_build_mode INTERFACE -Wl,-z,relro,-z,now)
  # GNU ld takes four times as long for each program with gRPC. Releases are linked as Debian does.
  find_program(JACKIN_LLD ld.lld)
  if(JACKIN_LLD AND NOT CMAKE_BUILD_TYPE STREQUAL "Release")
    target_link_options(jackin_build_mode INTERFACE -fuse-ld=lld)
  endif()
endif()

# For programs that start often and load no shared C++ library: the runtime of C++ is linked statically. Two copies of it
# in one process do not work, so jackind, which loads libspdlog, does not link this.
add_library(jackin_static_runtime INTERFACE)
if(NOT APPLE AND NOT JACKIN_SANITIZE)
  target_link_options(jackin_static_runtime INTERFACE -static-libstdc++ -static-libgcc)
endif()

find_program(JACKIN_CCACHE ccache)
if(JACKIN_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Without these two, ccache does not cache units with precompiled headers (ccache manual, "Precompiled headers").
  set(launcher ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${JACKIN_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
endif()
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  # ccache never matches a precompiled header that contains its build time.
  add_compile_options("$<$<COMPILE_LANGUAGE:CXX>:SHELL:-Xclang -fno-pch-timestamp>")
endif()

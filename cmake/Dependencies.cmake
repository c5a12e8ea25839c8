# SPDX-License-Identifier: Apache-2.0
# Every external library, as an imported target with one spelling. `./dev deps` installs them all.

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

# Header-only; Debian ships no CMake package for it.
find_path(ASIO_INCLUDE_DIR asio.hpp REQUIRED)
add_library(jackin_asio INTERFACE)
target_include_directories(jackin_asio SYSTEM INTERFACE ${ASIO_INCLUDE_DIR})
# Asio 1.22 does not detect the coroutines of clang 14 with libstdc++ 12. Whether it detects aligned_alloc depends on
# the first header of each file. A frame created in one file and freed in another would then use different allocators.
target_compile_definitions(jackin_asio INTERFACE
  ASIO_STANDALONE ASIO_NO_DEPRECATED ASIO_NO_TS_EXECUTORS ASIO_HAS_CO_AWAIT=1 ASIO_HAS_STD_COROUTINE=1
  ASIO_HAS_STD_ALIGNED_ALLOC=1)
if(JACKIN_SANITIZE MATCHES "thread")
  # ThreadSanitizer does not support fences; Asio's own locks provide the ordering.
  target_compile_definitions(jackin_asio INTERFACE ASIO_DISABLE_FENCED_BLOCK)
endif()
target_link_libraries(jackin_asio INTERFACE Threads::Threads)

find_package(tl-expected REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(CURL REQUIRED)
find_package(SQLiteCpp REQUIRED)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(VTERM REQUIRED IMPORTED_TARGET vterm)
pkg_check_modules(QRENCODE REQUIRED IMPORTED_TARGET libqrencode)
# The transport of jackin-hook.
pkg_check_modules(NGHTTP2 REQUIRED IMPORTED_TARGET libnghttp2)
if(NOT APPLE)
  # Statically linked: every program uses libsodium, and jackin-hook starts before every launch.
  foreach(name SODIUM NGHTTP2)
    string(TOLOWER ${name} library)
    find_library(${name}_ARCHIVE NAMES lib${library}.a REQUIRED)
    set_target_properties(PkgConfig::${name} PROPERTIES INTERFACE_LINK_LIBRARIES ${${name}_ARCHIVE})
  endforeach()
endif()
if(NOT APPLE)
  pkg_check_modules(SYSTEMD REQUIRED IMPORTED_TARGET libsystemd)
endif()

# The secret storage of the operating system.
add_library(jackin_os_store INTERFACE)
if(APPLE)
  target_link_libraries(jackin_os_store INTERFACE "-framework Security" "-framework CoreFoundation")
else()
  pkg_check_modules(SECRET REQUIRED IMPORTED_TARGET libsecret-1)
  target_link_libraries(jackin_os_store INTERFACE PkgConfig::SECRET)
endif()

# toml++ as headers: jackin writes TOML 1.1 (multi-line inline tables), which the packaged library does not support.
find_path(TOMLPLUSPLUS_INCLUDE_DIR toml++/toml.h REQUIRED)
add_library(jackin_toml INTERFACE)
target_include_directories(jackin_toml SYSTEM INTERFACE ${TOMLPLUSPLUS_INCLUDE_DIR})
target_compile_definitions(jackin_toml INTERFACE TOML_ENABLE_UNRELEASED_FEATURES=1 TOML_HEADER_ONLY=1 TOML_EXCEPTIONS=0)

# gRPC and protobuf are linked statically: a client runs for milliseconds, and loading the shared libraries takes longer
# than its work. A Unix socket needs no TLS, so the unsecure gRPC suffices.
find_package(Protobuf MODULE REQUIRED)
find_program(GRPC_CPP_PLUGIN grpc_cpp_plugin REQUIRED)
add_library(jackin_grpc INTERFACE)
# The protocol uses the lite runtime, which has no reflection and is a quarter of the size.
target_compile_definitions(jackin_grpc INTERFACE GRPC_USE_PROTO_LITE)
add_library(jackin_protobuf_lite INTERFACE)
if(APPLE)
  find_package(gRPC CONFIG REQUIRED)
  target_link_libraries(jackin_protobuf_lite INTERFACE protobuf::libprotobuf-lite)
  target_link_libraries(jackin_grpc INTERFACE gRPC::grpc++_unsecure protobuf::libprotobuf-lite)
else()
  find_library(PROTOBUF_LITE_ARCHIVE NAMES libprotobuf-lite.a REQUIRED)
  target_link_libraries(jackin_protobuf_lite INTERFACE ${PROTOBUF_LITE_ARCHIVE} Threads::Threads)
  # Debian's CMake package names only the shared libraries; the archives are found by the names from pkg-config.
  pkg_check_modules(GRPC REQUIRED grpc++_unsecure)
  set(archives)
  set(others)
  foreach(library IN LISTS GRPC_STATIC_LIBRARIES ITEMS upb address_sorting re2 cares protobuf-lite)
    if(library MATCHES "^(rt|dl|m|pthread|atomic)$")
      list(APPEND others ${library})
      continue()
    endif()
    find_library(GRPC_ARCHIVE_${library} NAMES lib${library}.a REQUIRED)
    list(APPEND archives ${GRPC_ARCHIVE_${library}})
  endforeach()
  list(REMOVE_DUPLICATES archives)
  find_library(ZLIB_ARCHIVE NAMES libz.a REQUIRED)
  target_link_libraries(jackin_grpc INTERFACE
    -Wl,--start-group ${archives} -Wl,--end-group ${ZLIB_ARCHIVE} rt dl m Threads::Threads)
  # Libraries that jackind loads have a zlib of their own.
  target_link_options(jackin_grpc INTERFACE LINKER:--exclude-libs,libz.a)
endif()

if(JACKIN_TUI)
  include(Ftxui)
endif()

if(JACKIN_TESTS)
  find_package(GTest REQUIRED)
  # The full runtime, for tests that read the protocol's description.
  add_library(jackin_protobuf INTERFACE)
  if(APPLE)
    target_link_libraries(jackin_protobuf INTERFACE protobuf::libprotobuf)
  else()
    find_library(PROTOBUF_ARCHIVE NAMES libprotobuf.a REQUIRED)
    target_link_libraries(jackin_protobuf INTERFACE ${PROTOBUF_ARCHIVE} z)
  endif()
  if(NOT APPLE)
    # The fakes of the desktop services use it for D-Bus.
    pkg_check_modules(SDBUSCPP REQUIRED IMPORTED_TARGET sdbus-c++)
  endif()
endif()

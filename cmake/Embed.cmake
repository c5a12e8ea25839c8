# SPDX-License-Identifier: Apache-2.0
# Embeds a text file in a program: NAME becomes `extern const std::string_view NAME;` in namespace jackin, with the
# unchanged text of the file.
#
#   jackin_embed(TARGET NAME file)
function(jackin_embed target name file)
  set(path ${CMAKE_CURRENT_SOURCE_DIR}/${file})
  file(READ ${path} text)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
  set(source ${CMAKE_CURRENT_BINARY_DIR}/embedded_${name}.cpp)
  configure_file(${PROJECT_SOURCE_DIR}/cmake/embedded.cpp.in ${source} @ONLY)
  target_sources(${target} PRIVATE ${source})
endfunction()

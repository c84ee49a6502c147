# How this project declares its own targets. Flags live here and reach no consumer.

add_library(skep_warnings INTERFACE)
target_compile_options(skep_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion
  $<$<BOOL:${SKEP_WARNINGS_AS_ERRORS}>:-Werror>
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>)

# Sanitizers, and what a fuzzer counts, reach every target of this build, and no consumer's.
if(SKEP_SANITIZE)
  add_compile_options(-fsanitize=${SKEP_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${SKEP_SANITIZE})
endif()
if(SKEP_BUILD_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# skep_library(NAME SRCS ... DEPS ... PRIVATE_DEPS ... [EXPORT_AS name])
# A static library skep_NAME with the alias skep::NAME; include/ is its public root where it exists.
function(skep_library name)
  cmake_parse_arguments(ARG "" "EXPORT_AS" "SRCS;DEPS;PRIVATE_DEPS" ${ARGN})
  set(target skep_${name})
  add_library(${target} STATIC ${ARG_SRCS})
  add_library(skep::${name} ALIAS ${target})
  target_compile_features(${target} PUBLIC cxx_std_20)
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON EXPORT_NAME ${name})
  if(IS_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/include)
    target_include_directories(${target} PUBLIC
      $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include>
      $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  endif()
  # Private headers are named from the project's root: "registry/core/family_table.h".
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${target} PUBLIC ${ARG_DEPS}
                        PRIVATE ${ARG_PRIVATE_DEPS} $<BUILD_INTERFACE:skep_warnings>)
  set_property(GLOBAL APPEND PROPERTY SKEP_LIBRARIES ${target})
endfunction()

# skep_executable(NAME SRCS ... DEPS ...): a program of ours that is not installed unless said.
function(skep_executable name)
  cmake_parse_arguments(ARG "" "" "SRCS;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SRCS})
  target_compile_features(${name} PRIVATE cxx_std_20)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} skep_warnings)
endfunction()

# Install rules: the libraries, their public headers, and the package skep that find_package(skep)
# reads. The daemon's own folder installs it.

include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/skep)

get_property(libraries GLOBAL PROPERTY SKEP_LIBRARIES)
install(TARGETS ${libraries} EXPORT skepTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT skepTargets NAMESPACE skep:: DESTINATION ${package_dir})

# All public roots become one tree.
foreach(part base storage registry kie engine)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/${part}/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
endforeach()
if(SKEP_BUILD_SERVER)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/server/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
endif()

configure_package_config_file(
  ${CMAKE_CURRENT_LIST_DIR}/skepConfig.cmake.in ${PROJECT_BINARY_DIR}/skepConfig.cmake
  INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/skepConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/skepConfig.cmake ${PROJECT_BINARY_DIR}/skepConfigVersion.cmake
              ${CMAKE_CURRENT_LIST_DIR}/Findre2.cmake ${CMAKE_CURRENT_LIST_DIR}/Findrocksdb.cmake
        DESTINATION ${package_dir})

# Debian's own RocksDB package asks for the development files of every compressor that it links;
# this finds its header and library alone, as rocksdb::rocksdb. It is installed with our own package,
# which needs it again where skep::rocksdb is linked.
find_path(rocksdb_INCLUDE_DIR rocksdb/db.h)
find_library(rocksdb_LIBRARY rocksdb)
mark_as_advanced(rocksdb_INCLUDE_DIR rocksdb_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(rocksdb REQUIRED_VARS rocksdb_LIBRARY rocksdb_INCLUDE_DIR
                                  REASON_FAILURE_MESSAGE "Debian: librocksdb-dev")

if(rocksdb_FOUND AND NOT TARGET rocksdb::rocksdb)
  add_library(rocksdb::rocksdb UNKNOWN IMPORTED)
  set_target_properties(rocksdb::rocksdb PROPERTIES
    IMPORTED_LOCATION "${rocksdb_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${rocksdb_INCLUDE_DIR}")
endif()

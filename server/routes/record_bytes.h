// About how much memory the records of a view take while it is sent. They are references: what they
// refer to is the engine's.
#ifndef SKEP_SERVER_ROUTES_RECORD_BYTES_H_
#define SKEP_SERVER_ROUTES_RECORD_BYTES_H_

#include <cstddef>
#include <string>
#include <vector>

#include "skep/registry/govern.h"

namespace skep::server {

template <class T>
std::size_t RecordBytes(const std::vector<T>& records) {
  return records.size() * sizeof(T);
}

inline std::size_t RecordBytes(const ServiceDetail& detail) {
  return sizeof detail + RecordBytes(detail.versions) + RecordBytes(detail.instances) +
         RecordBytes(detail.provider_keys) + RecordBytes(detail.providers) +
         RecordBytes(detail.consumers) + RecordBytes(detail.schemas) + RecordBytes(detail.rules);
}

inline std::size_t RecordBytes(const std::vector<ServiceDetail>& details) {
  std::size_t bytes = 0;
  for (const ServiceDetail& detail : details) bytes += RecordBytes(detail);
  return bytes;
}

}  // namespace skep::server

#endif  // SKEP_SERVER_ROUTES_RECORD_BYTES_H_

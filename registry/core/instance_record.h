// InstanceRecord: an instance packed into one allocation. Immutable once it is published.
//
// The header is followed by texts, each a 4-byte length and its bytes:
//
//   id (empty for 128 bits) | host | health check url | data center name, region, zone |
//   endpoint ... | key value key value ...
//
// A registration of 400 bytes of JSON takes about as many here, where strings, a vector and a map
// would take three times that (docs/architecture.md has the figures).
#ifndef SKEP_REGISTRY_CORE_INSTANCE_RECORD_H_
#define SKEP_REGISTRY_CORE_INSTANCE_RECORD_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "registry/core/service_entry.h"
#include "skep/memo.h"
#include "skep/registry/types.h"

namespace skep::core {

struct InstanceRecord {
  /// Packs a complete, valid spec. The id's 128 bits, times and revision are the caller's to set
  /// before anybody else sees the record.
  static InstanceRecord* Pack(const ServiceRef& service, const InstanceSpec& spec,
                              MemoBudget* budget);

  /// The same once more, with a memo slot of its own, for a change before it is published.
  InstanceRecord* Clone() const;

  /// The same with other properties.
  InstanceRecord* CloneWith(const Properties& properties) const;

  void Ref() const { refs.fetch_add(1, std::memory_order_relaxed); }
  void Unref() const {
    if (refs.fetch_sub(1, std::memory_order_acq_rel) == 1) Free(this);
  }

  std::string_view id_text() const { return Text(0); }
  bool has_text_id() const { return !id_text().empty(); }
  std::string_view host() const { return Text(1); }
  std::string_view url() const { return Text(2); }
  /// 0: name, 1: region, 2: zone.
  std::string_view data_center(int which) const { return Text(3 + which); }
  PackedTexts endpoints() const {
    return {bytes() + endpoints_at, bytes() + properties_at, endpoint_count};
  }
  PackedTexts properties() const {
    return {bytes() + properties_at, bytes() + bytes_end, 2 * std::size_t{property_count}};
  }
  InstanceIdView id() const {
    return has_text_id() ? InstanceIdView(id_text()) : InstanceIdView(hi, lo);
  }

  /// All that a client chose is the same.
  bool HasContentOf(const InstanceRecord& other) const;

  mutable std::atomic<std::uint32_t> refs{1};
  std::uint32_t endpoints_at = 0;
  std::uint32_t properties_at = 0;
  std::uint32_t bytes_end = 0;
  MemoSlot memo;
  ServiceRef service;
  /// The id where it has 128 bits, else a number of the registry's own: the lease's name.
  std::uint64_t hi = 0;
  std::uint64_t lo = 0;
  Revision revision;
  std::int64_t created_s = 0;   ///< Since 1970.
  std::int64_t modified_s = 0;  ///< Since 1970.
  Millis lease{0};              ///< Zero: none.
  std::uint32_t endpoint_count = 0;
  std::uint32_t property_count = 0;
  std::int32_t check_interval_s = 0;
  std::int32_t check_times = 0;
  std::uint16_t check_port = 0;
  HealthCheckMode check_mode = HealthCheckMode::kPush;
  InstanceStatus status = InstanceStatus::kUp;

 private:
  InstanceRecord(MemoBudget* budget, ServiceRef owner) : memo(budget), service(std::move(owner)) {}
  ~InstanceRecord() = default;
  static void Free(const InstanceRecord* record);
  /// A copy of all but the properties, with room for `property_bytes` of them.
  InstanceRecord* CopyUpToProperties(std::size_t property_bytes) const;

  const char* bytes() const { return reinterpret_cast<const char*>(this + 1); }
  std::string_view Text(int index) const;
};

/// Appends the service's instances, in order of their registration.
void AppendInstances(const ServiceEntry& service, std::vector<Instance>* out);

}  // namespace skep::core

#endif  // SKEP_REGISTRY_CORE_INSTANCE_RECORD_H_

#include "registry/core/instance_record.h"

#include <cstring>
#include <new>

namespace skep {
namespace {

std::size_t PackedSize(std::string_view text) { return sizeof(std::uint32_t) + text.size(); }

char* PackText(char* at, std::string_view text) {
  const auto size = static_cast<std::uint32_t>(text.size());
  std::memcpy(at, &size, sizeof size);
  std::memcpy(at + sizeof size, text.data(), text.size());
  return at + sizeof size + text.size();
}

std::string_view UnpackText(const char* at) {
  std::uint32_t size = 0;
  std::memcpy(&size, at, sizeof size);
  return {at + sizeof size, size};
}

}  // namespace

std::string_view PackedTexts::Iterator::operator*() const { return UnpackText(at_); }

PackedTexts::Iterator& PackedTexts::Iterator::operator++() {
  at_ += PackedSize(UnpackText(at_));
  return *this;
}

namespace core {

InstanceRecord* InstanceRecord::Pack(const ServiceRef& service, const InstanceSpec& spec,
                                     MemoBudget* budget) {
  const InstanceIdView id(spec.id);
  const HealthCheck check = spec.health_check.value_or(HealthCheck{});
  const DataCenterInfo data_center = spec.data_center.value_or(DataCenterInfo{});
  const std::string_view fixed[] = {id.text(),          spec.host,
                                    check.url,          data_center.name,
                                    data_center.region, data_center.available_zone};
  std::size_t size = 0;
  for (std::string_view text : fixed) size += PackedSize(text);
  const std::size_t endpoints_at = size;
  for (const std::string& endpoint : spec.endpoints) size += PackedSize(endpoint);
  const std::size_t properties_at = size;
  for (const auto& [key, value] : spec.properties) size += PackedSize(key) + PackedSize(value);

  void* memory = ::operator new(sizeof(InstanceRecord) + size);
  auto* record = new (memory) InstanceRecord(budget, service);
  char* at = reinterpret_cast<char*>(record + 1);
  for (std::string_view text : fixed) at = PackText(at, text);
  for (const std::string& endpoint : spec.endpoints) at = PackText(at, endpoint);
  for (const auto& [key, value] : spec.properties) at = PackText(PackText(at, key), value);

  record->endpoints_at = static_cast<std::uint32_t>(endpoints_at);
  record->properties_at = static_cast<std::uint32_t>(properties_at);
  record->bytes_end = static_cast<std::uint32_t>(size);
  record->endpoint_count = static_cast<std::uint32_t>(spec.endpoints.size());
  record->property_count = static_cast<std::uint32_t>(spec.properties.size());
  record->hi = id.hi();
  record->lo = id.lo();
  record->check_mode = check.mode;
  record->check_port = static_cast<std::uint16_t>(check.port);
  record->check_interval_s = static_cast<std::int32_t>(check.interval_s);
  record->check_times = static_cast<std::int32_t>(check.times);
  record->status = spec.status;
  return record;
}

InstanceRecord* InstanceRecord::CopyUpToProperties(std::size_t property_bytes) const {
  const std::size_t size = properties_at + property_bytes;
  void* memory = ::operator new(sizeof(InstanceRecord) + size);
  auto* copy = new (memory) InstanceRecord(memo.budget(), service);
  std::memcpy(reinterpret_cast<char*>(copy + 1), bytes(), properties_at);
  copy->endpoints_at = endpoints_at;
  copy->properties_at = properties_at;
  copy->bytes_end = static_cast<std::uint32_t>(size);
  copy->hi = hi;
  copy->lo = lo;
  copy->revision = revision;
  copy->created_s = created_s;
  copy->modified_s = modified_s;
  copy->lease = lease;
  copy->endpoint_count = endpoint_count;
  copy->check_interval_s = check_interval_s;
  copy->check_times = check_times;
  copy->check_port = check_port;
  copy->check_mode = check_mode;
  copy->status = status;
  return copy;
}

InstanceRecord* InstanceRecord::Clone() const {
  const std::size_t property_bytes = bytes_end - properties_at;
  InstanceRecord* copy = CopyUpToProperties(property_bytes);
  std::memcpy(reinterpret_cast<char*>(copy + 1) + properties_at, bytes() + properties_at,
              property_bytes);
  copy->property_count = property_count;
  return copy;
}

InstanceRecord* InstanceRecord::CloneWith(const Properties& properties) const {
  std::size_t property_bytes = 0;
  for (const auto& [key, value] : properties) property_bytes += PackedSize(key) + PackedSize(value);
  InstanceRecord* copy = CopyUpToProperties(property_bytes);
  char* at = reinterpret_cast<char*>(copy + 1) + properties_at;
  for (const auto& [key, value] : properties) at = PackText(PackText(at, key), value);
  copy->property_count = static_cast<std::uint32_t>(properties.size());
  return copy;
}

void InstanceRecord::Free(const InstanceRecord* record) {
  record->~InstanceRecord();
  ::operator delete(const_cast<InstanceRecord*>(record));
}

std::string_view InstanceRecord::Text(int index) const {
  const char* at = bytes();
  for (; index > 0; --index) at += PackedSize(UnpackText(at));
  return UnpackText(at);
}

bool InstanceRecord::HasContentOf(const InstanceRecord& other) const {
  return status == other.status && lease == other.lease && check_mode == other.check_mode &&
         check_port == other.check_port && check_interval_s == other.check_interval_s &&
         check_times == other.check_times && endpoint_count == other.endpoint_count &&
         bytes_end == other.bytes_end && std::memcmp(bytes(), other.bytes(), bytes_end) == 0;
}

void AppendInstances(const ServiceEntry& service, std::vector<Instance>* out) {
  base::MutexLock lock(&service.mu);
  out->reserve(out->size() + service.instances.size() - service.free_places.size());
  for (const InstanceRecord* record : service.instances) {
    if (record == nullptr) continue;
    record->Ref();
    out->emplace_back(record);
  }
}

}  // namespace core
}  // namespace skep

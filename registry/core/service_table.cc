#include "registry/core/service_table.h"

#include <vector>

namespace skep::core {

ServiceTable::~ServiceTable() {
  std::vector<ServiceEntry*> all;
  table_.ForEach([&all](ServiceEntry& entry) { all.push_back(&entry); });
  for (ServiceEntry* entry : all) entry->Unref();
}

ServiceRef ServiceTable::Find(std::uint32_t tenant, std::string_view id) const {
  ServiceRef found;
  Read(tenant, id, [&found](ServiceEntry& entry) { found = ServiceRef::Share(&entry); });
  return found;
}

void ServiceTable::Insert(const ServiceRef& service) {
  service->Ref();
  table_.Insert(service->owner, service.get());
}

void ServiceTable::Remove(const ServiceEntry& service) {
  ServiceEntry* removed =
      table_.Remove(service.owner, [&](const ServiceEntry& entry) { return &entry == &service; });
  if (removed != nullptr) removed->Unref();
}

}  // namespace skep::core

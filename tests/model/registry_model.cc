#include "tests/model/registry_model.h"

#include <algorithm>
#include <chrono>
#include <sstream>

#include "base/digest.h"

namespace skep::testing {
namespace {

std::string IdFromKey(const Tenant& tenant, const Microservice& s) {
  return base::Sha1Hex("/cse-sr/ms/indexes/" + tenant.domain + "/" + tenant.project + "/" +
                       s.environment + "/" + s.app_id + "/" + s.name + "/" + s.version);
}

bool SameContent(const InstanceSpec& a, const InstanceSpec& b) {
  auto parts = [](const InstanceSpec& spec) {
    const HealthCheck& check = *spec.health_check;
    const DataCenterInfo center = spec.data_center.value_or(DataCenterInfo{});
    return std::tuple(spec.host, spec.endpoints, spec.status, spec.properties, check.mode,
                      check.port, check.interval_s, check.times, check.url, center.name,
                      center.region, center.available_zone, spec.lease);
  };
  return parts(a) == parts(b);
}

bool IsTwin(const ModelInstance& live, const InstanceSpec& spec) {
  const std::multiset<std::string> here(live.spec.endpoints.begin(), live.spec.endpoints.end());
  const std::multiset<std::string> there(spec.endpoints.begin(), spec.endpoints.end());
  return !there.empty() && live.spec.host == spec.host && here == there;
}

template <class Texts>
void AppendAll(std::ostream& out, const Texts& texts) {
  for (const auto& text : texts) out << ' ' << text;
}

}  // namespace

bool ModelService::allows_cross_app() const {
  const auto at = record.properties.find("allowCrossApp");
  return at != record.properties.end() && (at->second == "true" || at->second == "TRUE");
}

RegistryModel::RegistryModel(RegistryOptions options, std::uint64_t first, Millis now,
                             WallTime wall)
    : options_(std::move(options)),
      revision_(first - 1),
      now_(now),
      wall_start_(wall),
      start_(now),
      tenants_{Tenant{}} {}

std::int64_t RegistryModel::wall_seconds() const {
  return std::chrono::floor<std::chrono::seconds>(wall_start_ + (now_ - start_))
      .time_since_epoch()
      .count();
}

std::size_t RegistryModel::instance_count() const {
  std::size_t count = 0;
  for (const ModelService& service : services_) count += service.instances.size();
  return count;
}

// ------------------------------------------------------------------------------------------------
// Microservices

const ModelService* RegistryModel::FindService(const Tenant& tenant, std::string_view id) const {
  for (const ModelService& service : services_) {
    if (service.tenant == tenant && service.record.id.str() == id) return &service;
  }
  return nullptr;
}

ModelService* RegistryModel::FindMutable(const Tenant& tenant, std::string_view id) {
  return const_cast<ModelService*>(FindService(tenant, id));
}

bool RegistryModel::IsShared(const Tenant& tenant, std::string_view app,
                             std::string_view name) const {
  return tenant == Tenant{} && app == "default" &&
         (name == "SERVICECENTER" || std::ranges::count(options_.shared_services, name) > 0);
}

Expected<RegistryModel::ServiceWritten> RegistryModel::RegisterService(
    const Tenant& tenant, const Microservice& service) {
  if (!tenants_.contains(tenant) && tenants_.size() >= options_.tenants_max) {
    return {.error = RegistryErrc::kNotEnoughQuota};
  }
  tenants_.insert(tenant);
  const auto counted = std::ranges::count_if(services_, [&](const ModelService& s) {
    return s.tenant == tenant && !IsShared(tenant, s.record.app_id, s.record.name);
  });
  if (!IsShared(tenant, service.app_id, service.name) &&
      static_cast<std::size_t>(counted) >= options_.services_max) {
    return {.error = RegistryErrc::kNotEnoughQuota};
  }

  ModelService added{.tenant = tenant, .record = service};
  const ModelService* by_key = nullptr;
  const ModelService* by_alias = nullptr;
  for (const ModelService& s : services_) {
    if (s.record.version != service.version) continue;
    if (s.name_family() == added.name_family()) by_key = &s;
    if (!service.alias.empty() && s.alias_family() == added.alias_family()) by_alias = &s;
  }
  const std::string& wanted = service.id.str();
  const bool taken = !wanted.empty() && FindService(tenant, wanted) != nullptr;
  const ModelService* existing = by_key;
  if (existing == nullptr && !taken) existing = by_alias;
  if (existing != nullptr && (wanted.empty() || wanted == existing->record.id.str())) {
    return {.value = {existing->record.id.str(), existing->last_change}};
  }
  if (existing != nullptr || taken) return {.error = RegistryErrc::kServiceAlreadyExists};
  const std::string id = wanted.empty() ? IdFromKey(tenant, service) : wanted;
  if (FindService(tenant, id) != nullptr) return {.error = RegistryErrc::kServiceAlreadyExists};

  ++revision_;
  added.record.id = ServiceId(id);
  added.record.created = std::chrono::sys_seconds(std::chrono::seconds(wall_seconds()));
  added.record.modified = added.record.created;
  added.record.revision = Revision(revision_);
  added.serial = ++last_serial_;
  added.last_change = {revision_, revision_};
  services_.push_back(added);
  Touch(services_.back(), {revision_, revision_});
  return {.value = {id, added.last_change}};
}

bool RegistryModel::HasConsumersBut(const ModelService& service) const {
  return std::ranges::any_of(depends_, [&](const auto& dependency) {
    return dependency.first != service.serial && dependency.second == service.name_family();
  });
}

Expected<std::uint64_t> RegistryModel::DeleteService(const Tenant& tenant, std::string_view id,
                                                     bool force) {
  const ModelService* service = FindService(tenant, id);
  if (service == nullptr) return {.error = RegistryErrc::kServiceNotExists};
  const bool permanent = std::ranges::any_of(
      service->instances, [](const ModelInstance& i) { return i.lease == Millis(0); });
  if (permanent) return {.error = RegistryErrc::kInvalidParams};
  if (!force && HasConsumersBut(*service)) return {.error = RegistryErrc::kServiceHasConsumers};
  if (!force && !service->instances.empty()) return {.error = RegistryErrc::kServiceHasInstances};

  ++revision_;
  const ModelService gone = *service;
  std::erase_if(services_, [&](const ModelService& s) { return s.serial == gone.serial; });
  std::erase_if(depends_, [&](const auto& dependency) { return dependency.first == gone.serial; });
  Touch(gone, {revision_, revision_});
  std::erase_if(touched_, [&](const auto& entry) { return Members(entry.first).empty(); });
  return {.value = revision_};
}

std::vector<const ModelService*> RegistryModel::ListServices(const Tenant& tenant,
                                                             bool shared_too) const {
  std::vector<const ModelService*> found;
  for (const ModelService& s : services_) {
    const bool shared = IsShared(s.tenant, s.record.app_id, s.record.name);
    if (s.tenant == tenant && (shared_too || !shared)) found.push_back(&s);
  }
  return found;
}

Expected<std::string> RegistryModel::Exists(const ModelFamily& family,
                                            std::string_view version) const {
  const std::vector<const ModelService*> members = Members(family);
  if (members.empty()) return {.error = RegistryErrc::kServiceNotExists};
  for (const ModelService* member : members) {
    if (member->record.version == version) return {.value = member->record.id.str()};
  }
  return {.error = RegistryErrc::kServiceVersionNotExists};
}

// Those of the name; where there are none, those of the alias.
std::vector<const ModelService*> RegistryModel::Members(const ModelFamily& family) const {
  std::vector<const ModelService*> by_name;
  std::vector<const ModelService*> by_alias;
  for (const ModelService& s : services_) {
    if (s.name_family() == family) by_name.push_back(&s);
    if (!s.record.alias.empty() && s.alias_family() == family) by_alias.push_back(&s);
  }
  return by_name.empty() ? by_alias : by_name;
}

void RegistryModel::Touch(const ModelService& service, Revisions revision) {
  touched_[service.name_family()] = revision;
  if (!service.record.alias.empty()) touched_[service.alias_family()] = revision;
}

// ------------------------------------------------------------------------------------------------
// Instances

const ModelInstance* RegistryModel::FindInstance(const Tenant& tenant, std::string_view service_id,
                                                 std::string_view id) const {
  const ModelService* service = FindService(tenant, service_id);
  if (service == nullptr) return nullptr;
  for (const ModelInstance& instance : service->instances) {
    if (instance.id == id) return &instance;
  }
  return nullptr;
}

RegistryModel::Registration RegistryModel::BeforeRegister(const Tenant& tenant,
                                                          std::string_view service_id,
                                                          std::string_view id,
                                                          const InstanceSpec& spec) const {
  Registration allowed;
  const ModelService* service = FindService(tenant, service_id);
  if (service == nullptr) {
    allowed.error = RegistryErrc::kServiceNotExists;
    return allowed;
  }
  if (!id.empty()) {
    allowed.ids.emplace_back(id);
  } else if (options_.reuse_id_of_equal_endpoints) {
    for (const ModelInstance& live : service->instances) {
      if (IsTwin(live, spec)) allowed.ids.push_back(live.id);
    }
  }
  const bool is_new =
      allowed.ids.empty() || FindInstance(tenant, service_id, allowed.ids.front()) == nullptr;
  std::size_t count = 0;
  for (const ModelService& s : services_) {
    if (s.tenant == tenant) count += s.instances.size();
  }
  if (is_new && count >= options_.instances_max) allowed.error = RegistryErrc::kNotEnoughQuota;
  return allowed;
}

const ModelInstance& RegistryModel::Registered(const Tenant& tenant, std::string_view service_id,
                                               const std::string& id, const InstanceSpec& spec) {
  ModelService& service = *FindMutable(tenant, service_id);
  auto at = std::ranges::find(service.instances, id, &ModelInstance::id);
  const bool is_new = at == service.instances.end();
  if (!is_new && SameContent(at->spec, spec)) {
    at->last_beat = now_;
    return *at;
  }
  if (is_new) {
    service.instances.push_back({.id = id, .serial = ++last_serial_});
    at = std::prev(service.instances.end());
    at->created_s = wall_seconds();
  }
  const HealthCheck& check = *spec.health_check;
  at->spec = spec;
  at->lease = spec.lease == LeaseMode::kNone
                  ? Millis(0)
                  : Millis(std::chrono::seconds(check.interval_s * (check.times + 1)));
  at->last_beat = now_;
  at->modified_s = wall_seconds();
  at->revision = ++revision_;
  service.last_change = {revision_, revision_};
  Touch(service, {revision_, revision_});
  return *at;
}

std::optional<std::uint64_t> RegistryModel::Unregister(const Tenant& tenant,
                                                       std::string_view service_id,
                                                       std::string_view id) {
  if (FindInstance(tenant, service_id, id) == nullptr) return std::nullopt;
  ModelService& service = *FindMutable(tenant, service_id);
  std::erase_if(service.instances, [&](const ModelInstance& i) { return i.id == id; });
  ++revision_;
  service.last_change = {revision_, revision_};
  Touch(service, {revision_, revision_});
  return revision_;
}

std::optional<std::uint64_t> RegistryModel::SetStatus(const Tenant& tenant,
                                                      std::string_view service_id,
                                                      std::string_view id, InstanceStatus status) {
  if (FindInstance(tenant, service_id, id) == nullptr) return std::nullopt;
  ModelService& service = *FindMutable(tenant, service_id);
  ModelInstance& instance = *std::ranges::find(service.instances, id, &ModelInstance::id);
  instance.spec.status = status;
  instance.modified_s = wall_seconds();
  instance.revision = ++revision_;
  service.last_change = {revision_, revision_};
  Touch(service, {revision_, revision_});
  return revision_;
}

bool RegistryModel::Heartbeat(const Tenant& tenant, std::string_view service_id,
                              std::string_view id) {
  const ModelInstance* instance = FindInstance(tenant, service_id, id);
  if (instance == nullptr) return false;
  const_cast<ModelInstance*>(instance)->last_beat = now_;
  return true;
}

void RegistryModel::Advance(Millis by) {
  now_ += by;
  // By the moment at which the lease ends: the instances, as (microservice, serial).
  std::map<Millis, std::vector<std::pair<ModelService*, std::uint64_t>>> ended;
  for (ModelService& service : services_) {
    for (const ModelInstance& i : service.instances) {
      if (i.lease == Millis(0) || i.last_beat + i.lease > now_) continue;
      ended[i.last_beat + i.lease].emplace_back(&service, i.serial);
    }
  }
  for (const auto& [moment, together] : ended) ExpireTogether(together);
}

// Each takes a revision, in an order that is the registry's own: a family that n of m concern was
// last changed by the n-th of them at the earliest.
void RegistryModel::ExpireTogether(
    const std::vector<std::pair<ModelService*, std::uint64_t>>& ended) {
  std::map<ModelFamily, std::uint64_t> per_family;
  std::map<ModelService*, std::uint64_t> per_service;
  for (const auto& [service, serial] : ended) {
    ++per_service[service];
    ++per_family[service->name_family()];
    if (!service->record.alias.empty() && service->alias_family() != service->name_family()) {
      ++per_family[service->alias_family()];
    }
    std::erase_if(service->instances,
                  [gone = serial](const ModelInstance& i) { return i.serial == gone; });
  }
  const std::uint64_t last = revision_ + ended.size();
  for (const auto& [family, count] : per_family) touched_[family] = {revision_ + count, last};
  for (const auto& [service, count] : per_service) {
    service->last_change = {revision_ + count, last};
  }
  revision_ = last;
  expired_ += ended.size();
}

// ------------------------------------------------------------------------------------------------
// Discovery

bool RegistryModel::IsVisible(const ModelService& provider, const ModelService* consumer) const {
  if (consumer == nullptr) return true;
  const bool near = IsShared(provider.tenant, provider.record.app_id, provider.record.name) ||
                    provider.record.environment == consumer->record.environment;
  return near && (provider.record.app_id == consumer->record.app_id || provider.allows_cross_app());
}

Expected<ModelAnswer> RegistryModel::Find(const ModelFamily& asked, std::string_view consumer_id,
                                          bool tagged) {
  ModelFamily family = asked;
  auto& [tenant, environment, app, name] = family;
  ModelService* consumer = nullptr;
  if (IsShared(tenant, app, name)) {
    environment = options_.shared_environment;
  } else if (!consumer_id.empty()) {
    consumer = FindMutable(tenant, consumer_id);
    if (consumer == nullptr) return {.error = RegistryErrc::kServiceNotExists};
    environment = consumer->record.environment;
  }
  const std::vector<const ModelService*> members = Members(family);
  if (members.empty()) return {.error = RegistryErrc::kServiceNotExists};
  std::vector<const ModelService*> visible;
  for (const ModelService* member : members) {
    if (!tagged && IsVisible(*member, consumer)) visible.push_back(member);
  }
  if (consumer != nullptr) RecordDependency(consumer, visible);
  ModelAnswer answer{.family = family, .instances = {}};
  for (const ModelService* member : visible) {
    for (const ModelInstance& i : member->instances) answer.instances.emplace_back(member, &i);
  }
  return {.value = answer};
}

// On the names of what it sees; several that are new are one change.
void RegistryModel::RecordDependency(ModelService* consumer,
                                     const std::vector<const ModelService*>& visible) {
  bool is_new = false;
  for (const ModelService* provider : visible) {
    is_new = depends_.emplace(consumer->serial, provider->name_family()).second || is_new;
  }
  if (!is_new) return;
  ++revision_;
  consumer->last_change = {revision_, revision_};
}

Expected<ModelAnswer> RegistryModel::List(const Tenant& tenant, std::string_view service_id,
                                          std::string_view consumer_id, bool tagged) const {
  const ModelService* provider = FindService(tenant, service_id);
  const ModelService* consumer = FindService(tenant, consumer_id);
  if (provider == nullptr || tagged || (!consumer_id.empty() && consumer == nullptr) ||
      !IsVisible(*provider, consumer)) {
    return {.error = RegistryErrc::kServiceNotExists};
  }
  ModelAnswer answer{.family = provider->name_family(), .instances = {}};
  for (const ModelInstance& i : provider->instances) answer.instances.emplace_back(provider, &i);
  return {.value = answer};
}

Expected<const ModelInstance*> RegistryModel::Get(const Tenant& tenant, std::string_view service_id,
                                                  std::string_view id,
                                                  std::string_view consumer_id) const {
  const ModelService* provider = FindService(tenant, service_id);
  const ModelService* consumer = FindService(tenant, consumer_id);
  if (provider == nullptr || (!consumer_id.empty() && consumer == nullptr)) {
    return {.error = RegistryErrc::kServiceNotExists};
  }
  const ModelInstance* instance = FindInstance(tenant, service_id, id);
  if (instance == nullptr || !IsVisible(*provider, consumer)) {
    return {.error = RegistryErrc::kInstanceNotExists};
  }
  return {.value = instance};
}

// ------------------------------------------------------------------------------------------------
// Describe

std::string Describe(const Instance& i) {
  std::ostringstream out;
  out << i.service_id() << '/' << i.id().str() << " host " << i.host() << " version " << i.version()
      << " endpoints";
  AppendAll(out, i.endpoints());
  out << " properties";
  AppendAll(out, i.properties());
  out << " status " << static_cast<int>(i.status()) << " check "
      << static_cast<int>(i.health_check_mode()) << ' ' << i.health_check_port() << ' '
      << i.health_check_interval_s() << ' ' << i.health_check_times() << ' ' << i.health_check_url()
      << " center " << i.has_data_center() << ' ' << i.data_center_name() << ' '
      << i.data_center_region() << ' ' << i.data_center_zone() << " lease " << i.lease().count()
      << " created " << i.created().time_since_epoch().count() << " modified "
      << i.modified().time_since_epoch().count() << " revision " << i.revision().number();
  return out.str();
}

std::string Describe(const ModelService& service, const ModelInstance& i) {
  std::vector<std::string> properties;
  for (const auto& [key, value] : i.spec.properties) {
    properties.push_back(key);
    properties.push_back(value);
  }
  const HealthCheck& check = *i.spec.health_check;
  const DataCenterInfo center = i.spec.data_center.value_or(DataCenterInfo{});
  std::ostringstream out;
  out << service.record.id.str() << '/' << i.id << " host " << i.spec.host << " version "
      << service.record.version << " endpoints";
  AppendAll(out, i.spec.endpoints);
  out << " properties";
  AppendAll(out, properties);
  out << " status " << static_cast<int>(i.spec.status) << " check " << static_cast<int>(check.mode)
      << ' ' << check.port << ' ' << check.interval_s << ' ' << check.times << ' ' << check.url
      << " center " << i.spec.data_center.has_value() << ' ' << center.name << ' ' << center.region
      << ' ' << center.available_zone << " lease " << i.lease.count() << " created " << i.created_s
      << " modified " << i.modified_s << " revision " << i.revision;
  return out.str();
}

}  // namespace skep::testing

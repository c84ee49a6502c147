// The public views of the registry: each call goes to the engine's RegistryCore. Without storage a
// change is durable when it is published, so there is nothing to wait for whatever the Ack.
#include "registry/core/errors.h"
#include "registry/core/registry_core.h"

namespace skep {

Result<Written<ServiceId>> Microservices::Register(Microservice service, Ack) {
  return core_->RegisterService(*tenant_, std::move(service));
}

Result<MicroservicePtr> Microservices::Get(ServiceIdView id) const {
  return core_->GetService(*tenant_, id.str());
}

std::vector<MicroservicePtr> Microservices::List(SharedServices shared) const {
  return core_->ListServices(*tenant_, shared);
}

Result<ServiceId> Microservices::Exists(const ExistenceQuery& query) const {
  return core_->ServiceExists(*tenant_, query);
}

Result<Revision> Microservices::Delete(ServiceIdView id, DeleteMode mode, Ack) {
  return core_->DeleteService(*tenant_, id.str(), mode);
}

Result<Revision> Microservices::SetProperties(ServiceIdView id, Properties properties, Ack) {
  return core_->SetServiceProperties(*tenant_, id.str(), std::move(properties));
}

Result<std::vector<ServiceDeletion>> Microservices::DeleteMany(
    std::span<const std::string_view> ids, DeleteMode mode, Ack) {
  return core_->DeleteServices(*tenant_, ids, mode);
}

Result<TagsPtr> Tags::Get(ServiceIdView service_id) const {
  return core_->GetTags(*tenant_, service_id.str());
}

Result<Revision> Tags::Replace(ServiceIdView service_id, Properties tags, Ack) {
  return core_->ReplaceTags(*tenant_, service_id.str(), std::move(tags));
}

Result<Revision> Tags::Set(ServiceIdView service_id, std::string_view key, std::string_view value,
                           Ack) {
  return core_->SetTag(*tenant_, service_id.str(), key, value);
}

Result<Revision> Tags::Delete(ServiceIdView service_id, std::span<const std::string_view> keys,
                              Ack) {
  return core_->DeleteTags(*tenant_, service_id.str(), keys);
}

Result<std::vector<Rule>> Rules::Get(ServiceIdView service_id) const {
  return core_->GetRules(*tenant_, service_id.str());
}

Result<Revision> Rules::Replace(ServiceIdView service_id, std::vector<Rule> rules, Ack) {
  return core_->ReplaceRules(*tenant_, service_id.str(), std::move(rules));
}

Result<SchemaPtr> Schemas::Get(ServiceIdView service_id, std::string_view schema_id) const {
  return core_->GetSchema(*tenant_, service_id.str(), schema_id);
}

Result<std::vector<SchemaPtr>> Schemas::List(ServiceIdView service_id) const {
  return core_->ListSchemas(*tenant_, service_id.str());
}

Result<Revision> Schemas::Put(ServiceIdView service_id, Schema schema, Ack) {
  return core_->PutSchema(*tenant_, service_id.str(), std::move(schema));
}

Result<Revision> Schemas::ReplaceAll(ServiceIdView service_id, std::vector<Schema> schemas, Ack) {
  return core_->ReplaceSchemas(*tenant_, service_id.str(), std::move(schemas));
}

Result<Revision> Schemas::Delete(ServiceIdView service_id, std::string_view schema_id, Ack) {
  return core_->DeleteSchema(*tenant_, service_id.str(), schema_id);
}

Result<Written<InstanceId>> Instances::Register(ServiceIdView service_id, InstanceSpec spec, Ack) {
  return core_->RegisterInstance(*tenant_, service_id.str(), std::move(spec));
}

Result<Revision> Instances::Unregister(ServiceIdView service_id, InstanceIdView id, Ack) {
  return core_->UnregisterInstance(*tenant_, service_id.str(), id);
}

Result<Revision> Instances::SetStatus(ServiceIdView service_id, InstanceIdView id,
                                      InstanceStatus status, Ack) {
  return core_->SetInstanceStatus(*tenant_, service_id.str(), id, status);
}

Result<Revision> Instances::SetProperties(ServiceIdView service_id, InstanceIdView id,
                                          const Properties& properties, Ack) {
  return core_->SetInstanceProperties(*tenant_, service_id.str(), id, properties);
}

Result<BatchStatusChange> Instances::SetStatusWhere(const Properties& matching,
                                                    InstanceStatus status, Ack) {
  return core_->SetStatusWhere(*tenant_, matching, status);
}

Status Instances::Heartbeat(ServiceIdView service_id, InstanceIdView id) {
  return Heartbeat(service_id, id, core_->Now());
}

Status Instances::Heartbeat(ServiceIdView service_id, InstanceIdView id, MonotonicTime now) {
  if (core_->Beats(*tenant_, service_id.str(), id, now)) return {};
  return core::InstanceNotExists(service_id.str(), id);
}

Result<LeaseRef> Instances::Lease(ServiceIdView service_id, InstanceIdView id) const {
  return core_->FindLease(*tenant_, service_id.str(), id);
}

bool Instances::Renew(const LeaseRef& lease, MonotonicTime now) {
  return core_->Renew({lease.hi(), lease.lo(), lease.owner()}, now);
}

std::vector<bool> Instances::HeartbeatSet(std::span<const HeartbeatTarget> targets) {
  const MonotonicTime now = core_->Now();
  std::vector<bool> alive;
  alive.reserve(targets.size());
  for (const HeartbeatTarget& target : targets) {
    alive.push_back(core_->Beats(*tenant_, target.service_id.str(), target.instance_id, now));
  }
  return alive;
}

Result<Instance> Instances::Get(ServiceIdView service_id, InstanceIdView id, ServiceIdView consumer,
                                std::span<const std::string_view> tags) const {
  return core_->GetInstance(*tenant_, service_id.str(), id, consumer.str(), tags);
}

Result<FindResult> Instances::List(ServiceIdView service_id, const ListQuery& query) const {
  return core_->ListInstances(*tenant_, service_id.str(), query);
}

Result<FindResult> Discovery::Find(const FindQuery& query) const {
  return core_->Find(*tenant_, {}, query);
}

Result<FindResult> Discovery::Find(ServiceIdView consumer, const FindQuery& query) const {
  return core_->Find(*tenant_, consumer.str(), query);
}

Result<BatchFound> Discovery::BatchFind(ServiceIdView consumer, const BatchQuery& query) const {
  return core_->BatchFind(*tenant_, consumer.str(), query);
}

Result<Revision> Dependencies::Add(std::span<const Dependency> dependencies, Ack) {
  return core_->ChangeDependencies(*tenant_, dependencies, core::DependencyChange::kAdd);
}

Result<Revision> Dependencies::Override(std::span<const Dependency> dependencies, Ack) {
  return core_->ChangeDependencies(*tenant_, dependencies, core::DependencyChange::kOverride);
}

Result<std::vector<MicroservicePtr>> Dependencies::Providers(ServiceIdView consumer,
                                                             SelfDependency self) const {
  return core_->Providers(*tenant_, consumer.str(), self);
}

Result<std::vector<MicroservicePtr>> Dependencies::Consumers(ServiceIdView provider,
                                                             SelfDependency self) const {
  return core_->Consumers(*tenant_, provider.str(), self);
}

Result<ServiceDetail> Govern::Get(ServiceIdView id) const {
  return core_->DescribeService(*tenant_, id.str());
}

Result<std::vector<ServiceDetail>> Govern::List(const ServiceFilter& filter,
                                                const DetailParts& parts) const {
  return core_->DescribeServices(*tenant_, filter, parts);
}

Result<RelationGraph> Govern::Relations(SharedServices shared) const {
  return core_->Relations(*tenant_, shared);
}

Result<std::vector<std::string>> Govern::Apps(std::string_view environment,
                                              SharedServices shared) const {
  return core_->Apps(*tenant_, environment, shared);
}

RegistryStatistics Govern::Statistics(SharedServices shared) const {
  return core_->Statistics(*tenant_, shared);
}

std::vector<Tenant> Govern::Tenants() const { return core_->Tenants(); }

Status Monitor::Report(MetricReport report) {
  return core_->TakeReport(*tenant_, std::move(report));
}

Result<MetricReportPtr> Monitor::Latest(ServiceIdView service_id, InstanceIdView id) const {
  return core_->LatestReport(*tenant_, service_id.str(), id);
}

bool Registry::expiry_protection_on() const { return core_->expiry_protection_on(); }

}  // namespace skep

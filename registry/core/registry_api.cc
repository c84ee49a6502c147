// The public views of the registry: each call goes to the engine's RegistryCore, and a write then
// waits as its Ack says.
#include <algorithm>

#include "registry/core/errors.h"
#include "registry/core/registry_core.h"
#include "storage/acked.h"

namespace skep {
namespace {

using storage::Acked;

// The newest change that an item's answer rests on.
Revision NewestOf(const Result<std::vector<ServiceDeletion>>& deletions) {
  Revision newest;
  if (!deletions.ok()) return newest;
  for (const ServiceDeletion& deletion : *deletions) {
    const Result<Revision>& deleted = deletion.deleted;
    newest = std::max(newest, deleted.ok() ? *deleted : deleted.error().rests_on());
  }
  return newest;
}

}  // namespace

Result<Written<ServiceId>> Microservices::Register(Microservice service, Ack ack) {
  return Acked(core_->watermark(), ack, core_->RegisterService(*tenant_, std::move(service)));
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

Result<Revision> Microservices::Delete(ServiceIdView id, DeleteMode mode, Ack ack) {
  return Acked(core_->watermark(), ack, core_->DeleteService(*tenant_, id.str(), mode));
}

Result<Revision> Microservices::SetProperties(ServiceIdView id, Properties properties, Ack ack) {
  return Acked(core_->watermark(), ack,
               core_->SetServiceProperties(*tenant_, id.str(), std::move(properties)));
}

Result<std::vector<ServiceDeletion>> Microservices::DeleteMany(
    std::span<const std::string_view> ids, DeleteMode mode, Ack ack) {
  auto deletions = core_->DeleteServices(*tenant_, ids, mode);
  const Revision newest = NewestOf(deletions);
  return Acked(core_->watermark(), ack, std::move(deletions), newest);
}

Result<TagsPtr> Tags::Get(ServiceIdView service_id) const {
  return core_->GetTags(*tenant_, service_id.str());
}

Result<Revision> Tags::Replace(ServiceIdView service_id, Properties tags, Ack ack) {
  return Acked(core_->watermark(), ack,
               core_->ReplaceTags(*tenant_, service_id.str(), std::move(tags)));
}

Result<Revision> Tags::Set(ServiceIdView service_id, std::string_view key, std::string_view value,
                           Ack ack) {
  return Acked(core_->watermark(), ack, core_->SetTag(*tenant_, service_id.str(), key, value));
}

Result<Revision> Tags::Delete(ServiceIdView service_id, std::span<const std::string_view> keys,
                              Ack ack) {
  return Acked(core_->watermark(), ack, core_->DeleteTags(*tenant_, service_id.str(), keys));
}

Result<std::vector<Rule>> Rules::Get(ServiceIdView service_id) const {
  return core_->GetRules(*tenant_, service_id.str());
}

Result<Revision> Rules::Replace(ServiceIdView service_id, std::vector<Rule> rules, Ack ack) {
  return Acked(core_->watermark(), ack,
               core_->ReplaceRules(*tenant_, service_id.str(), std::move(rules)));
}

Result<SchemaPtr> Schemas::Get(ServiceIdView service_id, std::string_view schema_id) const {
  return core_->GetSchema(*tenant_, service_id.str(), schema_id);
}

Result<std::vector<SchemaPtr>> Schemas::List(ServiceIdView service_id) const {
  return core_->ListSchemas(*tenant_, service_id.str());
}

Result<Revision> Schemas::Put(ServiceIdView service_id, Schema schema, Ack ack) {
  return Acked(core_->watermark(), ack,
               core_->PutSchema(*tenant_, service_id.str(), std::move(schema)));
}

Result<Revision> Schemas::ReplaceAll(ServiceIdView service_id, std::vector<Schema> schemas,
                                     Ack ack) {
  return Acked(core_->watermark(), ack,
               core_->ReplaceSchemas(*tenant_, service_id.str(), std::move(schemas)));
}

Result<Revision> Schemas::Delete(ServiceIdView service_id, std::string_view schema_id, Ack ack) {
  return Acked(core_->watermark(), ack, core_->DeleteSchema(*tenant_, service_id.str(), schema_id));
}

Result<Written<InstanceId>> Instances::Register(ServiceIdView service_id, InstanceSpec spec,
                                                Ack ack) {
  return Acked(core_->watermark(), ack,
               core_->RegisterInstance(*tenant_, service_id.str(), std::move(spec)));
}

Result<Revision> Instances::Unregister(ServiceIdView service_id, InstanceIdView id, Ack ack) {
  return Acked(core_->watermark(), ack, core_->UnregisterInstance(*tenant_, service_id.str(), id));
}

Result<Revision> Instances::SetStatus(ServiceIdView service_id, InstanceIdView id,
                                      InstanceStatus status, Ack ack) {
  return Acked(core_->watermark(), ack,
               core_->SetInstanceStatus(*tenant_, service_id.str(), id, status));
}

Result<Revision> Instances::SetProperties(ServiceIdView service_id, InstanceIdView id,
                                          const Properties& properties, Ack ack) {
  return Acked(core_->watermark(), ack,
               core_->SetInstanceProperties(*tenant_, service_id.str(), id, properties));
}

Result<BatchStatusChange> Instances::SetStatusWhere(const Properties& matching,
                                                    InstanceStatus status, Ack ack) {
  return Acked(core_->watermark(), ack, core_->SetStatusWhere(*tenant_, matching, status));
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

Result<Revision> Dependencies::Add(std::span<const Dependency> dependencies, Ack ack) {
  return Acked(core_->watermark(), ack,
               core_->ChangeDependencies(*tenant_, dependencies, core::DependencyChange::kAdd));
}

Result<Revision> Dependencies::Override(std::span<const Dependency> dependencies, Ack ack) {
  return Acked(
      core_->watermark(), ack,
      core_->ChangeDependencies(*tenant_, dependencies, core::DependencyChange::kOverride));
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

// The public view of the configuration center: each call goes to the engine's KieCore. Without
// storage a change is durable when it is published, so there is nothing to wait for whatever the
// Ack.
#include "skep/kie/config_center.h"

#include "kie/core/errors.h"
#include "kie/core/kie_core.h"

namespace skep {

Result<WrittenKv> ConfigCenter::Create(KvSpec spec, Ack) {
  return core_->Create(tenant_, std::move(spec));
}

Result<WrittenKv> ConfigCenter::Update(std::string_view id, KvUpdate update, Ack) {
  return core_->Update(tenant_, id, std::move(update));
}

Result<KeyValuePtr> ConfigCenter::Get(std::string_view id) const { return core_->Get(tenant_, id); }

Result<KvList> ConfigCenter::List(const KvQuery& query) const {
  return core_->List(tenant_, query);
}

Status ConfigCenter::Check(const KvQuery& query) const { return core_->Check(tenant_, query); }

Result<Revision> ConfigCenter::Delete(std::string_view id, Ack) {
  return core_->Delete(tenant_, id);
}

Result<Revision> ConfigCenter::DeleteMany(std::span<const std::string> ids, Ack) {
  return core_->DeleteMany(tenant_, ids);
}

Result<ImportResult> ConfigCenter::Import(std::vector<KvSpec> items, const ImportOptions& options,
                                          Ack) {
  return core_->Import(tenant_, std::move(items), options);
}

Revision ConfigCenter::revision() const { return core_->DomainRevision(tenant_); }

std::size_t ConfigCenter::size() const { return core_->Size(tenant_); }

std::size_t ConfigCenter::domain_size() const { return core_->DomainSize(tenant_); }

Result<KvHistory> ConfigCenter::History(std::string_view id, const HistoryQuery& query) const {
  return core_->History(tenant_, id, query);
}

Result<std::vector<KvDifference>> ConfigCenter::Difference(Revision from, Revision to,
                                                           const KvQuery& query) const {
  return core_->Difference(tenant_, from, to, query);
}

Result<WrittenKv> ConfigCenter::RollBack(std::string_view id, Revision to, Ack) {
  return core_->RollBack(tenant_, id, to);
}

Result<Revision> ConfigCenter::RollBack(const KvQuery& query, Revision to, Ack) {
  return core_->RollBack(tenant_, query, to);
}

Result<KvWait> ConfigCenter::Wait(const KvQuery& query, std::optional<Revision> known,
                                  Millis timeout, WaitFn fn) const {
  Result<std::shared_ptr<core::KvWaiter>> waiter =
      core_->Wait(tenant_, query, known, timeout, std::move(fn));
  if (!waiter.ok()) return waiter.error();
  return KvWait(*std::move(waiter));
}

void ConfigCenter::TrackPoll(PollRecord record) const {
  core_->TrackPoll(tenant_, std::move(record));
}

Result<std::vector<std::shared_ptr<const PollRecord>>> ConfigCenter::Polls(
    const PollQuery& query) const {
  auto found = core_->Polls(tenant_, query);
  if (found.empty()) return core::KvNoPolls();
  return found;
}

}  // namespace skep

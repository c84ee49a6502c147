// The public view of the configuration center: each call goes to the engine's KieCore, and a write
// then waits as its Ack says.
#include "skep/kie/config_center.h"

#include <algorithm>

#include "kie/core/errors.h"
#include "kie/core/kie_core.h"
#include "storage/acked.h"

namespace skep {
namespace {

using storage::Acked;

// The newest change that any part of the answer rests on.
Revision NewestOf(const Result<ImportResult>& result) {
  if (!result.ok()) return result.error().rests_on();
  Revision newest = result->revision;
  for (const ImportFailure& failure : result->failures) {
    newest = std::max(newest, failure.error.rests_on());
  }
  return newest;
}

}  // namespace

const KieOptions& ConfigCenter::options() const { return core_->options(); }

MemoBudget* ConfigCenter::memos() const { return core_->memos(); }

Result<WrittenKv> ConfigCenter::Create(KvSpec spec, Ack ack) {
  return Acked(core_->watermark(), ack, core_->Create(tenant_, std::move(spec)));
}

Result<WrittenKv> ConfigCenter::Update(std::string_view id, KvUpdate update, Ack ack) {
  return Acked(core_->watermark(), ack, core_->Update(tenant_, id, std::move(update)));
}

Result<KeyValuePtr> ConfigCenter::Get(std::string_view id) const { return core_->Get(tenant_, id); }

Result<KvList> ConfigCenter::List(const KvQuery& query) const {
  return core_->List(tenant_, query);
}

Status ConfigCenter::Check(const KvQuery& query) const { return core_->Check(tenant_, query); }

Result<Revision> ConfigCenter::Delete(std::string_view id, Ack ack) {
  return Acked(core_->watermark(), ack, core_->Delete(tenant_, id));
}

Result<Revision> ConfigCenter::DeleteMany(std::span<const std::string> ids, Ack ack) {
  return Acked(core_->watermark(), ack, core_->DeleteMany(tenant_, ids));
}

Result<ImportResult> ConfigCenter::Import(std::vector<KvSpec> items, const ImportOptions& options,
                                          Ack ack) {
  Result<ImportResult> result = core_->Import(tenant_, std::move(items), options);
  const Revision newest = NewestOf(result);
  return Acked(core_->watermark(), ack, std::move(result), newest);
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

Result<WrittenKv> ConfigCenter::RollBack(std::string_view id, Revision to, Ack ack) {
  return Acked(core_->watermark(), ack, core_->RollBack(tenant_, id, to));
}

Result<Revision> ConfigCenter::RollBack(const KvQuery& query, Revision to, Ack ack) {
  return Acked(core_->watermark(), ack, core_->RollBack(tenant_, query, to));
}

Result<KvWait> ConfigCenter::Wait(const KvQuery& query, std::optional<Revision> known,
                                  Millis timeout, WaitFn fn) const {
  Result<std::shared_ptr<core::KvWaiter>> waiter =
      core_->Wait(tenant_, query, known, timeout, std::move(fn));
  if (!waiter.ok()) return waiter.error();
  return KvWait(*std::move(waiter));
}

Result<KvWatch> ConfigCenter::Watch(const KvQuery& query, const WatchOptions& options) const {
  return core_->Watch(tenant_, query, options);
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

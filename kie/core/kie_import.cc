// KieCore: imports (spec kie 9.1).
#include <algorithm>
#include <optional>
#include <utility>

#include "kie/core/errors.h"
#include "kie/core/kie_core.h"
#include "kie/core/validation.h"

namespace skep::core {
namespace {

// So many items go in under one hold of the writer's lock; other writers pass between.
constexpr std::size_t kSlice = 256;

// An empty value leaves the old one, a status that is not given disables (9.1.7).
KvUpdate ForcedUpdate(KvSpec spec) {
  KvUpdate update;
  if (!spec.value.empty()) update.value = std::move(spec.value);
  update.status = spec.status == KvStatus::kUnset ? KvStatus::kDisabled : spec.status;
  return update;
}

}  // namespace

struct KieCore::ImportItem {
  std::size_t index = 0;
  KvSpec spec;
  std::string id;
  std::optional<Error> error;
};

struct KieCore::ImportRun {
  ImportOptions options;
  std::vector<ImportItem> items;
  bool aborted = false;
  bool undone = false;  ///< An atomic import has a failure that it was not asked to pass over.
  Write write;
  std::vector<std::size_t> staged;  ///< Of each success since the last Apply: its change.
  ImportResult result;

  void Fail(ImportItem* item, Error error) {
    undone = undone || !(error == KieErrc::kSkipped);
    item->spec.value.clear();
    result.failures.push_back({item->index, std::move(item->spec), std::move(error)});
  }
};

Result<ImportResult> KieCore::Import(const KieHandle& handle, std::vector<KvSpec> items,
                                     const ImportOptions& options) {
  if (items.size() > options_.import_items_max) {
    return KvImportTooLarge(items.size(), options_.import_items_max);
  }
  ImportRun run;
  run.options = options;
  run.items.reserve(items.size());
  for (KvSpec& spec : items) {
    ImportItem item{.index = run.items.size(), .spec = std::move(spec), .id = {}, .error = {}};
    if (Status good = CheckSpec(handle.tenant, item.spec); !good.ok()) {
      item.error = good.error();
    } else {
      item.id = KvId(handle.tenant, item.spec.key, item.spec.labels);
    }
    run.items.push_back(std::move(item));
  }
  const std::size_t slice = options.atomic ? std::max<std::size_t>(run.items.size(), 1) : kSlice;
  for (std::size_t begin = 0; begin < run.items.size(); begin += slice) {
    const std::size_t size = std::min(slice, run.items.size() - begin);
    Status written = ImportSlice(handle, &run, std::span(run.items).subspan(begin, size));
    if (run.write.tenant == nullptr) {
      if (!written.ok()) return written.error();
      continue;
    }
    Announce(run.write);
    run.write.steps.clear();
    run.write.dropped.clear();
    if (!written.ok()) return written.error();
  }
  return std::move(run.result);
}

Status KieCore::ImportSlice(const KieHandle& handle, ImportRun* run, std::span<ImportItem> items) {
  base::MutexLock lock(&writer_->mu);
  if (Status writable = Writable(); !writable.ok()) return writable;
  if (run->write.tenant == nullptr && IsKieTenant(handle.tenant)) {
    const Result<KieTenant*> tenant = WritableTenant(handle);
    if (tenant.ok()) run->write.tenant = *tenant;
  }
  for (ImportItem& item : items) {
    ImportOne(run, &item);
    if (!run->options.atomic) ImportApply(run);
  }
  if (!run->options.atomic) return {};
  if (run->undone) {
    run->write.changes.clear();
  } else {
    ImportApply(run);
  }
  return {};
}

// Makes what is staged visible. A success shows the item as the import leaves it.
void KieCore::ImportApply(ImportRun* run) {
  if (run->staged.empty()) return;
  for (const std::size_t change : run->staged) {
    run->result.success.push_back(run->write.changes[change].next);
  }
  run->staged.clear();
  run->result.revision = Apply(&run->write);
}

void KieCore::ImportOne(ImportRun* run, ImportItem* item) const {
  if (run->aborted) return run->Fail(item, KvAborted({}));
  if (item->error.has_value()) return run->Fail(item, *std::move(item->error));
  if (run->write.tenant == nullptr) return run->Fail(item, KvTenantsFull(options_.tenants_max));
  // At quota even an item that would only be changed fails (9.1.5).
  if (!HasRoom(run->write)) {
    return run->Fail(item, Error(KieErrc::kNotEnoughQuota, "reached maximum allowed quota"));
  }
  std::shared_ptr<KvItem> there = StagedItem(run->write, item->id);
  const KeyValue* state = there == nullptr ? nullptr : Staged(run->write, *there);
  if (state != nullptr && run->options.override_mode != Override::kForce) {
    run->aborted = run->options.override_mode == Override::kAbort;
    return run->Fail(
        item, run->aborted ? KvAborted(state->update_revision) : KvSkipped(state->update_revision));
  }
  if (state != nullptr) {
    StageUpdate(&run->write, std::move(there), ForcedUpdate(std::move(item->spec)));
  } else if (Status staged = StageCreate(&run->write, &item->spec, item->id); !staged.ok()) {
    return run->Fail(item, staged.error());
  }
  run->staged.push_back(run->write.by_id.at(item->id));
}

}  // namespace skep::core

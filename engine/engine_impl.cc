#include <chrono>
#include <future>
#include <utility>

#include "base/writer.h"
#include "kie/core/kie_core.h"
#include "registry/core/environment.h"
#include "registry/core/registry_core.h"
#include "skep/engine.h"
#include "storage/committer.h"

namespace skep {
namespace {

class EngineImpl final : public Engine {
 public:
  EngineImpl(EngineOptions options, Revision first_revision)
      : clock_(options.clock ? std::move(options.clock) : SystemClock::Create()),
        storage_(std::move(options.storage)),
        log_(options.log ? options.log : NoLog()),
        writer_(first_revision),
        committer_(MakeCommitter(options)),
        core_(std::move(options.registry), {.clock = clock_.get(),
                                            .writer = &writer_,
                                            .watermark = committer_.get(),
                                            .log = options.log,
                                            .id_seed = options.id_seed,
                                            .journal = committer_.get()}),
        kie_(options.kie, {.clock = clock_.get(),
                           .writer = &writer_,
                           .watermark = committer_.get(),
                           .log = std::move(options.log),
                           .journal = committer_.get()}),
        registry_(&core_, Tenant{}),
        config_(&kie_, Tenant{}) {}

  /// What the storage holds becomes the engine's state; from then on it may be changed. Must come
  /// before anything else. Errors: those of Open.
  Status Load() {
    if (storage_ == nullptr) return {};
    const auto begun = std::chrono::steady_clock::now();
    if (Status loaded = LoadParts(); !loaded.ok()) return loaded;
    core_.Start();
    kie_.Start();
    LogLoaded(begun);
    return committer_->Start();
  }

  Registry& registry() override { return registry_; }
  Registry registry(Tenant tenant) override { return Registry(&core_, std::move(tenant)); }
  ConfigCenter& config() override { return config_; }
  ConfigCenter config(Tenant tenant) override { return ConfigCenter(&kie_, std::move(tenant)); }
  Clock& clock() override { return *clock_; }
  Revision revision() const override { return writer_.revisions.last(); }

  // Without storage every change is durable when it is published.
  Status WaitDurable(Revision revision) override {
    return committer_ == nullptr ? Status() : committer_->WaitDurable(revision);
  }
  void WhenDurable(Revision revision, std::function<void(Status)> fn) override {
    if (committer_ == nullptr) return fn({});
    committer_->WhenDurable(revision, std::move(fn));
  }

  Status storage_health() const override {
    return committer_ == nullptr ? Status() : committer_->health();
  }

  Status Checkpoint(const std::string& directory) override {
    if (storage_ != nullptr) return storage_->Checkpoint(directory);
    return Error(EngineErrc::kUnsupported, "the engine has no storage");
  }

  EngineMetrics metrics() const override {
    const core::RegistryCounts counts = core_.counts();
    const core::KieCounts kie = kie_.counts();
    EngineMetrics metrics{.revision = writer_.revisions.last(),
                          .tenants = counts.tenants,
                          .services = counts.services,
                          .instances = counts.instances,
                          .expired_instances = counts.expired_instances,
                          .watches = counts.watches,
                          .kvs = kie.items,
                          .kv_waits = kie.waits,
                          .kv_watches = kie.watches,
                          .memo_bytes = counts.memo_bytes + kie.memo_bytes,
                          .expiry_protection_on = counts.expiry_protection_on,
                          .expiry_protections = counts.expiry_protections,
                          .kept_instances = counts.kept_instances,
                          .durable_revision = writer_.revisions.last()};
    if (committer_ != nullptr) {
      metrics.durable_revision = committer_->durable();
      metrics.storage_waiting_bytes = committer_->waiting_bytes();
      metrics.storage_commits = committer_->commits();
      metrics.storage_failed = !committer_->health().ok();
    }
    return metrics;
  }

  Status Close() override {
    if (std::exchange(closed_, true)) return Error(EngineErrc::kClosed, "it was closed before");
    kie_.Stop();
    core_.Stop();
    return committer_ == nullptr ? Status() : committer_->Stop();
  }

 private:
  // Both at once; one after the other where the system has no thread left.
  Status LoadParts() {
    std::future<Status> config = std::async([this] { return kie_.Load(*storage_); });
    Status registry = core_.Load(*storage_);
    Status kie = config.get();
    return registry.ok() ? kie : registry;
  }

  void LogLoaded(std::chrono::steady_clock::time_point begun) const {
    const core::RegistryCounts counts = core_.counts();
    const std::size_t kvs = kie_.counts().items;
    if (counts.services + kvs == 0) return;
    const auto took = std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now() - begun);
    log_(LogLevel::kInfo, "loaded " + std::to_string(counts.services) + " microservices, " +
                              std::to_string(counts.instances) + " instances and " +
                              std::to_string(kvs) + " kvs in " + std::to_string(took.count()) +
                              " ms");
  }

  std::unique_ptr<storage::Committer> MakeCommitter(const EngineOptions& options) {
    if (storage_ == nullptr) return nullptr;
    return std::make_unique<storage::Committer>(
        storage_.get(), &writer_.revisions,
        storage::CommitterOptions{.durability = options.durability,
                                  .waiting_bytes_max = options.storage_waiting_bytes_max,
                                  .log = options.log});
  }

  const std::shared_ptr<Clock> clock_;
  const std::shared_ptr<Storage> storage_;  ///< Null: none.
  const LogSink log_;
  base::Writer writer_;
  const std::unique_ptr<storage::Committer> committer_;  ///< Null: no storage.
  core::RegistryCore core_;
  core::KieCore kie_;
  Registry registry_;
  ConfigCenter config_;
  bool closed_ = false;
};

Status Check(const EngineOptions& options) {
  constexpr Revision kFirstRevisionMax{std::uint64_t{1} << 53};
  if (!options.first_revision || options.first_revision > kFirstRevisionMax) {
    return Error(
        EngineErrc::kInvalidOptions,
        "first_revision " + std::to_string(options.first_revision.number()) + ": 1 to 2^53");
  }
  if (!core::ParseEnvironment(options.registry.shared_environment).has_value()) {
    return Error(EngineErrc::kInvalidOptions,
                 "shared_environment \"" + options.registry.shared_environment +
                     "\": development, testing, acceptance, production or empty");
  }
  const ExpiryProtectionOptions& protection = options.registry.expiry_protection;
  const bool share_good = protection.share > 0 && protection.share <= 1;
  if (!share_good || protection.window <= Millis(0) || protection.hold <= Millis(0)) {
    return Error(EngineErrc::kInvalidOptions,
                 "expiry_protection: the share is above 0 and at most 1, the times above 0");
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Engine>> Engine::Open(EngineOptions options) {
  if (Status good = Check(options); !good.ok()) return good.error();
  Revision first = options.first_revision;
  if (options.storage != nullptr) {
    const Result<Revision> found = storage::FirstRevision(*options.storage, first);
    if (!found.ok()) return found.error();
    first = *found;
  }
  auto engine = std::make_unique<EngineImpl>(std::move(options), first);
  if (Status loaded = engine->Load(); !loaded.ok()) return loaded.error();
  return std::unique_ptr<Engine>(std::move(engine));
}

}  // namespace skep

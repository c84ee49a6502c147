#include <utility>

#include "base/writer.h"
#include "kie/core/kie_core.h"
#include "registry/core/environment.h"
#include "registry/core/registry_core.h"
#include "skep/engine.h"

namespace skep {
namespace {

class EngineImpl final : public Engine {
 public:
  explicit EngineImpl(EngineOptions options)
      : clock_(options.clock ? std::move(options.clock) : SystemClock::Create()),
        writer_(options.first_revision),
        core_(std::move(options.registry), {.clock = clock_.get(),
                                            .writer = &writer_,
                                            .log = std::move(options.log),
                                            .id_seed = options.id_seed}),
        kie_(options.kie, {.clock = clock_.get(), .writer = &writer_}),
        registry_(&core_, Tenant{}),
        config_(&kie_, Tenant{}) {}

  Registry& registry() override { return registry_; }
  Registry registry(Tenant tenant) override { return Registry(&core_, std::move(tenant)); }
  ConfigCenter& config() override { return config_; }
  ConfigCenter config(Tenant tenant) override { return ConfigCenter(&kie_, std::move(tenant)); }
  Clock& clock() override { return *clock_; }
  Revision revision() const override { return writer_.revisions.last(); }

  // Without storage every change is durable when it is published.
  Status WaitDurable(Revision) override { return {}; }
  void WhenDurable(Revision, std::function<void(Status)> fn) override { fn({}); }

  EngineMetrics metrics() const override {
    const core::RegistryCounts counts = core_.counts();
    const core::KieCounts kie = kie_.counts();
    return {.revision = writer_.revisions.last(),
            .tenants = counts.tenants,
            .services = counts.services,
            .instances = counts.instances,
            .expired_instances = counts.expired_instances,
            .kvs = kie.items,
            .kv_waits = kie.waits,
            .memo_bytes = counts.memo_bytes + kie.memo_bytes,
            .expiry_protection_on = counts.expiry_protection_on,
            .expiry_protections = counts.expiry_protections,
            .kept_instances = counts.kept_instances};
  }

  Status Close() override {
    if (std::exchange(closed_, true)) return Error(EngineErrc::kClosed, "it was closed before");
    kie_.Stop();
    core_.Stop();
    return {};
  }

 private:
  const std::shared_ptr<Clock> clock_;
  base::Writer writer_;
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
  return std::unique_ptr<Engine>(std::make_unique<EngineImpl>(std::move(options)));
}

}  // namespace skep

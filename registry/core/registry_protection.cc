// RegistryCore: what expiry protection asks of the leases.
#include <string>

#include "registry/core/registry_core.h"

namespace skep::core {
namespace {

// Leases that one survey looks at: all of few, a sample of many, so that the writer lock is held
// for well under a millisecond.
constexpr std::size_t kSurveyed = 4096;

}  // namespace

std::optional<MonotonicTime> RegistryCore::KeptUntil(MonotonicTime now) {
  if (!protection_.enabled()) return std::nullopt;
  return protection_.Keep(now, wheel_.size(), [this, now] {
    writer_mu_.AssertHeld();
    return SurveyLeases(now);
  });
}

LeaseSurvey RegistryCore::SurveyLeases(MonotonicTime now) const {
  LeaseSurvey survey;
  const MonotonicTime window_end = now + options_.expiry_protection.window;
  wheel_.Sample(kSurveyed, [&](const InstanceRecord* record) {
    writer_mu_.AssertHeld();
    ++survey.looked_at;
    const MonotonicTime end = LeaseEnd(*record);
    // A short lease ends within the window always; past its half it has missed heartbeats.
    if (end <= window_end && end - now < record->lease / 2) ++survey.failing;
  });
  return survey;
}

void RegistryCore::LogProtection(std::uint64_t begun_before, bool ended) const {
  if (ended) log_(LogLevel::kWarning, "leases: expiry protection has ended");
  if (protection_.begun() == begun_before) return;
  log_(LogLevel::kWarning,
       "leases: a large share of them is about to end, as when the network fails; expiry "
       "protection keeps them for " +
           std::to_string(options_.expiry_protection.hold.count() / 1000) + " s");
}

}  // namespace skep::core

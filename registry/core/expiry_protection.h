// ExpiryProtection: decides whether a lease that ends is kept (ExpiryProtectionOptions).
//
// The first lease that ends asks how many others are about to: a survey of leases that have used up
// more than half of their time and end within the window. So protection begins before the lists are
// half empty, not after. Surveys are samples of bounded size, at most one a second.
//
//   idle --(survey: large share)--> on --(hold is over)--> spent --(survey: small share)--> idle
//
// Thread-safety: guarded by the engine's writer lock, but is_on().
#ifndef SKEP_REGISTRY_CORE_EXPIRY_PROTECTION_H_
#define SKEP_REGISTRY_CORE_EXPIRY_PROTECTION_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "skep/clock.h"
#include "skep/registry/options.h"

namespace skep::core {

/// Leases looked at, and those of them that are about to end.
struct LeaseSurvey {
  std::size_t looked_at = 0;
  std::size_t failing = 0;
};

class ExpiryProtection {
 public:
  explicit ExpiryProtection(const ExpiryProtectionOptions& options) : options_(options) {}

  bool enabled() const { return options_.enabled; }
  bool is_on() const { return is_on_.load(std::memory_order_relaxed); }
  std::uint64_t begun() const { return begun_.load(std::memory_order_relaxed); }
  std::uint64_t kept() const { return kept_.load(std::memory_order_relaxed); }
  /// When it ends, while it is on.
  std::optional<MonotonicTime> until() const {
    return is_on() ? std::optional(until_) : std::nullopt;
  }

  /// Of a lease whose end has come: until when it is kept, or nullopt. `leases` is the number of
  /// them; `survey()` is called at most once a second.
  template <class F>
  std::optional<MonotonicTime> Keep(MonotonicTime now, std::size_t leases, F&& survey) {
    if (!is_on()) {
      if (leases < options_.leases_min) return std::nullopt;
      if (!surveyed_ || now - surveyed_at_ >= kSurveyEvery) TakeSurvey(now, survey());
      if (!is_large_ || is_spent_) return std::nullopt;
      Begin(now);
    }
    kept_.fetch_add(1, std::memory_order_relaxed);
    return until_;
  }

  /// True where it has ended by this call.
  bool EndIfOver(MonotonicTime now);

 private:
  static constexpr Millis kSurveyEvery{1000};

  void TakeSurvey(MonotonicTime now, const LeaseSurvey& survey);
  void Begin(MonotonicTime now);

  const ExpiryProtectionOptions options_;
  std::atomic<bool> is_on_{false};
  std::atomic<std::uint64_t> begun_{0};
  std::atomic<std::uint64_t> kept_{0};
  MonotonicTime until_{};
  MonotonicTime surveyed_at_{};
  bool surveyed_ = false;
  bool is_large_ = false;  ///< What the last survey found.
  bool is_spent_ = false;  ///< It was on, and no survey has found a small share since.
};

}  // namespace skep::core

#endif  // SKEP_REGISTRY_CORE_EXPIRY_PROTECTION_H_

#include "registry/core/expiry_protection.h"

namespace skep::core {

void ExpiryProtection::TakeSurvey(MonotonicTime now, const LeaseSurvey& survey) {
  surveyed_ = true;
  surveyed_at_ = now;
  is_large_ =
      static_cast<double>(survey.failing) >= options_.share * static_cast<double>(survey.looked_at);
  if (!is_large_) is_spent_ = false;
}

void ExpiryProtection::Begin(MonotonicTime now) {
  until_ = now + options_.hold;
  is_spent_ = true;
  begun_.fetch_add(1, std::memory_order_relaxed);
  is_on_.store(true, std::memory_order_relaxed);
}

bool ExpiryProtection::EndIfOver(MonotonicTime now) {
  if (!is_on() || now < until_) return false;
  is_on_.store(false, std::memory_order_relaxed);
  return true;
}

}  // namespace skep::core

#include "kie/core/errors.h"

#include <utility>

namespace skep {
namespace {

class KieCategoryImpl final : public std::error_category {
 public:
  const char* name() const noexcept override { return "skep.kie"; }

  std::string message(int code) const override {
    switch (static_cast<KieErrc>(code)) {
      case KieErrc::kInvalidParams:
        return "invalid parameter(s)";
      case KieErrc::kUnhealthy:
        return "failed to check kie healthy";
      case KieErrc::kWaitTooLong:
        return "failed to observe event";
      case KieErrc::kSkipped:
        return "skip overriding duplicate kvs";
      case KieErrc::kAborted:
        return "stop overriding kvs after reaching the duplicate kv";
      case KieErrc::kNotExists:
        return "record does not exist";
      case KieErrc::kAlreadyExists:
        return "record already exist";
      case KieErrc::kCompacted:
        return "revision is no longer kept";
      case KieErrc::kNotEnoughQuota:
        return "quota is not enough";
      case KieErrc::kTooManyRequests:
        return "too many requests";
      case KieErrc::kInternal:
        return "internal server error";
      case KieErrc::kUnavailable:
        return "service is unavailable";
    }
    return "unknown error";
  }
};

}  // namespace

const std::error_category& KieCategory() {
  static const KieCategoryImpl category;
  return category;
}

std::error_code make_error_code(KieErrc code) { return {static_cast<int>(code), KieCategory()}; }

namespace core {

// Details are the reference's where it has one (spec kie 4.3): people search for them.

Error KvInvalid(std::string detail) { return {KieErrc::kInvalidParams, std::move(detail)}; }

Error KvNotExists(Revision rests_on) {
  return {KieErrc::kNotExists, "can not find any key value", rests_on};
}

Error KvExists(Revision rests_on) {
  return {KieErrc::kAlreadyExists, "record already exist(kv already exists)", rests_on};
}

Error KvSkipped(Revision rests_on) {
  return {KieErrc::kSkipped, "skip overriding duplicate kvs", rests_on};
}

Error KvAborted(Revision rests_on) {
  return {KieErrc::kAborted, "stop overriding kvs after reaching the duplicate kv", rests_on};
}

Error KvCompacted(Revision asked) {
  return {KieErrc::kCompacted, "revision " + std::to_string(asked.number()) +
                                   " is older than the history that is kept; ask for a newer one"};
}

Error KvFuture(Revision asked, Revision newest) {
  return KvInvalid("revision " + std::to_string(asked.number()) +
                   " is not reached yet, newest is " + std::to_string(newest.number()));
}

Error KvQuotaReached() {
  return {KieErrc::kNotEnoughQuota, "quota is not enough(reached maximum allowed quota)"};
}

Error KvTenantsFull(std::size_t limit) {
  return {KieErrc::kNotEnoughQuota, "no quota for another tenant, max num is " +
                                        std::to_string(limit) + "; raise the limit tenants_max"};
}

Error KvImportTooLarge(std::size_t items, std::size_t limit) {
  return {KieErrc::kNotEnoughQuota, std::to_string(items) + " items in one import, max num is " +
                                        std::to_string(limit) +
                                        "; split it or raise the limit import_items_max"};
}

Error KvWaitTooLong() {
  return {KieErrc::kWaitTooLong,
          "wait param should be formed with number and time unit like 5s,100ms, and less than 5m"};
}

Error KvTooManyWaits(std::size_t limit) {
  return {KieErrc::kTooManyRequests, "too many waits at once, max num is " + std::to_string(limit)};
}

Error KvTooManyWatches(std::size_t limit) {
  return {KieErrc::kTooManyRequests,
          "too many watches at once, max num is " + std::to_string(limit)};
}

Error KvClosing() { return {KieErrc::kUnavailable, "the engine closes"}; }

Error KvNoPolls() { return {KieErrc::kNotExists, "can not find any polling data"}; }

}  // namespace core
}  // namespace skep

/// The registry's records, as plain structs, and Instance, a shared view of a stored one.
///
/// What a caller hands in (Microservice, InstanceSpec) is a struct with every member initialized;
/// an empty member takes the default that the API gives it. What the registry hands out is
/// immutable: std::shared_ptr<const Microservice>, and Instance, which is one pointer wide and
/// shares the packed record that the registry holds (a million of them cost under 500 bytes each,
/// see docs/architecture.md). Names are the API manual's, chapter 10.1.
///
/// Thread-safety: values; an immutable record may be read from any thread.
#ifndef SKEP_REGISTRY_TYPES_H_
#define SKEP_REGISTRY_TYPES_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "skep/ack.h"
#include "skep/clock.h"
#include "skep/memo.h"
#include "skep/registry/ids.h"
#include "skep/revision.h"

namespace skep {

using Properties = std::map<std::string, std::string>;

enum class ServiceLevel : std::uint8_t { kUnset, kFront, kMiddle, kBack };
enum class ServiceStatus : std::uint8_t { kUnset, kUp, kDown };

struct ServicePath {
  std::string path{};
  Properties property{};
};

struct Framework {
  std::string name{};
  std::string version{};
};

/// Names a microservice without its id.
struct MicroserviceKey {
  std::string tenant{};  ///< "domain/project"; empty: the caller's own.
  std::string environment{};
  std::string app_id{};
  std::string name{};
  std::string alias{};
  std::string version{};
};

/// A microservice (API manual 10.1.1). Rules and defaults: Microservices::Register.
struct Microservice {
  ServiceId id{};
  std::string app_id{};
  std::string name{};
  std::string version{};
  std::string description{};
  ServiceLevel level = ServiceLevel::kUnset;
  std::vector<std::string> schemas{};
  std::vector<ServicePath> paths{};
  ServiceStatus status = ServiceStatus::kUnset;
  Properties properties{};
  std::vector<MicroserviceKey> providers{};  ///< Stored and returned; it means nothing.
  std::string alias{};
  Properties lb_strategy{};  ///< Stored and returned; it means nothing.
  std::string environment{};
  std::string register_by{};
  std::optional<Framework> framework{};

  // Set by the registry; what a caller sets here is overwritten.
  std::chrono::sys_seconds created{};
  std::chrono::sys_seconds modified{};
  Revision revision{};  ///< Of the record's last change.
};

enum class InstanceStatus : std::uint8_t { kUnset, kUp, kDown, kStarting, kTesting, kOutOfService };

enum class HealthCheckMode : std::uint8_t { kPush, kPull };

/// The API's words; empty for kUnset.
std::string_view ToString(ServiceLevel level);
std::string_view ToString(ServiceStatus status);
std::string_view ToString(InstanceStatus status);
std::string_view ToString(HealthCheckMode mode);

/// How an instance proves that it lives (API manual 10.1.4). The lease is interval * (times + 1).
struct HealthCheck {
  HealthCheckMode mode = HealthCheckMode::kPush;
  std::int64_t port = 0;
  std::int64_t interval_s = 30;
  std::int64_t times = 3;
  std::string url{};
};

struct DataCenterInfo {
  std::string name{};
  std::string region{};
  std::string available_zone{};
};

enum class LeaseMode : std::uint8_t {
  kHeartbeat,  ///< Ends unless renewed.
  kNone,       ///< Lives until unregistered; for what shares the engine's own life.
};

/// An instance to be registered (API manual 10.1.2). Rules and defaults: Instances::Register.
struct InstanceSpec {
  InstanceId
      id{};  ///< Empty: generated, or that of the live instance with this host and endpoints.
  std::string host{};
  std::vector<std::string> endpoints{};
  InstanceStatus status = InstanceStatus::kUnset;
  Properties properties{};
  std::optional<HealthCheck> health_check{};
  std::optional<DataCenterInfo> data_center{};
  LeaseMode lease = LeaseMode::kHeartbeat;
};

namespace core {
struct InstanceRecord;
}  // namespace core

/// A sequence of texts, or of pairs of texts, that lies packed in a record. Forward iteration only.
class PackedTexts {
 public:
  class Iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = std::string_view;
    using difference_type = std::ptrdiff_t;
    using pointer = const std::string_view*;
    using reference = std::string_view;

    Iterator() = default;
    explicit Iterator(const char* at) : at_(at) {}
    std::string_view operator*() const;
    Iterator& operator++();
    Iterator operator++(int) { return std::exchange(*this, std::next(*this)); }
    friend bool operator==(const Iterator&, const Iterator&) = default;

   private:
    const char* at_ = nullptr;
  };

  PackedTexts(const char* begin, const char* end, std::size_t size)
      : begin_(begin), end_(end), size_(size) {}
  Iterator begin() const { return Iterator(begin_); }
  Iterator end() const { return Iterator(end_); }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

 private:
  const char* begin_;
  const char* end_;
  std::size_t size_;
};

/// A registered instance, as it stood at revision(). Copying shares; views that it hands out live
/// as long as any copy of it does.
class Instance {
 public:
  explicit Instance(const core::InstanceRecord* record);  ///< Takes over one reference.
  Instance(const Instance& other);
  Instance(Instance&& other) noexcept : record_(std::exchange(other.record_, nullptr)) {}
  Instance& operator=(Instance other) noexcept {
    std::swap(record_, other.record_);
    return *this;
  }
  ~Instance();

  InstanceIdView id() const;
  std::string_view service_id() const;
  std::string_view host() const;
  PackedTexts endpoints() const;
  InstanceStatus status() const;
  /// Keys and values by turns, sorted by key.
  PackedTexts properties() const;
  HealthCheckMode health_check_mode() const;
  std::int64_t health_check_port() const;
  std::int64_t health_check_interval_s() const;
  std::int64_t health_check_times() const;
  std::string_view health_check_url() const;
  bool has_data_center() const;
  std::string_view data_center_name() const;
  std::string_view data_center_region() const;
  std::string_view data_center_zone() const;
  std::string_view version() const;  ///< The microservice's.
  std::chrono::sys_seconds created() const;
  std::chrono::sys_seconds modified() const;
  Revision revision() const;
  Millis lease() const;  ///< Zero: none.

  /// Where a codec keeps what it made of this record.
  const MemoSlot& memo() const;

  const core::InstanceRecord* record() const { return record_; }

  friend bool operator==(const Instance& a, const Instance& b) { return a.record_ == b.record_; }

 private:
  const core::InstanceRecord* record_;
};

}  // namespace skep

#endif  // SKEP_REGISTRY_TYPES_H_

/// RegistryOptions: how a registry behaves, and what it may cost.
#ifndef SKEP_REGISTRY_OPTIONS_H_
#define SKEP_REGISTRY_OPTIONS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "skep/clock.h"

namespace skep {

/// Keeps instances whose leases end where a large share of all leases would end together: then it
/// is the network or this process that failed rather than all of them, and empty lists would do
/// more harm than old ones. While it is on, leases that end are kept; after `hold` it ends by
/// itself, who has not sent a heartbeat by then is gone, and it does not begin anew before such a
/// moment has passed.
struct ExpiryProtectionOptions {
  bool enabled = false;
  double share = 0.5;           ///< Of all leases; above 0, at most 1.
  std::size_t leases_min = 20;  ///< With fewer leases than this there is none.
  Millis window{30'000};        ///< Ends within this time of each other count as together.
  Millis hold{300'000};         ///< From its begin to its end.
};

struct RegistryOptions {
  /// Registering without an id, with host name and endpoints of a live instance, gets that
  /// instance's id (API manual 8.5.1). Off: each such call makes an instance.
  bool reuse_id_of_equal_endpoints = true;

  /// Floors of a push health check; lower values are raised.
  std::int64_t interval_s_min = 5;
  std::int64_t times_min = 3;

  /// Names of the microservices of app "default" in default/default that every caller finds, beside
  /// SERVICECENTER (the reference's registry.service.globalVisible).
  std::vector<std::string> shared_services{};

  /// The environment in which shared microservices are looked for.
  std::string shared_environment = "development";

  /// Microservices and instances of one tenant; schemas that one microservice may declare.
  std::size_t services_max = 50'000;
  std::size_t instances_max = 150'000;
  std::size_t schemas_max = 100;

  /// Bytes of one schema; tags and rules of one microservice.
  std::size_t schema_bytes_max = std::size_t{2} << 20;
  std::size_t tags_max = 100;
  std::size_t rules_max = 100;

  /// Every day at 01:00 UTC of the engine's clock, microservices that are older than the newest
  /// `versions_kept` versions of their (environment, app, name) and have no instances are deleted,
  /// whoever depends on them. 0: none ever is.
  std::size_t versions_kept = 0;

  /// Providers that one consumer may be told to depend on. What finds record is not refused.
  std::size_t providers_max = 10'000;

  /// Instances of which the latest metric report is kept, of all tenants.
  std::size_t reports_max = 10'000;

  ExpiryProtectionOptions expiry_protection{};

  // ----------------------------------------------------------------------------------------------
  // Cost

  /// Tenants that hold anything. Reading an unknown one costs nothing.
  std::size_t tenants_max = 10'000;

  /// Subscriptions (skep/registry/watch.h) of all tenants together.
  std::size_t watches_max = 200'000;

  /// Events that may wait in one of them (the reference's queue has 5,000, too).
  std::size_t watch_queue_max = 5'000;

  /// Events kept for those who resume from a revision, once anybody has watched.
  std::size_t watch_events_kept = 10'000;

  /// Bytes of all memos (encoded answers) together.
  std::size_t memo_bytes_max = std::size_t{1} << 30;

  /// Expiries a second on the system clock; more wait. Their order is kept.
  std::size_t expiries_per_second_max = 100'000;
};

}  // namespace skep

#endif  // SKEP_REGISTRY_OPTIONS_H_

// SelfRegistration: the server in its own registry, as SERVICECENTER (spec 10.4), where clients
// look for the addresses of servers.
//
// The instance has no lease: it lives until it is withdrawn. Several servers of one engine share
// the microservice; the last one to go removes it.
//
// Thread-safety: any thread, but the destructor.
#ifndef SKEP_SERVER_ROUTES_SELF_REGISTRATION_H_
#define SKEP_SERVER_ROUTES_SELF_REGISTRATION_H_

#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "skep/engine.h"
#include "skep/result.h"

namespace skep::server {

class SelfRegistration {
 public:
  /// Registers a server that listens on `addresses`, each "host:port". The engine must outlive it.
  static Result<std::unique_ptr<SelfRegistration>> Register(Engine& engine,
                                                            std::span<const std::string> addresses);

  /// Withdraws it, if Withdraw was not called.
  ~SelfRegistration() { Withdraw(); }
  SelfRegistration(const SelfRegistration&) = delete;
  SelfRegistration& operator=(const SelfRegistration&) = delete;

  /// Removes it from the registry. Later calls do nothing.
  void Withdraw();

  const ServiceId& service_id() const { return service_id_; }
  const InstanceId& instance_id() const { return instance_id_; }

 private:
  SelfRegistration(Engine& engine, ServiceId service_id, InstanceId instance_id)
      : engine_(engine), service_id_(std::move(service_id)), instance_id_(std::move(instance_id)) {}

  Engine& engine_;
  const ServiceId service_id_;
  const InstanceId instance_id_;
  std::atomic<bool> withdrawn_{false};
};

/// "rest://host:port/" of a bound address. A wildcard host becomes one by which other machines can
/// reach this one, or the loopback where there is none.
std::string EndpointOf(const std::string& address);

}  // namespace skep::server

#endif  // SKEP_SERVER_ROUTES_SELF_REGISTRATION_H_

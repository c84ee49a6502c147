// Records: the microservices and instances that the scenarios ask for, registered over HTTP.
#ifndef SKEP_BENCH_LOAD_RECORDS_H_
#define SKEP_BENCH_LOAD_RECORDS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bench/load/http_client.h"

namespace skep::bench {

inline constexpr std::string_view kRegistry = "/v4/default/registry";

/// "…/microservices/ID/instances"
std::string InstancesTarget(const std::string& service_id);

/// What tells instances apart.
struct InstanceText {
  std::string id{};
  std::string host_name{};
  std::string host{};
  std::string color = "blue";
};

/// The instance `number` of a microservice; the texts of all have one length.
InstanceText InstanceOf(std::string id, std::size_t number);

/// Its properties, as a member of a body.
std::string PropertiesOf(const std::string& color);

/// The body of its registration: about 400 bytes, and 490 as an answer shows it. The lease is four
/// hours: nothing ends while it is looked for.
std::string InstanceBody(const InstanceText& instance);

class Records {
 public:
  /// The client must outlive it.
  Records(HttpClient* client, std::uint64_t seed) : client_(*client), seed_(seed) {}

  /// Returns the microservice's id.
  std::string RegisterService(const std::string& name);

  /// Registers `count` instances and returns their ids. They follow from the seed, the
  /// microservice's name and their number, so that a later run overwrites what this one leaves.
  std::vector<std::string> RegisterInstances(const std::string& service,
                                             const std::string& service_id, std::size_t count,
                                             const std::string& color = "blue");

  /// Those ids.
  std::vector<std::string> InstanceIds(const std::string& service, std::size_t count) const;

  /// The id of the instance of that number.
  std::string InstanceId(const std::string& service, std::size_t number) const;

 private:
  HttpClient& client_;
  const std::uint64_t seed_;
};

}  // namespace skep::bench

#endif  // SKEP_BENCH_LOAD_RECORDS_H_

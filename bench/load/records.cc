#include "bench/load/records.h"

#include <array>
#include <random>
#include <utility>

#include "bench/load/sample.h"
#include "bench/load/text.h"
#include "bench/support/die.h"

namespace skep::bench {

std::string InstancesTarget(const std::string& service_id) {
  return std::string(kRegistry) + "/microservices/" + service_id + "/instances";
}

InstanceText InstanceOf(std::string id, std::size_t number) {
  return {.id = std::move(id),
          .host_name = "host-" + Padded(number, 6),
          .host = "10.0." + std::to_string(100 + number / 100 % 100) + "." +
                  std::to_string(100 + number % 100)};
}

std::string PropertiesOf(const std::string& color) {
  return R"("properties":{"color":")" + color + R"(","weight":"100","canary":"false"})";
}

std::string InstanceBody(const InstanceText& instance) {
  const auto& [id, host_name, host, color] = instance;
  return R"({"instance":{"instanceId":")" + id + R"(","hostName":")" + host_name +
         R"(","endpoints":["rest://)" + host + R"(:8080?sslEnabled=false","highway://)" + host +
         R"(:7070"],"status":"UP",)" + PropertiesOf(color) +
         R"(,"healthCheck":{"mode":"push","interval":3600,"times":3},)"
         R"("dataCenterInfo":{"name":"dc-1","region":"north-1","availableZone":"az-1"}}})";
}

std::string Records::RegisterService(const std::string& name) {
  const std::string body =
      R"({"service":{"appId":"bench","serviceName":")" + name + R"(","version":"1.0.0"}})";
  const Answer answer =
      client_.Call(client_.Format("POST", std::string(kRegistry) + "/microservices", body));
  CheckStatus(answer, 200, "registering a microservice");
  return StringOf(answer.body, "serviceId");
}

std::vector<std::string> Records::RegisterInstances(const std::string& service,
                                                    const std::string& service_id,
                                                    std::size_t count, const std::string& color) {
  std::vector<std::string> ids = InstanceIds(service, count);
  const std::string target = InstancesTarget(service_id);
  client_.CallAll(
      count,
      [&](std::size_t i) {
        InstanceText instance = InstanceOf(ids[i], i);
        instance.color = color;
        return client_.Format("POST", target, InstanceBody(instance));
      },
      [&](std::size_t i, const Answer& answer) {
        CheckStatus(answer, 200, "registering an instance");
        Check(StringOf(answer.body, "instanceId") == ids[i], "not the instance id asked for");
      });
  return ids;
}

std::vector<std::string> Records::InstanceIds(const std::string& service, std::size_t count) const {
  std::vector<std::string> ids(count);
  for (std::size_t i = 0; i < count; ++i) ids[i] = InstanceId(service, i);
  return ids;
}

std::string Records::InstanceId(const std::string& service, std::size_t number) const {
  std::seed_seq sequence(service.begin(), service.end());
  std::array<std::uint32_t, 1> mixed;
  sequence.generate(mixed.begin(), mixed.end());
  std::mt19937_64 random(seed_ << 32 ^ std::uint64_t{mixed[0]} << 20 ^ number);
  return Hex(random()) + Hex(random());
}

}  // namespace skep::bench

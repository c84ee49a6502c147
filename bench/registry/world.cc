#include "bench/registry/world.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>
#include <random>
#include <utility>

#include "bench/support/die.h"

namespace skep::bench {

std::unique_ptr<Engine> OpenEngine() {
  constexpr std::size_t kNoLimit = std::numeric_limits<std::uint32_t>::max();
  EngineOptions options;
  options.registry.services_max = kNoLimit;
  options.registry.instances_max = kNoLimit;
  auto engine = Engine::Open(std::move(options));
  if (!engine.ok()) Die(engine.error().ToString());
  return std::move(engine).value();
}

ServiceId RegisterService(Engine& engine, const std::string& name) {
  auto id = engine.registry().microservices().Register(
      {.app_id = std::string(kAppId), .name = name, .version = "1.0.0"});
  if (!id.ok()) Die(id.error().ToString());
  return ServiceId(id->str());
}

InstanceSpec MakeSpec(std::size_t number) {
  constexpr std::size_t kByte = 256;
  std::array<char, 24> host;
  std::snprintf(host.data(), host.size(), "10.%zu.%zu.%zu", number / kByte / kByte % kByte,
                number / kByte % kByte, number % kByte);
  std::array<char, 24> name;
  std::snprintf(name.data(), name.size(), "host-%08zu", number);
  InstanceSpec spec;
  spec.host = name.data();
  spec.endpoints = {"rest://" + std::string(host.data()) + ":8080?sslEnabled=false",
                    "highway://" + std::string(host.data()) + ":7070"};
  spec.status = InstanceStatus::kUp;
  spec.properties = {{"canary", "false"}, {"color", "blue"}, {"weight", "100"}};
  spec.health_check = HealthCheck{.interval_s = 3600};
  spec.data_center = DataCenterInfo{.name = "dc-1", .region = "north-1", .available_zone = "az-1"};
  return spec;
}

BeatingWorld::BeatingWorld(std::size_t instances) : engine_(OpenEngine()) {
  for (std::size_t i = 0; i < instances; i += kInstancesOfService) {
    services_.push_back(RegisterService(*engine_, "service-" + std::to_string(i)));
  }
  for (std::size_t i = 0; i < instances; ++i) {
    const ServiceId& service = services_[i / kInstancesOfService];
    auto id = engine_->registry().instances().Register(service, MakeSpec(i));
    if (!id.ok()) Die(id.error().ToString());
    const InstanceIdView view(*id);
    beaters_.push_back({service.str(), view.hi(), view.lo()});
  }
}

std::vector<Beater> BeatingWorld::Shuffled(std::uint64_t seed) const {
  std::vector<Beater> beaters = beaters_;
  std::shuffle(beaters.begin(), beaters.end(), std::mt19937_64(seed));
  return beaters;
}

}  // namespace skep::bench

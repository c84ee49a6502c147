#include "bench/load/registry_workloads.h"

#include <algorithm>
#include <random>
#include <string_view>

#include "bench/load/sample.h"
#include "bench/load/text.h"
#include "bench/support/die.h"

namespace skep::bench {
namespace {

constexpr std::size_t kInstancesOfBeatingService = 100;
constexpr std::size_t kInstancesOfUnchangedService = 100;
constexpr std::size_t kServicesRegisteredAt = 100;
constexpr std::size_t kSetSize = 100;
// Of so many answers each byte is compared, of the others the size: a generator that held gigabytes
// would wash its caches.
constexpr std::size_t kBodiesKept = 100;
// Stands where each request has digits of its own.
constexpr std::string_view kSerialMark = "skepserialnumber";

constexpr char kConsumer[] = "consumer";
constexpr std::string_view kStill = "find-";
constexpr std::string_view kChanging = "changing-";
constexpr std::string_view kChurning = "churning-";

std::string FindName(std::string_view kind, std::size_t instances, std::size_t number) {
  return std::string(kind) + std::to_string(instances) + "-" + Padded(number, 5);
}

std::string FindTarget(const std::string& name) {
  return std::string(kRegistry) + "/instances?appId=bench&serviceName=" + name + "&version=0%2B";
}

// `wanted` is sorted.
bool AreFound(const std::string& body, const std::vector<std::string>& wanted) {
  std::vector<std::string> found = StringsOf(body, "instanceId");
  std::ranges::sort(found);
  return found == wanted;
}

std::vector<std::string> Sorted(std::vector<std::string> ids) {
  std::ranges::sort(ids);
  return ids;
}

std::string SetBody(const std::pair<std::string, std::string>* beaters) {
  std::string body = R"({"instances":[)";
  for (std::size_t i = 0; i < kSetSize; ++i) {
    body.append(i == 0 ? "" : ",").append(R"({"serviceId":")").append(beaters[i].first);
    body.append(R"(","instanceId":")").append(beaters[i].second).append(R"("})");
  }
  return body.append("]}");
}

}  // namespace

RegistryWorkloads::RegistryWorkloads(const ScenarioOptions& options)
    : options_(options), client_(options.target), records_(&client_, options.seed) {}

Workload RegistryWorkloads::Heartbeat() {
  const Beaters beaters = RegisterBeaters();
  Workload workload;
  workload.description = std::to_string(beaters.size()) + " instances in random order";
  const auto filling = [](const auto& beater) {
    return beater.first + "/instances/" + beater.second;
  };
  const std::string first = filling(beaters.front());
  for (const auto& beater : beaters) {
    workload.fillings += filling(beater);
    Check(workload.fillings.size() % first.size() == 0, "service ids of different lengths");
  }
  workload.SetFrame(
      client_.Format("PUT", std::string(kRegistry) + "/microservices/" + first + "/heartbeat", ""),
      first);
  Check(SampleForAll(&client_, &workload, 200).body.empty(), "a heartbeat's answer has a body");
  return workload;
}

Workload RegistryWorkloads::HeartbeatSet() {
  const Beaters beaters = RegisterBeaters();
  Check(beaters.size() >= kSetSize, "fewer instances than a set has");
  Workload workload;
  workload.description = "sets of 100 of " + std::to_string(beaters.size()) + " instances";
  const std::string first = SetBody(beaters.data());
  for (std::size_t from = 0; from + kSetSize <= beaters.size(); from += kSetSize) {
    workload.fillings += SetBody(&beaters[from]);
    Check(workload.fillings.size() % first.size() == 0, "service ids of different lengths");
  }
  workload.SetFrame(client_.Format("PUT", std::string(kRegistry) + "/heartbeats", first), first);
  const Answer answer = SampleForAll(&client_, &workload, 200);
  Check(StringsOf(answer.body, "instanceId").size() == kSetSize, "not 100 entries");
  Check(CountOf(answer.body, "errMessage") == 0, "a heartbeat of the set failed");
  workload.expected.front().body.clear();  // The order of the entries is the server's choice.
  return workload;
}

Workload RegistryWorkloads::Find(std::size_t instances) {
  return FindOf(kStill, instances, InstanceText().color);
}

Workload RegistryWorkloads::FindChanging(std::size_t instances) {
  return FindOf(kChanging, instances, std::string(kSerialMark));
}

Workload RegistryWorkloads::FindOf(std::string_view kind, std::size_t instances,
                                   const std::string& color) {
  Workload workload;
  workload.description = std::to_string(options_.services) + " microservices of " +
                         std::to_string(instances) + " instances, by a consumer";
  const std::string consumer = "X-ConsumerId: " + records_.RegisterService(kConsumer) + "\r\n";
  for (std::size_t i = 0; i < options_.services; ++i) {
    const std::string name = FindName(kind, instances, i);
    records_.RegisterInstances(name, records_.RegisterService(name), instances, color);
    workload.whole.push_back(client_.Format("GET", FindTarget(name), "", consumer));
  }
  for (std::size_t i = 0; i < options_.services; ++i) {
    const std::vector<std::string> ids =
        Sorted(records_.InstanceIds(FindName(kind, instances, i), instances));
    const Answer answer = SampleUntil(
        &client_, workload, i, 200,
        [&ids](const Answer& found) { return AreFound(found.body, ids); },
        "not the instances that were registered");
    workload.expected.push_back(
        {.body_size = answer.body.size(), .body = i < kBodiesKept ? answer.body : ""});
  }
  return workload;
}

Workload RegistryWorkloads::NotModified() {
  Workload workload = Find(kInstancesOfUnchangedService);
  workload.description += ", nothing new";
  for (std::size_t i = 0; i < workload.whole.size(); ++i) {
    const std::string revision = Sample(&client_, workload, i, 200).Field("X-Resource-Revision");
    Check(!revision.empty(), "no X-Resource-Revision");
    std::string& request = workload.whole[i];
    const std::string target = FindTarget(FindName(kStill, kInstancesOfUnchangedService, i));
    request.replace(request.find(target), target.size(),
                    target + "&rev=" + PercentEncoded(revision));
    Check(Sample(&client_, workload, i, 304).body.empty(), "a 304 with a body");
  }
  workload.expected = {{.status = 304}};
  return workload;
}

Workload RegistryWorkloads::Register() {
  Workload workload;
  workload.description =
      "new instances of " + std::to_string(kServicesRegisteredAt) + " microservices by turns";
  std::string service;
  for (std::size_t i = 0; i < kServicesRegisteredAt; ++i) {
    service = records_.RegisterService("register-" + Padded(i, 3));
    workload.fillings += service;
    Check(workload.fillings.size() % service.size() == 0, "service ids of different lengths");
  }
  const std::string mark(kSerialMark);
  const InstanceText instance{
      .id = Hex(options_.seed) + mark, .host_name = "host-" + mark, .host = mark};
  workload.SetFrame(client_.Format("POST", InstancesTarget(service), InstanceBody(instance)),
                    service);
  workload.SetSerials(mark);
  const Answer answer = SampleForAll(&client_, &workload, 200);
  Check(StringOf(answer.body, "instanceId") == Hex(options_.seed) + Hex(0), "another id");
  workload.expected.front().body.clear();  // It has the id.
  return workload;
}

Workload RegistryWorkloads::Changes(std::size_t instances) {
  const std::string mark(kSerialMark);
  Workload workload;
  workload.description = "changes of their instances";
  const std::string properties = std::string("{").append(PropertiesOf(mark)).append("}");
  for (std::size_t i = 0; i < options_.services; ++i) {
    const std::string name = FindName(kChanging, instances, i);
    const std::string service = records_.RegisterService(name);
    const auto ids = records_.RegisterInstances(name, service, instances, mark);
    for (std::size_t number = 0; number < ids.size(); ++number) {
      workload.whole.push_back(client_.Format(
          "PUT", InstancesTarget(service) + "/" + ids[number] + "/properties", properties));
      Check(workload.whole.back().size() == workload.whole.front().size(), "different lengths");
    }
  }
  std::shuffle(workload.whole.begin(), workload.whole.end(), std::mt19937_64(options_.seed));
  workload.SetSerials(mark);
  SampleForAll(&client_, &workload, 200);
  return workload;
}

Workload RegistryWorkloads::Churn(std::size_t instances) {
  Workload workload;
  workload.description = "instances that go and come";
  for (std::size_t i = 0; i < options_.services; ++i) {
    const std::string name = FindName(kChurning, instances, i);
    const std::string target = InstancesTarget(records_.RegisterService(name));
    for (std::size_t number = 0; number < instances; ++number) {
      const std::string id = records_.InstanceId(name, number);
      const std::string body = InstanceBody(InstanceOf(id, number));
      workload.whole.push_back(client_.Format("DELETE", target + "/" + id, ""));
      workload.whole.push_back(client_.Format("POST", target, body));
    }
  }
  const Answer gone = Sample(&client_, workload, 0, 200);
  const Answer back = Sample(&client_, workload, 1, 200);
  for (std::size_t i = 0; i < workload.whole.size(); i += 2) {
    workload.expected.push_back({.body_size = gone.body.size()});
    workload.expected.push_back({.body_size = back.body.size()});
  }
  return workload;
}

Workload RegistryWorkloads::FindChurning(std::size_t instances, std::size_t missing) {
  Workload workload = FindOf(kChurning, instances, InstanceText().color);
  for (ExpectedAnswer& expected : workload.expected) {
    const std::size_t each = expected.body_size / instances + 1;
    expected = {.body_size = expected.body_size, .slack = each * std::min(missing, instances)};
  }
  return workload;
}

Workload RegistryWorkloads::Polls(std::size_t instances, std::size_t missing) {
  const Workload finds = FindChurning(instances, missing);
  Workload polls;
  polls.description = finds.description + ", with the revision that is known";
  for (std::size_t i = 0; i < finds.whole.size(); ++i) {
    const std::string revision = Sample(&client_, finds, i, 200).Field("X-Resource-Revision");
    Check(!revision.empty(), "no X-Resource-Revision");
    std::string request = finds.whole[i];
    request.insert(request.find(" HTTP/1.1"), "&rev=");
    polls.AddPoll(std::move(request), "X-Resource-Revision", revision);
    polls.expected.push_back(finds.expected[i]);
    polls.expected.back().or_not_modified = true;
  }
  return polls;
}

std::string RegistryWorkloads::WatchTarget() {
  return std::string(kRegistry) + "/microservices/" + records_.RegisterService(kConsumer) +
         "/watcher";
}

Workload RegistryWorkloads::Raw(const std::string& path) {
  Workload workload;
  workload.description = "GET " + path;
  workload.whole.push_back(client_.Format("GET", path, ""));
  SampleForAll(&client_, &workload, 200);
  return workload;
}

// What was registered last may be known last.
void RegistryWorkloads::AwaitLease(const Beaters::value_type& beater) {
  Workload heartbeat;
  heartbeat.whole.push_back(client_.Format(
      "PUT", InstancesTarget(beater.first) + "/" + beater.second + "/heartbeat", ""));
  SampleUntil(&client_, heartbeat, 0, 200, [](const Answer&) { return true; }, "no heartbeat");
}

// Shuffled.
RegistryWorkloads::Beaters RegistryWorkloads::RegisterBeaters() {
  Beaters beaters;
  while (beaters.size() < options_.instances) {
    const std::size_t left = options_.instances - beaters.size();
    const std::string name = "beat-" + Padded(beaters.size() / kInstancesOfBeatingService, 6);
    const std::string service = records_.RegisterService(name);
    for (std::string& id :
         records_.RegisterInstances(name, service, std::min(left, kInstancesOfBeatingService))) {
      beaters.emplace_back(service, std::move(id));
    }
  }
  Check(!beaters.empty(), "a heartbeat needs an instance");
  AwaitLease(beaters.back());
  std::shuffle(beaters.begin(), beaters.end(), std::mt19937_64(options_.seed));
  return beaters;
}

}  // namespace skep::bench

#include "bench/load/workload.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <numeric>
#include <random>
#include <utility>

#include "bench/load/http_client.h"
#include "bench/support/die.h"

namespace skep::bench {
namespace {

constexpr std::string_view kRegistry = "/v4/default/registry";
constexpr std::size_t kInstancesOfBeatingService = 100;
constexpr std::size_t kSetSize = 100;

std::string Padded(std::size_t number, int digits) {
  std::array<char, 24> text;
  std::snprintf(text.data(), text.size(), "%0*zu", digits, number);
  return text.data();
}

// The value of the first `"key":"value"` in a compact JSON text.
std::string StringOf(const std::string& json, const std::string& key) {
  const std::string start = "\"" + key + "\":\"";
  const std::size_t at = json.find(start);
  Check(at != std::string::npos, "no " + key + " in " + json);
  const std::size_t from = at + start.size();
  return json.substr(from, json.find('"', from) - from);
}

std::size_t CountOf(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at)) {
    ++count;
    at += part.size();
  }
  return count;
}

std::string PercentEncoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       c == '-' || c == '.' || c == '_';
    std::array<char, 4> escape;
    std::snprintf(escape.data(), escape.size(), "%%%02X", static_cast<unsigned char>(c));
    out += plain ? std::string(1, c) : std::string(escape.data());
  }
  return out;
}

void CheckOk(const Answer& answer, const char* what) {
  Check(answer.status == 200,
        std::string(what) + " was answered " + std::to_string(answer.status) + ": " + answer.body);
}

// The records that the scenarios ask for.
class Records {
 public:
  Records(HttpClient* client, std::uint64_t seed) : client_(*client), seed_(seed) {}

  // Returns the service's id.
  std::string RegisterService(const std::string& name) {
    const std::string body =
        R"({"service":{"appId":"bench","serviceName":")" + name + R"(","version":"1.0.0"}})";
    const Answer answer =
        client_.Call(client_.Format("POST", std::string(kRegistry) + "/microservices", body));
    CheckOk(answer, "registering a microservice");
    return StringOf(answer.body, "serviceId");
  }

  // Ids follow from the seed, the service's name and the number, so that a later run overwrites
  // what this one leaves. The lease is four hours: nothing ends while it is looked for.
  std::string InstanceId(const std::string& service, std::size_t number) const {
    std::seed_seq sequence(service.begin(), service.end());
    std::array<std::uint32_t, 1> mixed;
    sequence.generate(mixed.begin(), mixed.end());
    std::mt19937_64 random(seed_ << 32 ^ std::uint64_t{mixed[0]} << 20 ^ number);
    std::array<char, 33> text;
    std::snprintf(text.data(), text.size(), "%016llx%016llx",
                  static_cast<unsigned long long>(random()),
                  static_cast<unsigned long long>(random()));
    return text.data();
  }

  std::vector<std::string> RegisterInstances(const std::string& service,
                                             const std::string& service_id, std::size_t count) {
    std::vector<std::string> ids(count);
    for (std::size_t i = 0; i < count; ++i) ids[i] = InstanceId(service, i);
    const std::string target =
        std::string(kRegistry) + "/microservices/" + service_id + "/instances";
    client_.CallAll(
        count,
        [&](std::size_t i) { return client_.Format("POST", target, InstanceBody(ids[i], i)); },
        [&](std::size_t i, const Answer& answer) {
          CheckOk(answer, "registering an instance");
          Check(StringOf(answer.body, "instanceId") == ids[i], "not the instance id asked for");
        });
    return ids;
  }

 private:
  // About 400 bytes, and 490 as an answer shows it.
  static std::string InstanceBody(const std::string& id, std::size_t number) {
    const std::string host = "10.0." + std::to_string(100 + number / 100 % 100) + "." +
                             std::to_string(100 + number % 100);
    return R"({"instance":{"instanceId":")" + id + R"(","hostName":"host-)" + Padded(number, 6) +
           R"(","endpoints":["rest://)" + host + R"(:8080?sslEnabled=false","highway://)" + host +
           R"(:7070"],"status":"UP","properties":{"color":"blue","weight":"100","canary":"false"},)"
           R"("healthCheck":{"mode":"push","interval":3600,"times":3},)"
           R"("dataCenterInfo":{"name":"dc-1","region":"north-1","availableZone":"az-1"}}})";
  }

  HttpClient& client_;
  const std::uint64_t seed_;
};

// One scenario's way from options to workload.
class Preparation {
 public:
  explicit Preparation(const WorkloadOptions& options)
      : options_(options), client_(options.target), records_(&client_, options.seed) {}

  Workload Heartbeat() {
    const auto beaters = RegisterBeaters();
    Workload workload;
    workload.description = std::to_string(beaters.size()) + " instances in random order";
    for (const auto& [service, instance] : beaters) {
      workload.fillings += service + "/instances/" + instance;
    }
    const std::string& service = beaters.front().first;
    const std::string first =
        workload.fillings.substr(0, workload.fillings.size() / beaters.size());
    SetFrame(&workload,
             client_.Format("PUT",
                            std::string(kRegistry) + "/microservices/" + first + "/heartbeat", ""),
             first);
    Check(service.size() + 11 + 32 == first.size(), "service ids of different lengths");
    SampleAll(&workload, 200);
    Check(workload.expected.front().body_size == 0, "a heartbeat's answer has a body");
    return workload;
  }

  Workload HeartbeatSet() {
    const auto beaters = RegisterBeaters();
    Workload workload;
    workload.description = "sets of 100 of " + std::to_string(beaters.size()) + " instances";
    std::string first;
    for (std::size_t from = 0; from + kSetSize <= beaters.size(); from += kSetSize) {
      std::string body = R"({"instances":[)";
      for (std::size_t i = from; i < from + kSetSize; ++i) {
        body.append(i == from ? "" : ",").append(R"({"serviceId":")").append(beaters[i].first);
        body.append(R"(","instanceId":")").append(beaters[i].second).append(R"("})");
      }
      body += "]}";
      if (first.empty()) first = body;
      Check(body.size() == first.size(), "service ids of different lengths");
      workload.fillings += body;
    }
    Check(!first.empty(), "heartbeat-set-100 needs 100 instances");
    SetFrame(&workload, client_.Format("PUT", std::string(kRegistry) + "/heartbeats", first),
             first);
    const Answer answer = Sample(workload, 0, 200);
    Check(CountOf(answer.body, R"("instanceId":")") == kSetSize, "not 100 entries");
    Check(CountOf(answer.body, "errMessage") == 0, "a heartbeat of the set failed");
    // The order of the entries is the server's choice.
    workload.expected = {{200, answer.body.size(), ""}};
    return workload;
  }

  Workload Find(std::size_t instances) {
    Workload workload;
    workload.description = std::to_string(options_.services) + " microservices of " +
                           std::to_string(instances) + " instances, by a consumer";
    const std::string consumer = "X-ConsumerId: " + records_.RegisterService("consumer") + "\r\n";
    for (std::size_t i = 0; i < options_.services; ++i) {
      const std::string name = "find-" + std::to_string(instances) + "-" + Padded(i, 5);
      const auto ids = records_.RegisterInstances(name, records_.RegisterService(name), instances);
      workload.whole.push_back(client_.Format("GET", FindTarget(name), "", consumer));
      const Answer answer = Sample(workload, i, 200);
      CheckFound(answer.body, ids);
      workload.expected.push_back({200, answer.body.size(), answer.body});
      revisions_.push_back(answer.Field("X-Resource-Revision"));
      names_.push_back(name);
    }
    return workload;
  }

  Workload NotModified() {
    Workload workload = Find(kInstancesOfUnchangedService);
    workload.description += ", nothing new";
    for (std::size_t i = 0; i < workload.whole.size(); ++i) {
      Check(!revisions_[i].empty(), "no X-Resource-Revision");
      std::string& request = workload.whole[i];
      const std::string target = FindTarget(names_[i]);
      request.replace(request.find(target), target.size(),
                      target + "&rev=" + PercentEncoded(revisions_[i]));
      Check(Sample(workload, i, 304).body.empty(), "a 304 with a body");
    }
    workload.expected = {{304, 0, ""}};
    return workload;
  }

  Workload Raw() {
    Workload workload;
    workload.description = "GET " + options_.path;
    workload.whole.push_back(client_.Format("GET", options_.path, ""));
    SampleAll(&workload, 200);
    return workload;
  }

 private:
  static constexpr std::size_t kInstancesOfUnchangedService = 100;

  static std::string FindTarget(const std::string& name) {
    return std::string(kRegistry) + "/instances?appId=bench&serviceName=" + name + "&version=0%2B";
  }

  static void CheckFound(const std::string& body, const std::vector<std::string>& ids) {
    Check(CountOf(body, R"("instanceId":")") == ids.size(), "not the number of instances");
    for (const std::string& id : ids) {
      Check(body.find(R"("instanceId":")" + id + "\"") != std::string::npos, "no instance " + id);
    }
  }

  static void SetFrame(Workload* workload, std::string request, const std::string& filling) {
    workload->hole_at = request.find(filling);
    workload->hole_size = filling.size();
    workload->frame = std::move(request);
  }

  Answer Sample(const Workload& workload, std::size_t index, int status) {
    std::string request;
    workload.AppendRequest(index, &request);
    Answer answer = client_.Call(request);
    Check(answer.status == status, "status " + std::to_string(answer.status) + " to " + request);
    return answer;
  }

  // Every request is answered as the first.
  void SampleAll(Workload* workload, int status) {
    const Answer answer = Sample(*workload, 0, status);
    workload->expected = {{status, answer.body.size(), answer.body}};
  }

  // Pairs of service id and instance id, shuffled.
  std::vector<std::pair<std::string, std::string>> RegisterBeaters() {
    std::vector<std::pair<std::string, std::string>> beaters;
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
    std::shuffle(beaters.begin(), beaters.end(), std::mt19937_64(options_.seed));
    return beaters;
  }

  const WorkloadOptions& options_;
  HttpClient client_;
  Records records_;
  std::vector<std::string> names_;
  std::vector<std::string> revisions_;
};

struct Scenario {
  std::string_view name;
  Workload (*prepare)(Preparation&);
};

constexpr Scenario kScenarios[] = {
    {"heartbeat", [](Preparation& p) { return p.Heartbeat(); }},
    {"heartbeat-set-100", [](Preparation& p) { return p.HeartbeatSet(); }},
    {"find-1", [](Preparation& p) { return p.Find(1); }},
    {"find-100", [](Preparation& p) { return p.Find(100); }},
    {"find-1000", [](Preparation& p) { return p.Find(1000); }},
    {"not-modified", [](Preparation& p) { return p.NotModified(); }},
    {"raw", [](Preparation& p) { return p.Raw(); }},
};

}  // namespace

void Workload::AppendRequest(std::size_t index, std::string* out) const {
  if (!whole.empty()) {
    out->append(whole[index]);
    return;
  }
  const std::size_t start = out->size();
  out->append(frame);
  std::memcpy(out->data() + start + hole_at, fillings.data() + index * hole_size, hole_size);
}

std::string ScenarioNames() {
  std::string names;
  for (const Scenario& scenario : kScenarios) {
    names += (names.empty() ? "" : ", ") + std::string(scenario.name);
  }
  return names;
}

Workload PrepareWorkload(const WorkloadOptions& options) {
  for (const Scenario& scenario : kScenarios) {
    if (scenario.name != options.scenario) continue;
    Preparation preparation(options);
    return scenario.prepare(preparation);
  }
  Die("no scenario " + options.scenario + "; there are " + ScenarioNames());
}

Workload ForFloor(const Workload& workload) {
  Workload floor = workload;
  for (ExpectedAnswer& expected : floor.expected) expected = {200, expected.body_size, ""};
  return floor;
}

}  // namespace skep::bench

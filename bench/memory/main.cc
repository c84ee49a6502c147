// skep_memory: the bytes that an instance takes in an engine, without and with the JSON that is
// kept with it once it was found over HTTP. By the resident size of the process, which is what a
// machine runs out of, and by malloc's own count beside it.
#include <malloc.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "bench/load/http_client.h"
#include "bench/registry/world.h"
#include "bench/support/die.h"
#include "bench/support/process.h"
#include "skep/server/server.h"

namespace skep::bench {
namespace {

struct Use {
  std::size_t resident = 0;
  std::size_t allocated = 0;
};

Use MemoryUse() {
  malloc_trim(0);
  const struct mallinfo2 heap = mallinfo2();
  return {ResidentBytes(), heap.uordblks + heap.hblkhd};
}

// What was registered, in memory that is there before anything is measured.
struct Registered {
  std::vector<ServiceId> services;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> ids;
};

std::string ServiceName(std::size_t number) { return "service-" + std::to_string(number); }

void RegisterAll(Engine& engine, Registered* all) {
  for (std::size_t i = 0; i < all->ids.size(); ++i) {
    ServiceId& service = all->services[i / kInstancesOfService];
    if (service.empty()) service = RegisterService(engine, ServiceName(i / kInstancesOfService));
    auto id = engine.registry().instances().Register(service, MakeSpec(i));
    if (!id.ok()) Die(id.error().ToString());
    const InstanceIdView view(*id);
    all->ids[i] = {view.hi(), view.lo()};
  }
}

// Gets each target once; returns the bytes of all answers.
std::size_t GetAll(HttpClient* client, std::size_t count,
                   const std::function<std::string(std::size_t)>& target) {
  std::size_t bytes = 0;
  client->CallAll(
      count,
      [&](std::size_t i) { return client->Format("GET", "/v4/default/registry" + target(i), ""); },
      [&](std::size_t, const Answer& answer) {
        Check(answer.status == 200, "a get was answered " + std::to_string(answer.status));
        bytes += answer.body.size();
      });
  return bytes;
}

std::string InstanceTarget(const Registered& all, std::size_t i) {
  const auto [hi, lo] = all.ids[i];
  return "/microservices/" + all.services[i / kInstancesOfService].str() + "/instances/" +
         InstanceIdView(hi, lo).str();
}

std::string FindTarget(std::size_t service) {
  return "/instances?appId=bench&serviceName=" + ServiceName(service);
}

int Main(int argc, char** argv) {
  std::size_t instances = 100'000;
  bool json = false;
  CLI::App app("skep_memory: bytes of an instance in an engine");
  app.add_option("--instances", instances)->capture_default_str();
  app.add_flag("--json", json, "Print one line of JSON instead of a table");
  CLI11_PARSE(app, argc, argv);
  instances -= instances % kInstancesOfService;
  Check(instances > 0, "at least 100 instances");

  auto engine = OpenEngine();
  auto server = Server::Start(*engine, {.threads = 1, .register_self = false});
  if (!server.ok()) Die(server.error().ToString());
  HttpClient client((*server)->addresses().front());
  Registered all{std::vector<ServiceId>(instances / kInstancesOfService),
                 std::vector<std::pair<std::uint64_t, std::uint64_t>>(instances)};
  const Use before = MemoryUse();
  RegisterAll(*engine, &all);
  Check(engine->metrics().instances == instances, "not all are registered");
  const Use records = MemoryUse();
  GetAll(&client, instances, [&](std::size_t i) { return InstanceTarget(all, i); });
  const Use texts = MemoryUse();
  const std::size_t text_memos = engine->metrics().memo_bytes;
  const std::size_t answers = GetAll(&client, all.services.size(), FindTarget);
  const Use lists = MemoryUse();

  const auto each = [&](std::size_t now, std::size_t then) {
    return (static_cast<double>(now) - static_cast<double>(then)) / static_cast<double>(instances);
  };
  const auto row = [&](const char* name, const Use& now, std::size_t memos) {
    std::printf(json ? "\"%s\":{\"resident\":%.0f,\"allocated\":%.0f,\"memos\":%.0f},"
                     : "  %-10s %8.0f resident %8.0f allocated %8.0f memos\n",
                name, each(now.resident, before.resident), each(now.allocated, before.allocated),
                each(memos, 0));
  };
  std::printf(json ? "{" : "bytes of an instance\n");
  row("record", records, 0);
  row("with_json", texts, text_memos);
  row("with_lists", lists, engine->metrics().memo_bytes);
  std::printf(json ? "\"answer_bytes\":%.0f,\"instances\":%zu}\n"
                   : "%.0f bytes in an answer; %zu instances\n",
              each(answers, 0), instances);
  return 0;
}

}  // namespace
}  // namespace skep::bench

int main(int argc, char** argv) { return skep::bench::Main(argc, argv); }

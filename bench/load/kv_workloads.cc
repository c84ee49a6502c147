#include "bench/load/kv_workloads.h"

#include <algorithm>
#include <random>
#include <string_view>
#include <utility>

#include "bench/load/sample.h"
#include "bench/load/text.h"
#include "bench/support/die.h"

namespace skep::bench {
namespace {

constexpr std::string_view kItems = "/v1/default/kie/kv";
constexpr std::string_view kImport = "/v1/default/kie/file?override=force";
// About 1.5 MB: kie's sample configuration allows a body of 2.5.
constexpr std::size_t kItemsOfImport = 5'000;
constexpr std::string_view kSerialMark = "skepserialnumber";

std::string ServiceOf(std::size_t item) { return "service-" + Padded(item / kItemsOfService, 6); }

// As long as it takes to make an item's text about 500 bytes.
std::string ValueOf(std::string_view variable) {
  std::string value = "jdbc:postgresql://db.internal:5432/orders?currentSchema=";
  value.append(variable).append("&ssl=true&connectTimeout=10&socketTimeout=30&prepareThreshold=5");
  return value;
}

std::string ItemText(std::size_t item) {
  return R"({"key":"bench.datasource.)" + Padded(item, 7) + R"(","value":")" + ValueOf(Hex(item)) +
         R"(","value_type":"text","status":"enabled",)"
         R"("labels":{"app":"bench","environment":"production","service":")" +
         ServiceOf(item) + R"("}})";
}

std::string ImportBody(std::size_t first, std::size_t end) {
  std::string body = R"({"data":[)";
  for (std::size_t item = first; item < end; ++item) {
    body.append(item == first ? "" : ",").append(ItemText(item));
  }
  return body.append("]}");
}

std::string ListTarget(std::size_t service) {
  return std::string(kItems) + "?label=app:bench&label=environment:production&label=service:" +
         ServiceOf(service * kItemsOfService) + "&match=exact";
}

}  // namespace

KvWorkloads::KvWorkloads(const ScenarioOptions& options)
    : options_(options), client_(options.target) {
  Check(options.items >= kItemsOfService, "fewer items than a list has");
}

Workload KvWorkloads::ById(const std::function<std::string(const std::string&)>& format) {
  const std::vector<std::string> ids = Import();
  Workload workload;
  workload.description = std::to_string(ids.size()) + " items in random order";
  for (const std::string& id : ids) workload.fillings += id;
  Check(workload.fillings.size() == ids.size() * ids.front().size(), "ids of different lengths");
  workload.SetFrame(format(std::string(kItems) + "/" + ids.front()), ids.front());
  return workload;
}

Workload KvWorkloads::Get() {
  Workload workload =
      ById([this](const std::string& target) { return client_.Format("GET", target, ""); });
  const Answer answer = SampleForAll(&client_, &workload, 200);
  Check(workload.fillings.starts_with(StringOf(answer.body, "id")), "another item");
  workload.expected.front() = {.body_size = answer.body.size(), .slack = kNumbersSlack};
  return workload;
}

Workload KvWorkloads::List() {
  Import();
  Workload workload;
  const std::size_t asked = std::min(options_.services, services());
  workload.description = "lists of 100 of " + std::to_string(options_.items) + " items, by labels";
  for (std::size_t i = 0; i < asked; ++i) {
    const std::size_t service = i * services() / asked;
    workload.whole.push_back(client_.Format("GET", ListTarget(service), ""));
    const Answer answer = SampleUntil(
        &client_, workload, i, 200,
        [&](const Answer& list) { return ShowsAll(list.body, service); },
        "not 100 items as they were imported");
    workload.expected.push_back({.body_size = answer.body.size(), .body = answer.body});
  }
  return workload;
}

Workload KvWorkloads::NotModified() {
  Workload workload = List();
  workload.description += ", nothing new";
  const std::string revision = Sample(&client_, workload, 0, 200).Field("X-Kie-Revision");
  Check(!revision.empty(), "no X-Kie-Revision");
  for (std::size_t i = 0; i < workload.whole.size(); ++i) {
    std::string& request = workload.whole[i];
    request.insert(request.find(" HTTP/1.1"), "&revision=" + PercentEncoded(revision));
    Check(Sample(&client_, workload, i, 304).body.empty(), "a 304 with a body");
  }
  workload.expected = {{.status = 304}};
  return workload;
}

Workload KvWorkloads::LongPolls() {
  const Workload lists = List();
  Workload polls;
  polls.description = "long polls of " + lists.description;
  const std::string wait = "&wait=" + std::to_string(options_.wait.count()) + "ms";
  const std::string revision = Sample(&client_, lists, 0, 200).Field("X-Kie-Revision");
  Check(!revision.empty(), "no X-Kie-Revision");
  for (std::size_t i = 0; i < lists.whole.size(); ++i) {
    std::string request = lists.whole[i];
    request.insert(request.find(" HTTP/1.1"), wait + "&revision=");
    polls.AddPoll(std::move(request), "X-Kie-Revision", revision);
    polls.expected.push_back(
        {.body_size = lists.expected[i].body_size, .slack = kListSlack, .or_not_modified = true});
  }
  return polls;
}

Workload KvWorkloads::Put() {
  Workload workload = ById([this](const std::string& target) {
    return client_.Format("PUT", target, R"({"value":")" + ValueOf(kSerialMark) + R"("})");
  });
  workload.description = "new values for " + workload.description;
  workload.SetSerials(kSerialMark);
  const Answer answer = SampleForAll(&client_, &workload, 200);
  Check(answer.body.find(Hex(0)) != std::string::npos, "not the value that was put");
  workload.expected.front() = {.body_size = answer.body.size(), .slack = kNumbersSlack};
  return workload;
}

std::vector<std::string> KvWorkloads::Import() {
  std::vector<std::string> ids;
  revisions_.clear();
  for (std::size_t first = 0; first < options_.items; first += kItemsOfImport) {
    const std::size_t end = std::min(options_.items, first + kItemsOfImport);
    const Answer answer = client_.Call(client_.Format("POST", kImport, ImportBody(first, end)));
    CheckStatus(answer, 200, "an import");
    for (std::string& id : StringsOf(answer.body, "id")) ids.push_back(std::move(id));
    for (const std::uint64_t revision : NumbersOf(answer.body, "update_revision")) {
      revisions_.push_back(revision);
    }
    Check(ids.size() == end && revisions_.size() == end, "an import of fewer items than asked for");
  }
  std::shuffle(ids.begin(), ids.end(), std::mt19937_64(options_.seed));
  return ids;
}

bool KvWorkloads::ShowsAll(const std::string& body, std::size_t service) const {
  std::vector<std::uint64_t> shown = NumbersOf(body, "update_revision");
  const auto first = revisions_.begin() + static_cast<std::ptrdiff_t>(service * kItemsOfService);
  std::vector<std::uint64_t> wanted(first, first + kItemsOfService);
  std::ranges::sort(shown);
  std::ranges::sort(wanted);
  return shown == wanted;
}

std::size_t KvWorkloads::services() const { return options_.items / kItemsOfService; }

}  // namespace skep::bench

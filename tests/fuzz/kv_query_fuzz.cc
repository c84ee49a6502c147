// Query strings of lists of items, of any bytes. What is read must be read again of a query that is
// written anew from it; what an engine then finds must be what was asked for.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "server/codec/kv_request.h"
#include "skep/skep.h"

namespace skep::server {
namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

// Every byte escaped, so that nothing of it can be taken for syntax.
std::string Escaped(std::string_view text) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[byte >> 4];
    out += kDigits[byte & 0xf];
  }
  return out;
}

void Add(std::string_view name, const std::string& value, std::string* query) {
  query->append(query->empty() ? "" : "&").append(name).append("=").append(value);
}

std::string QueryOf(const KvListRequest& request) {
  const KvQuery& query = request.query();
  std::string out;
  for (const auto& [name, value] : query.labels) {
    Add("label", Escaped(name) + ":" + Escaped(value), &out);
  }
  Add("match", query.match == LabelMatch::kExact ? "exact" : "", &out);
  Add("key", Escaped(query.key), &out);
  Add("value", Escaped(query.value), &out);
  Add("offset", std::to_string(query.offset), &out);
  if (query.limit.has_value()) Add("limit", std::to_string(*query.limit), &out);
  if (request.revision().has_value()) Add("revision", std::to_string(*request.revision()), &out);
  if (request.wait().count() > 0) Add("wait", std::to_string(request.wait().count()) + "ns", &out);
  // A word that is none is refused later, and so that it was one must not be lost.
  if (query.status == KvStatus::kUnknown) Add("status", "nonsense", &out);
  if (query.status != KvStatus::kUnknown) Add("status", std::string(ToString(query.status)), &out);
  return out;
}

void CheckSame(const KvListRequest& a, const KvListRequest& b) {
  Require(a.query().labels == b.query().labels && a.query().match == b.query().match);
  Require(a.query().key == b.query().key && a.query().value == b.query().value);
  Require(a.query().status == b.query().status && a.query().offset == b.query().offset);
  Require(a.query().limit == b.query().limit && a.revision() == b.revision());
  Require(a.wait() == b.wait());
}

// A few items, of labels and words that the corpus asks for.
std::unique_ptr<Engine> OpenEngine() {
  auto engine = Engine::Open({.clock = ManualClock::Create(), .id_seed = 1}).value();
  const Labels sets[] = {{}, {{"a", "b"}}, {{"a", ""}}, {{"a", "b"}, {"c", "d"}}};
  for (const Labels& labels : sets) {
    for (const char* key : {"k", "key.one", "K[2]"}) {
      engine->config().Create({.key = key, .value = "some value", .labels = labels}).value();
    }
  }
  return engine;
}

bool Has(const Labels& labels, const std::pair<std::string_view, std::string_view>& wanted) {
  const auto at = labels.find(std::string(wanted.first));
  return at != labels.end() && at->second == wanted.second;
}

void CheckFound(const KvQuery& query, const KvList& list) {
  Require(list.items().size() <= list.total());
  if (query.limit.has_value()) {
    Require(static_cast<std::int64_t>(list.items().size()) <= *query.limit);
  }
  for (const KeyValuePtr& kv : list.items()) {
    for (const auto& label : query.labels) Require(Has(kv->labels(), label));
    const bool is_exact = query.match == LabelMatch::kExact;
    Require(!is_exact || kv->labels().size() == query.labels.size());
    Require(kv->value.find(query.value) != std::string::npos);
  }
}

void CheckQuery(ConfigCenter& config, std::string_view text) {
  KvListRequest request(text);
  if (!request.Read().ok()) return;
  const std::string written = QueryOf(request);
  KvListRequest again(written);
  again.Read().value();
  CheckSame(request, again);
  const Result<KvList> list = config.List(request.query());
  Require(list.ok() == config.Check(request.query()).ok());
  if (list.ok()) CheckFound(request.query(), *list);
}

}  // namespace
}  // namespace skep::server

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto engine = skep::server::OpenEngine();
  skep::server::CheckQuery(engine->config(), {reinterpret_cast<const char*>(data), size});
  return 0;
}

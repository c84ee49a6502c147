// Import bodies of any bytes, as JSON and as YAML. What is read goes into an engine, whose export,
// imported into another one by either reader, must be exported the same byte for byte. As a tree of
// whatever it holds a body reads back as itself.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/codec/document.h"
#include "server/codec/json_reader.h"
#include "server/codec/kv_file.h"
#include "server/codec/kv_yaml.h"
#include "skep/skep.h"

namespace skep::server {
namespace {

constexpr std::size_t kItemsMax = 20;

void Require(bool holds) {
  if (!holds) std::abort();
}

// What an engine exports once it has the items, those that it refuses left out.
std::string ExportOf(std::vector<KvSpec> items) {
  const auto engine = Engine::Open({.clock = ManualClock::Create(), .id_seed = 1}).value();
  engine->config().Import(std::move(items), {.override_mode = Override::kForce}).value();
  KvExport text(engine->config().List({.order = KvOrder::kKey}).value().items());
  std::string out;
  while (text.Next(&out)) {
  }
  return out;
}

void CheckItems(std::vector<KvSpec> items) {
  Require(items.size() <= kItemsMax);
  for (const KvSpec& item : items) Require(item.labels.size() <= kLabelsReadMax);
  const std::string first = ExportOf(std::move(items));
  JsonReader reader;
  Require(ExportOf(ReadImportJson(reader, first, kItemsMax).value()) == first);
  Require(ExportOf(ReadImportYaml(first, kItemsMax).value()) == first);
}

// An item that is made of a body answers with a text that reads back as the same item.
void CheckItem(const KvSpec& spec) {
  const auto engine = Engine::Open({.clock = ManualClock::Create(), .id_seed = 1}).value();
  const Result<WrittenKv> written = engine->config().Create(spec);
  if (!written.ok()) return;
  const KvSpec again = ReadKvYaml(KvYaml(*written->kv)).value();
  Require(again.key == spec.key && again.value == spec.value && again.labels == spec.labels &&
          again.priority == spec.priority && again.check == spec.check);
}

// A tree reads back as itself from both of its texts.
void CheckDocument(const Document& document) {
  std::string json;
  AppendJson(document, &json);
  JsonReader reader;
  Document of_json;
  Require(ReadDocument(reader.Parse(json).value(), &of_json));
  for (const Document& again : {of_json, ReadYamlDocument(ToYaml(document)).value()}) {
    std::string text;
    AppendJson(again, &text);
    Require(text == json);
  }
}

void CheckDocuments(std::string_view body) {
  if (const auto document = ReadYamlDocument(body); document.ok()) CheckDocument(*document);
  JsonReader reader;
  const Result<JsonValue> value = reader.Parse(body);
  Document document;
  if (value.ok() && ReadDocument(*value, &document)) CheckDocument(document);
}

void CheckBody(std::string_view body) {
  CheckDocuments(body);
  JsonReader reader;
  if (auto items = ReadImportJson(reader, body, kItemsMax); items.ok()) {
    CheckItems(*std::move(items));
  }
  if (auto items = ReadImportYaml(body, kItemsMax); items.ok()) CheckItems(*std::move(items));
  if (const auto spec = ReadKvYaml(body); spec.ok()) CheckItem(*spec);
  if (const auto update = ReadKvUpdateYaml(body); update.ok()) {
    Require(!update->value.has_value() || !update->value->empty());
  }
}

}  // namespace
}  // namespace skep::server

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  skep::server::CheckBody({reinterpret_cast<const char*>(data), size});
  return 0;
}

#include "server/routes/kv_file_routes.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "server/codec/kv_file.h"
#include "server/codec/kv_json.h"
#include "server/codec/kv_request.h"
#include "server/codec/kv_yaml.h"
#include "server/codec/multipart.h"
#include "server/routes/kie_parameters.h"
#include "server/routes/reply.h"

namespace skep::server {
namespace {

Error Invalid(std::string detail) { return {KieErrc::kInvalidParams, std::move(detail)}; }

struct ImportRequest {
  ImportOptions options;
  Labels labels;  ///< To be added to every item.
};

// The query, which is looked at before the body (spec kie 9.1.1).
Result<ImportRequest> ReadImportRequest(std::string_view text) {
  ImportRequest request;
  std::string_view override_word;
  std::string_view atomic;
  QueryString pairs(text);
  std::string_view name;
  std::string_view value;
  while (pairs.Next(&name, &value)) {
    if (name == "override") override_word = value;
    if (name == "atomic") atomic = value;
    if (name != "label" || value.empty()) continue;
    const auto label = ReadLabel(value);
    if (!label.ok()) return label.error();
    request.labels.insert_or_assign(std::string(label->first), std::string(label->second));
  }
  if (Status good = CheckPairs(pairs); !good.ok()) return good.error();
  if (override_word.empty()) return Invalid("Query parameter 'override' is required");
  const std::optional<Override> mode = ParseOverride(override_word);
  if (!mode.has_value()) return Invalid("Query parameter 'override' is force, skip or abort");
  request.options = {.override_mode = *mode, .atomic = IsTruthy(atomic)};
  return request;
}

// A file's own type counts where it names one that is known; files mostly come as octets.
Result<std::vector<KvSpec>> ReadFile(Call& call, std::string_view type, std::string_view text) {
  if (MediaTypeOf(type) == MediaType::kYaml) return ReadImportYaml(text);
  const auto reader = call.context.readers.Borrow();
  return ReadImportJson(*reader, text);
}

Result<std::vector<KvSpec>> ReadItems(Call& call) {
  if (call.request.body_too_large) return KieBodyTooLarge();
  const std::string_view type = call.request.Field("Content-Type");
  if (MediaTypeOf(type) != MediaType::kForm) return ReadFile(call, type, call.request.body);
  const Result<MultipartFile> file = FindMultipartFile(type, call.request.body, "upload_file");
  if (!file.ok()) return file.error();
  return ReadFile(call, file->content_type, file->content);
}

// Leaves those that are named; all of them where none is (spec kie 9.2.2).
void KeepNamed(const std::vector<std::string>& ids, std::vector<KeyValuePtr>* items) {
  if (ids.empty()) return;
  const std::unordered_set<std::string_view> named(ids.begin(), ids.end());
  std::erase_if(*items, [&named](const KeyValuePtr& kv) { return !named.contains(kv->id()); });
}

}  // namespace

void ImportKvs(Call& call) {
  const Result<ImportRequest> request = ReadImportRequest(call.query);
  if (!request.ok()) return AnswerError(call, request.error());
  Result<std::vector<KvSpec>> items = ReadItems(call);
  if (!items.ok()) return AnswerError(call, items.error());
  for (KvSpec& item : *items) {
    for (const auto& [name, value] : request->labels) item.labels.insert_or_assign(name, value);
  }
  const Result<ImportResult> result =
      call.config().Import(*std::move(items), request->options, Ack::kPublished);
  if (!result.ok()) return AnswerError(call, result.error());
  if (call.answer_type == MediaType::kYaml) {
    FillYaml(ImportResultYaml(*result), &call.reply);
  } else {
    AppendImportBody(*result, FillKieJson(&call.reply));
  }
  Pack(call.fields, &call.reply);
  Revision rests_on = result->revision;
  for (const ImportFailure& failure : result->failures) {
    rests_on = std::max(rests_on, failure.error.rests_on());
  }
  SendWhenDurable(call, rests_on);
}

void ExportKvs(Call& call) {
  const Result<std::vector<std::string>> ids = ReadKieBody(call, ReadKvIds);
  if (!ids.ok()) return AnswerError(call, ids.error());
  KvListRequest request(call.query);
  if (Status good = request.Read(); !good.ok()) return AnswerError(call, good.error());
  const Result<KvList> list = call.config().List(
      {.labels = request.query().labels, .match = request.query().match, .order = KvOrder::kKey});
  if (!list.ok()) return AnswerError(call, list.error());
  std::vector<KeyValuePtr> items = list->items();
  KeepNamed(*ids, &items);
  std::string* text = FillKieJson(&call.reply);
  KvExport pieces(std::move(items));
  while (pieces.Next(text)) {
  }
}

}  // namespace skep::server

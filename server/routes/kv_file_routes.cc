#include "server/routes/kv_file_routes.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "server/codec/kv_body.h"
#include "server/codec/kv_file.h"
#include "server/codec/kv_json.h"
#include "server/codec/kv_request.h"
#include "server/codec/kv_yaml.h"
#include "server/codec/multipart.h"
#include "server/routes/errors.h"
#include "server/routes/kie_parameters.h"
#include "server/routes/reply.h"

namespace skep::server {
namespace {

Error ExportTooLarge(std::size_t limit) {
  return {KieErrc::kNotEnoughQuota, "the export would have more than " + std::to_string(limit) +
                                        " bytes; ask for a part of it by labels or ids"};
}

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
    // Of these the first one counts, as in a list. A value that is there is never null.
    if (name == "override" && override_word.data() == nullptr) override_word = value;
    if (name == "atomic" && atomic.data() == nullptr) atomic = value;
    if (name != "label" || value.empty()) continue;
    const auto label = ReadLabel(value);
    if (!label.ok()) return label.error();
    request.labels.insert_or_assign(std::string(label->first), std::string(label->second));
  }
  if (Status good = CheckPairs(pairs); !good.ok()) return good.error();
  if (override_word.empty()) return InvalidKvRequest("Query parameter 'override' is required");
  const std::optional<Override> mode = ParseOverride(override_word);
  if (!mode.has_value())
    return InvalidKvRequest("Query parameter 'override' is force, skip or abort");
  request.options = {.override_mode = *mode, .atomic = IsTruthy(atomic)};
  return request;
}

// A body up to this, or so many items, is dealt with where it has come; more goes to the slow lane.
constexpr std::size_t kQuickBytesMax = 64 * 1024;
constexpr std::size_t kQuickItemsMax = 1000;

// What is needed of a call when its request may be gone. The views are borrowed from it, or from
// the copies of a SlowCall.
struct FileCall {
  ServerContext& context;
  ConfigCenter config;
  MediaType answer_type;
  std::string_view encodings;
  std::string_view query;
  std::string_view content_type;
  std::string_view body;
};

FileCall FileCallOf(const Call& call) {
  return {.context = call.context,
          .config = call.config(),
          .answer_type = call.answer_type,
          .encodings = call.fields.encodings,
          .query = call.query,
          .content_type = call.request.Field("Content-Type"),
          .body = call.request.body};
}

// Fills the reply in; returns the change that must be durable before it goes out.
using Answering = std::function<Revision(const FileCall& call, HttpReply* reply)>;

// A call that is answered from the slow lane, with copies of all that it looks at.
struct SlowCall {
  SlowCall(const Call& from, const Answering& how)
      : encodings(from.fields.encodings),
        query(from.query),
        content_type(from.request.Field("Content-Type")),
        body(from.request.body),
        call(FileCallOf(from)),
        answer(how),
        reply(std::exchange(from.reply, {})) {
    call.encodings = encodings;
    call.query = query;
    call.content_type = content_type;
    call.body = body;
  }
  SlowCall(const SlowCall&) = delete;
  SlowCall& operator=(const SlowCall&) = delete;

  void Run() {
    const Revision rests_on = answer(call, &reply);
    SendWhenDurable(call.context.engine, rests_on, Api::kConfig, call.context.options.log,
                    std::move(reply), std::move(deferred));
  }

  const std::string encodings;
  const std::string query;
  const std::string content_type;
  const std::string body;
  FileCall call;
  const Answering answer;
  HttpReply reply;
  std::shared_ptr<DeferredReply> deferred;
};

void AnswerQuickly(Call& call, const Answering& answer) {
  const Revision rests_on = answer(FileCallOf(call), &call.reply);
  SendWhenDurable(call, rests_on);
}

void AnswerSlowly(Call& call, const Answering& answer) {
  const auto slow = std::make_shared<SlowCall>(call, answer);
  slow->deferred = call.exchange.Defer();
  if (call.context.slow_lane.Add([slow] { slow->Run(); })) return;
  FillError(Overloaded(), Api::kConfig, call.context.options.log, &slow->reply);
  slow->reply.headers.emplace_back("Retry-After", "1");
  slow->deferred->Send(std::move(slow->reply));
}

Revision FillFailure(const FileCall& call, const Error& error, HttpReply* reply) {
  FillError(error, Api::kConfig, call.context.options.log, reply);
  return error.rests_on();
}

// A file's own type counts where it names one that is known; files mostly come as octets.
Result<std::vector<KvSpec>> ReadFile(const FileCall& call, std::string_view type,
                                     std::string_view text) {
  // No more of them are kept in memory than the configuration center would take.
  const std::size_t items_max = call.config.options().import_items_max;
  if (MediaTypeOf(type) == MediaType::kYaml) return ReadImportYaml(text, items_max);
  const auto reader = call.context.readers.Borrow();
  return ReadImportJson(*reader, text, items_max);
}

Result<std::vector<KvSpec>> ReadItems(const FileCall& call) {
  if (MediaTypeOf(call.content_type) != MediaType::kForm) {
    return ReadFile(call, call.content_type, call.body);
  }
  const Result<MultipartFile> file = FindMultipartFile(call.content_type, call.body, "upload_file");
  if (!file.ok()) return file.error();
  return ReadFile(call, file->content_type, file->content);
}

Revision FillImport(const FileCall& call, const ImportRequest& request, HttpReply* reply) {
  Result<std::vector<KvSpec>> items = ReadItems(call);
  if (!items.ok()) return FillFailure(call, items.error(), reply);
  for (KvSpec& item : *items) {
    for (const auto& [name, value] : request.labels) item.labels.insert_or_assign(name, value);
  }
  ConfigCenter config = call.config;
  const Result<ImportResult> result =
      config.Import(*std::move(items), request.options, Ack::kPublished);
  if (!result.ok()) return FillFailure(call, result.error(), reply);
  if (call.answer_type == MediaType::kYaml) {
    FillYaml(ImportResultYaml(*result), reply);
  } else {
    AppendImportBody(*result, FillKieJson(reply));
  }
  Pack({.encodings = call.encodings}, reply);
  Revision rests_on = result->revision;
  for (const ImportFailure& failure : result->failures) {
    rests_on = std::max(rests_on, failure.error.rests_on());
  }
  return rests_on;
}

// Leaves those that are named; all of them where none is (spec kie 9.2.2).
void KeepNamed(const std::vector<std::string>& ids, std::vector<KeyValuePtr>* items) {
  if (ids.empty()) return;
  const std::unordered_set<std::string_view> named(ids.begin(), ids.end());
  std::erase_if(*items, [&named](const KeyValuePtr& kv) { return !named.contains(kv->id()); });
}

Revision FillExport(const FileCall& call, HttpReply* reply) {
  const auto reader = call.context.readers.Borrow();
  const Result<std::vector<std::string>> ids = ReadKvIds(*reader, call.body);
  if (!ids.ok()) return FillFailure(call, ids.error(), reply);
  KvListRequest request(call.query);
  if (Status good = request.Read(); !good.ok()) return FillFailure(call, good.error(), reply);
  const Result<KvList> list = call.config.List(
      {.labels = request.query().labels, .match = request.query().match, .order = KvOrder::kKey});
  if (!list.ok()) return FillFailure(call, list.error(), reply);
  std::vector<KeyValuePtr> items = list->items();
  KeepNamed(*ids, &items);
  const std::size_t bytes_max = call.context.options.export_bytes_max;
  std::string* text = FillKieJson(reply);
  KvExport pieces(std::move(items));
  while (pieces.Next(text)) {
    if (text->size() > bytes_max) return FillFailure(call, ExportTooLarge(bytes_max), reply);
  }
  Pack({.encodings = call.encodings}, reply);
  return {};
}

}  // namespace

void ImportKvs(Call& call) {
  // The query is looked at before the body (spec kie 9.1.1).
  const Result<ImportRequest> request = ReadImportRequest(call.query);
  if (!request.ok()) return AnswerError(call, request.error());
  if (call.request.body_too_large) return AnswerError(call, BodyTooLarge(call.api));
  const bool is_quick = call.request.body.size() <= kQuickBytesMax;
  const auto fill = [request = *request](const FileCall& file_call, HttpReply* reply) {
    return FillImport(file_call, request, reply);
  };
  is_quick ? AnswerQuickly(call, fill) : AnswerSlowly(call, fill);
}

void ExportKvs(Call& call) {
  if (call.request.body_too_large) return AnswerError(call, BodyTooLarge(call.api));
  const bool is_quick =
      call.config().size() <= kQuickItemsMax && call.request.body.size() <= kQuickBytesMax;
  is_quick ? AnswerQuickly(call, FillExport) : AnswerSlowly(call, FillExport);
}

}  // namespace skep::server

#include "server/routes/batch_find_routes.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "server/codec/batch_find_json.h"
#include "server/codec/error_json.h"
#include "server/codec/query_string.h"
#include "server/routes/errors.h"
#include "server/routes/reply.h"

namespace skep::server {
namespace {

// The first error of the server's own, which spoils the whole answer.
const Error* OwnFailure(const BatchFound& found) {
  for (const auto* results : {&found.services, &found.instances}) {
    for (const Result<FindResult>& result : *results) {
      if (!result.ok() && HttpStatusOf(ToWireError(result.error())) >= 500) return &result.error();
    }
  }
  return nullptr;
}

// Lists that are shared stay where they are; what stands between them is one text, cut there.
void FillPieces(BatchFindBody body, HttpReply* reply) {
  std::string* text = FillJson(reply);
  if (body.lists.empty()) {
    *text = std::move(body.text);
    return;
  }
  const auto glue = std::make_shared<const std::string>(std::move(body.text));
  const std::string_view whole = *glue;
  std::size_t at = 0;
  for (BatchFindBody::List& list : body.lists) {
    reply->parts.push_back({whole.substr(at, list.at - at), glue});
    reply->parts.push_back({list.bytes, std::move(list.owner)});
    at = list.at;
  }
  reply->parts.push_back({whole.substr(at), glue});
}

}  // namespace

void BatchFind(Call& call) {
  const QueryValues<1> query(call.query, {"type"});
  if (query[0] != "query") return AnswerError(call, BadAction(query[0]));
  if (call.request.body_too_large) return AnswerError(call, BodyTooLarge());
  const auto reader = call.context.readers.Borrow();
  const auto request = ReadBatchFind(*reader, call.request.body);
  if (!request.ok()) return AnswerError(call, request.error());
  const Result<BatchFound> found = call.registry().discovery().BatchFind(
      call.consumer(), {.services = request->services, .instances = request->instances});
  if (!found.ok()) return AnswerError(call, found.error());
  if (const Error* error = OwnFailure(*found)) return AnswerError(call, *error);
  AddProtectionField(call);
  FillPieces(MakeBatchFindBody(*found), &call.reply);
}

}  // namespace skep::server

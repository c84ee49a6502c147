#include "server/routes/tag_routes.h"

#include <utility>

#include "server/codec/query_string.h"
#include "server/codec/tag_json.h"
#include "server/routes/parameters.h"
#include "server/routes/reply.h"

namespace skep::server {

void GetTags(Call& call) {
  const Result<TagsPtr> tags = call.registry().tags().Get(call.service_id());
  if (!tags.ok()) return AnswerError(call, tags.error());
  AppendTagsBody(**tags, FillJson(&call.reply));
}

void ReplaceTags(Call& call) {
  Result<Properties> tags = ReadBody(call, ReadTags);
  if (!tags.ok()) return AnswerError(call, tags.error());
  AnswerChange(
      call, call.registry().tags().Replace(call.service_id(), *std::move(tags), Ack::kPublished));
}

void SetTag(Call& call) {
  const QueryValues<1> query(call.query, {"value"});
  AnswerChange(call, call.registry().tags().Set(call.service_id(), call.parameters[2], query[0],
                                                Ack::kPublished));
}

void DeleteTags(Call& call) {
  AnswerChange(call, call.registry().tags().Delete(
                         call.service_id(), SplitAtCommas(call.parameters[2]), Ack::kPublished));
}

}  // namespace skep::server

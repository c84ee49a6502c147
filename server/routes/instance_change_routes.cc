#include "server/routes/instance_change_routes.h"

#include "server/codec/instance_change_json.h"
#include "server/routes/parameters.h"
#include "server/routes/reply.h"

namespace skep::server {

void SetInstanceProperties(Call& call) {
  const Result<Properties> properties = ReadBody(call, ReadProperties);
  if (!properties.ok()) return AnswerError(call, properties.error());
  AnswerChange(call, call.registry().instances().SetProperties(
                         call.service_id(), call.instance_id(), *properties, Ack::kPublished));
}

void SetStatusWhere(Call& call) {
  const Result<StatusChange> change = ReadBody(call, ReadStatusChange);
  if (!change.ok()) return AnswerError(call, change.error());
  const auto done =
      call.registry().instances().SetStatusWhere(change->matching, change->status, Ack::kPublished);
  if (!done.ok()) return AnswerError(call, done.error());
  FillEmpty(&call.reply);
  if (done->changed > 0) SendWhenDurable(call, done->revision);
}

}  // namespace skep::server

#include "server/routes/instance_change_routes.h"

#include "server/codec/instance_change_json.h"
#include "server/routes/errors.h"
#include "server/routes/reply.h"

namespace skep::server {

void SetInstanceProperties(Call& call) {
  if (call.request.body_too_large) return AnswerError(call, BodyTooLarge());
  const Result<Properties> properties = [&call] {
    const auto reader = call.context.readers.Borrow();
    return ReadProperties(*reader, call.request.body);
  }();
  if (!properties.ok()) return AnswerError(call, properties.error());
  const Result<Revision> changed = call.registry().instances().SetProperties(
      call.service_id(), call.instance_id(), *properties, Ack::kPublished);
  if (!changed.ok()) return AnswerError(call, changed.error());
  FillEmpty(&call.reply);
  SendWhenDurable(call, *changed);
}

void SetStatusWhere(Call& call) {
  if (call.request.body_too_large) return AnswerError(call, BodyTooLarge());
  const Result<StatusChange> change = [&call] {
    const auto reader = call.context.readers.Borrow();
    return ReadStatusChange(*reader, call.request.body);
  }();
  if (!change.ok()) return AnswerError(call, change.error());
  const auto done =
      call.registry().instances().SetStatusWhere(change->matching, change->status, Ack::kPublished);
  if (!done.ok()) return AnswerError(call, done.error());
  FillEmpty(&call.reply);
  if (done->changed > 0) SendWhenDurable(call, done->revision);
}

}  // namespace skep::server

// Lists of items and the polls for them: answered at once, or held until there is something new
// (spec kie 5.1, 7, 8).
#ifndef SKEP_SERVER_ROUTES_KV_POLL_H_
#define SKEP_SERVER_ROUTES_KV_POLL_H_

#include <memory>
#include <optional>

#include "server/codec/kv_request.h"
#include "server/routes/call.h"
#include "skep/kie/config_center.h"
#include "skep/result.h"

namespace skep::server {

/// What the polling track will say of a list that is answered; null where the client does not ask
/// to be tracked (spec kie 8.1).
std::unique_ptr<PollRecord> PollOf(const HttpRequest& request, const KvListRequest& list);

/// Fills in the list that is asked for, and its revision; tracks the poll unless it is null.
/// Errors: as ConfigCenter::List; the reply is as it was.
Status FillKvList(ServerContext& context, const ConfigCenter& config, const KvListRequest& request,
                  bool gzip, HttpReply* reply, PollRecord* poll);

/// Answers with the list at the next change that the query can match, or 304 after the wait; at
/// once where the newest revision is not `known`. The client's going ends the wait, a stopping
/// server answers 304. The last thing that a handler does.
void HoldPoll(Call& call, const ConfigCenter& config, const KvListRequest& request,
              std::optional<Revision> known);

}  // namespace skep::server

#endif  // SKEP_SERVER_ROUTES_KV_POLL_H_

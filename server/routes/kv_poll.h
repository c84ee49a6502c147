// Lists of items and the polls for them: answered at once, or held until there is something new
// (spec kie 5.1, 7, 8).
#ifndef SKEP_SERVER_ROUTES_KV_POLL_H_
#define SKEP_SERVER_ROUTES_KV_POLL_H_

#include <memory>
#include <optional>

#include "server/codec/kv_list_memo.h"
#include "server/codec/kv_request.h"
#include "server/routes/call.h"
#include "skep/kie/config_center.h"
#include "skep/result.h"

namespace skep::server {

/// Whether the client asks to be tracked (spec kie 8.1).
bool IsTracked(const HttpRequest& request);

/// What the polling track will say of a list that is answered; null where the client does not ask
/// to be tracked.
std::unique_ptr<PollRecord> PollOf(const HttpRequest& request, const KvListRequest& list);

/// A list's body and its revision.
struct KvListAnswer {
  Revision revision;
  KvListBody body;
};

/// The list that is asked for; tracks the poll unless it is null. Errors: as ConfigCenter::List.
Result<KvListAnswer> MakeKvList(ServerContext& context, const ConfigCenter& config,
                                const KvListRequest& request, Coding accepted, PollRecord* poll);

/// 200 with the body.
void FillKvList(KvListAnswer answer, HttpReply* reply);

/// Answers with the list at the next change that the query can match, or 304 after the wait; at
/// once where the newest revision is not `known`. The client's going ends the wait, a stopping
/// server answers 304. The last thing that a handler does.
void HoldPoll(Call& call, const ConfigCenter& config, const KvListRequest& request,
              std::optional<Revision> known);

}  // namespace skep::server

#endif  // SKEP_SERVER_ROUTES_KV_POLL_H_

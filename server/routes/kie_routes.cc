#include "server/routes/kie_routes.h"

#include <chrono>
#include <cstdint>

#include "server/codec/kv_body.h"
#include "server/codec/kv_json.h"
#include "server/codec/kv_request.h"
#include "server/routes/kie_parameters.h"
#include "server/routes/reply.h"
#include "skep/version.h"

namespace skep::server {
namespace {

// Over the wire a page is no larger than one of a list (spec kie 3.3.2); in process it may be.
constexpr std::int64_t kPageMax = 100;

Result<HistoryQuery> ReadHistoryQuery(std::string_view text) {
  if (Status good = CheckPairs(text); !good.ok()) return good.error();
  const QueryValues<2> values(text, {"offset", "limit"});
  HistoryQuery query{.generations = Generations::kCurrent};
  if (Status good = ReadOffset(values[0], &query.offset); !good.ok()) return good.error();
  if (Status good = ReadLimit(values[1], &query.limit); !good.ok()) return good.error();
  if (query.limit > kPageMax) return InvalidKvRequest("invalid limit number");
  return query;
}

}  // namespace

void GetKvHistory(Call& call) {
  const Result<HistoryQuery> query = ReadHistoryQuery(call.query);
  if (!query.ok()) return AnswerError(call, query.error());
  const Result<KvHistory> history = call.config().History(call.parameters[1], *query);
  if (!history.ok()) return AnswerError(call, history.error());
  AppendKvHistoryBody(*history, FillKieJson(&call.reply));
}

void ListPolls(Call& call) {
  if (Status good = CheckPairs(call.query); !good.ok()) return AnswerError(call, good.error());
  const QueryValues<5> values(call.query, {"sessionId", "ip", "urlPath", "userAgent", "revision"});
  const ConfigCenter config = call.config();
  const auto polls = config.Polls({.session_id = values[0],
                                   .ip = values[1],
                                   .url_path = values[2],
                                   .user_agent = values[3],
                                   .revision = values[4]});
  if (!polls.ok()) return AnswerError(call, polls.error());
  AppendPollsBody(*polls, config.tenant(), FillKieJson(&call.reply));
}

void GetKieHealth(Call& call) {
  const QueryValues<1> values(call.query, {"mode"});
  if (values[0] == "liveness") return;
  const ConfigCenter& config = call.context.engine.config();
  const auto now = std::chrono::floor<std::chrono::seconds>(call.context.engine.clock().WallNow());
  AppendKieHealthBody({.version = SKEP_VERSION_STRING,
                       .revision = config.revision(),
                       .unix_seconds = now.time_since_epoch().count(),
                       .items = config.domain_size()},
                      FillKieJson(&call.reply));
}

}  // namespace skep::server

// Call: one request on its way through a handler. ServerContext: what all handlers work with.
#ifndef SKEP_SERVER_ROUTES_CALL_H_
#define SKEP_SERVER_ROUTES_CALL_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "server/codec/error_json.h"
#include "server/codec/kv_answer_memo.h"
#include "server/codec/kv_list_memo.h"
#include "server/codec/media_type.h"
#include "server/routes/alarms.h"
#include "server/routes/json_reader_pool.h"
#include "server/routes/router.h"
#include "server/routes/slow_lane.h"
#include "server/transport/http_message.h"
#include "skep/engine.h"
#include "skep/server/options.h"

namespace skep::server {

class HttpMetrics;
class SelfRegistration;
struct TransportStats;

/// Jobs that may wait for the lanes below. One of files holds its body; one of views next to
/// nothing.
inline constexpr std::size_t kFileJobsMax = 16;
inline constexpr std::size_t kViewJobsMax = 256;

/// Everything is borrowed and outlives the handlers.
struct ServerContext {
  Engine& engine;
  const ServerOptions& options;
  JsonReaderPool& readers;
  HttpMetrics& metrics;
  const Router& router;

  /// Zeros until the server listens.
  const std::function<TransportStats()> transport_stats;

  Alarms alarms{};

  KvListMemo kv_lists{engine.config().memos()};
  KvAnswerMemo kv_answers{engine.config().memos()};

  /// Set once the server listens and has registered itself; null before, and where it does not.
  std::atomic<const SelfRegistration*> self{nullptr};

  /// Requests refused for want of capacity, by Priority.
  std::array<std::atomic<std::uint64_t>, kPriorities> shed{};

  // The last members: what they still run uses the others.

  SlowLane slow_lane{kFileJobsMax};  ///< Imports and exports.
  SlowLane view_lane{kViewJobsMax};  ///< Views of whole tenants.
};

/// The header fields that routes look at, each with the first one sent.
struct ClientFields {
  std::string_view origin{};
  std::string_view domain{};     ///< X-Domain-Name
  std::string_view tenant{};     ///< X-Tenant-Name; counts on v3 paths alone, before the domain.
  std::string_view consumer{};   ///< X-ConsumerId
  std::string_view encodings{};  ///< Accept-Encoding
};

ClientFields ReadClientFields(const HttpRequest& request);

struct Call {
  ServerContext& context;
  const HttpRequest& request;
  HttpExchange& exchange;
  HttpReply& reply;
  std::string_view query{};
  ClientFields fields{};
  PathParameters parameters{};
  Api api = Api::kRegistry;
  MediaType answer_type = MediaType::kJson;  ///< Of a configuration route: what was negotiated.

  /// The configuration center of the path's first parameter. The domain is the token's, never a
  /// header's (spec kie 5).
  ConfigCenter config() const;

  /// The registry of the tenant that the domain header and the path's first parameter name.
  Registry& registry();

  ServiceIdView service_id() const { return ServiceIdView(parameters[1]); }
  InstanceIdView instance_id() const { return InstanceIdView(parameters[2]); }
  ServiceIdView consumer() const { return ServiceIdView(fields.consumer); }

  /// Whether the tenant is default/default.
  bool is_default_tenant() const;

  std::optional<Registry> other_tenant{};  ///< Filled by registry(), where it is another.
};

}  // namespace skep::server

#endif  // SKEP_SERVER_ROUTES_CALL_H_

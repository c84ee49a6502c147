// HttpRequest, HttpReply and HttpExchange: what passes between transport and routes, as plain
// values. No Beast here, and no path or body is looked into by transport.
#ifndef SKEP_SERVER_TRANSPORT_HTTP_MESSAGE_H_
#define SKEP_SERVER_TRANSPORT_HTTP_MESSAGE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/transport/stream.h"
#include "skep/clock.h"

namespace skep::server {

enum class Verb : std::uint8_t { kGet, kPut, kPost, kDelete, kHead, kOptions, kPatch, kOther };

struct HttpField {
  std::string_view name;  ///< As sent.
  std::string_view value;
};

/// All views are borrowed until the exchange's handler returns.
struct HttpRequest {
  Verb verb = Verb::kOther;
  std::string_view target;  ///< As sent: path and query.
  std::vector<HttpField> fields;
  std::string_view body;
  bool body_too_large = false;    ///< Over the limit that BodyLimit gave; `body` is empty then.
  std::string_view peer;          ///< "address:port"
  MonotonicTime now{};            ///< The engine's time, at most one turn of the event loop old.
  std::uint8_t load_percent = 0;  ///< How loaded the connection's thread is (load_meter.h).

  /// The first field of that name, whatever the case; empty where there is none.
  std::string_view Field(std::string_view name) const;
};

/// Some bytes of a body and what keeps them alive.
struct BodyPart {
  std::string_view bytes;
  std::shared_ptr<const void> owner;
};

/// A body that is made while it is sent, so that a large one neither holds up the other connections
/// of its thread nor lies in memory as a whole.
class BodySource {
 public:
  enum class Progress : std::uint8_t {
    kMore,
    kEnd,     ///< That was all.
    kFailed,  ///< It cannot go on: the connection is cut, so that no client takes it for the end.
  };

  virtual ~BodySource() = default;

  /// Appends the next slice to `out`, of about `bytes`; it may be shorter, or empty. Not called
  /// again after the end. Threading: on the connection's thread, once the slice before has been
  /// written; others have had their turn since. It must not block and not throw.
  virtual Progress Next(std::size_t bytes, std::string* out) = 0;

  /// About how much memory it holds until its end. It counts as bytes that wait for the client, so
  /// that a thread whose clients do not read knows that it is loaded.
  virtual std::size_t held_bytes() const { return 0; }
};

struct HttpReply {
  std::uint16_t status = 200;
  std::string_view content_type;      ///< Static text; empty: no such header.
  std::string_view content_encoding;  ///< Static text; empty: the body is as it is.
  /// Whole field lines with their line breaks, sent as they are; static text.
  std::string_view static_fields;
  /// Further headers; names are static text, spelled as they are to be sent.
  std::vector<std::pair<std::string_view, std::string>> headers;
  /// The body: `text`, then `parts`. Not sent, and said to be empty, where the status forbids one.
  std::string text;
  std::vector<BodyPart> parts;
  /// And then what this one makes, unless it is null. Nobody knows such a body's length before: it
  /// goes out in chunks, and to a client of HTTP/1.0 it ends with the connection.
  std::unique_ptr<BodySource> source;
  /// Transport's: bytes of the body that are sent and gone.
  std::size_t bytes_sent = 0;
  /// The handler's own; transport brings it back to Finished.
  std::uint16_t mark = 0;

  /// Of what was sent and what is here.
  std::size_t body_size() const;
};

/// A reply that comes later, possibly from another thread. Sending it after the connection has gone
/// is fine and does nothing. Dropped unsent, the connection is closed.
class DeferredReply {
 public:
  virtual ~DeferredReply() = default;
  virtual void Send(HttpReply reply) = 0;
};

/// Why a parked reply is to come now, or never.
enum class Unpark : std::uint8_t {
  kGone,      ///< The client is; nothing that is sent will be read.
  kStopping,  ///< The server stops: send what can be said now.
};

/// Called at most once, and not after the reply has arrived.
/// Threading: on the connection's thread. Locking: none held. It must not block and not throw.
using UnparkFn = std::function<void(Unpark why)>;

/// One request being answered. Either the handler fills reply() and returns, or it calls Defer() or
/// Park(), once, and whoever holds the result sends the reply. The requests that follow on this
/// connection wait.
class HttpExchange {
 public:
  virtual ~HttpExchange() = default;
  virtual HttpReply& reply() = 0;

  /// For a reply that comes soon.
  virtual std::shared_ptr<DeferredReply> Defer() = 0;

  /// For one that may take minutes: until it comes the connection keeps no buffers, and a client
  /// that shuts its side has gone.
  virtual std::shared_ptr<DeferredReply> Park(UnparkFn unpark) = 0;

  /// Once reply() is sent, which the caller fills in, the connection becomes a stream. False where
  /// it cannot: the client has sent more already, wants no WebSocket by an older HTTP or a
  /// connection that is to be closed, or the server stops.
  [[nodiscard]] virtual bool BecomeStream(StreamKind kind,
                                          std::unique_ptr<StreamHandler> handler) = 0;
};

class HttpHandler {
 public:
  virtual ~HttpHandler() = default;

  /// How large a body of this request may be, asked when its header is complete.
  virtual std::size_t BodyLimit(Verb verb, std::string_view target) const = 0;

  /// Threading: on the connection's thread; several connections at once. Must not block or throw.
  virtual void Handle(const HttpRequest& request, HttpExchange& exchange) = 0;

  /// The reply to a request that transport refuses itself: a status of 400 (not HTTP), 408 (too
  /// slow), 429 (a limit is reached), 431 (header too large) or 503 (stopping). The connection
  /// is closed after it, but for 429.
  virtual HttpReply Refusal(std::uint16_t status) const = 0;

  /// A finished exchange, for counters and the access log: `took` from the complete request to the
  /// reply handed to the kernel. Threading: as Handle.
  virtual void Finished(const HttpRequest& request, const HttpReply& reply,
                        std::chrono::nanoseconds took) = 0;
};

}  // namespace skep::server

#endif  // SKEP_SERVER_TRANSPORT_HTTP_MESSAGE_H_

/// ServerOptions: where a server listens and what it allows a client.
#ifndef SKEP_SERVER_OPTIONS_H_
#define SKEP_SERVER_OPTIONS_H_

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "skep/log.h"

namespace skep {

struct ServerOptions {
  /// "host:port", "[v6]:port"; port 0 takes a free one (see Server::addresses). Every address
  /// serves every path.
  std::vector<std::string> listen = {"127.0.0.1:0"};

  /// Threads, each with its own sockets. 0: one for each core.
  unsigned threads = 0;

  /// Null: nothing is logged.
  LogSink log{};

  /// One line for each answered request; null: none. Threading: any server thread.
  std::function<void(std::string_view line)> access_log{};

  /// Serve POST /skep/v1/clock where the engine's clock is a ManualClock.
  bool serve_manual_clock = false;

  /// Register the server itself as SERVICECENTER, as clients expect it.
  bool register_self = true;

  // ----------------------------------------------------------------------------------------------
  // Limits. Each one reached is a clear answer, never a wait without end.

  std::size_t header_bytes_max = 32 * 1024;
  std::size_t body_bytes_max = 2 * 1024 * 1024;
  /// The body of one answer, before it is packed. A larger one is an error; a view that is made
  /// while it is sent is cut off there where its beginning did not show it.
  std::size_t reply_bytes_max = 1024 * 1024 * 1024;
  /// The text of an export of configuration items.
  std::size_t export_bytes_max = 256 * 1024 * 1024;
  /// The body of an import of configuration items.
  std::size_t import_bytes_max = 64 * 1024 * 1024;
  /// From accept, or the first byte of a request, to its last.
  std::chrono::milliseconds request_time_max{60'000};
  /// Between requests.
  std::chrono::milliseconds idle_time_max{120'000};
  /// A client that reads nothing of its answer for this long is dropped.
  std::chrono::milliseconds write_time_max{60'000};
  /// A watcher gets a ping this often. One that sends pings of its own gets none, until it has sent
  /// none for stream_silence_max less this, or for half of that. Clients close a watch that they
  /// hear nothing of for 60 s.
  std::chrono::milliseconds stream_ping_interval{25'000};
  /// A WebSocket that owes a pong and of which neither ping nor pong has come for this long is
  /// dropped.
  std::chrono::milliseconds stream_silence_max{120'000};
  /// Connections of all threads together. More are answered 429 and closed.
  std::size_t connections_max = 100'000;
  /// Requests of one connection that are answered in one go before others get their turn.
  std::size_t pipelined_requests_max = 64;
  /// Bytes of answers that wait for one client to read them; it is not read from meanwhile.
  std::size_t outstanding_bytes_max = 1024 * 1024;
  /// The same, of all clients of one thread.
  std::size_t thread_outstanding_bytes_max = 512 * 1024 * 1024;
  /// How late a thread may come to what waits for it.
  std::chrono::milliseconds thread_delay_max{2'000};

  // ----------------------------------------------------------------------------------------------
  // What is answered 429 first, in percent of the nearer of the last two limits, 1 to 100, none
  // above the next. Heartbeats, deregistrations, health and metrics are never refused.

  unsigned shed_bulk_percent = 40;    ///< Dumps and exports.
  unsigned shed_lists_percent = 60;   ///< Lists of all there is.
  unsigned shed_finds_percent = 80;   ///< Finds and other reads of one thing.
  unsigned shed_writes_percent = 90;  ///< Registrations and changes.
};

}  // namespace skep

#endif  // SKEP_SERVER_OPTIONS_H_

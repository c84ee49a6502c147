// HttpServer: HTTP/1.1 on some addresses, for a handler. The whole of transport behind one class.
#ifndef SKEP_SERVER_TRANSPORT_HTTP_SERVER_H_
#define SKEP_SERVER_TRANSPORT_HTTP_SERVER_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "server/transport/http_message.h"
#include "server/transport/transport_stats.h"
#include "skep/clock.h"
#include "skep/result.h"
#include "skep/server/options.h"

namespace skep::server {

class EventLoop;
struct ServerCounts;

/// Thread-safety: any thread, but the destructor, which must be the last call; Stop and the
/// destructor not from a handler. Replies that are still deferred when it goes may be sent later,
/// to no effect.
class HttpServer {
 public:
  /// Listens and serves. `engine_clock` stamps requests; both it and `handler` must outlive the
  /// server. Errors: kAddressInUse, kAddressInvalid, kInvalidOptions, kSystem; the detail names the
  /// address or the option.
  static Result<std::unique_ptr<HttpServer>> Start(const ServerOptions& options,
                                                   const Clock& engine_clock, HttpHandler& handler);

  /// Stop(0ms), if Stop was not called.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// The bound addresses, "host:port", in the order of ServerOptions::listen.
  const std::vector<std::string>& addresses() const { return addresses_; }

  /// Accepts no more, closes idle connections at once, answers what was received, and returns when
  /// every thread has ended. What is not done at the deadline is cut off; then it returns false. A
  /// second call waits for the first and returns the same.
  bool Stop(std::chrono::milliseconds deadline);

  TransportStats stats() const;

 private:
  HttpServer(const ServerOptions& options, const Clock& engine_clock, HttpHandler& handler);

  Status Listen();
  void StartThreads();
  void RunLoop(EventLoop& loop);
  bool WaitForLoops(std::chrono::milliseconds deadline);

  const ServerOptions options_;
  std::unique_ptr<ServerCounts> counts_;
  std::vector<std::unique_ptr<EventLoop>> loops_;
  std::vector<std::string> addresses_;

  base::Mutex stop_mu_;  ///< Held by Stop from begin to end; before mu_.
  bool stopped_ ABSL_GUARDED_BY(stop_mu_) = false;
  bool stopped_clean_ ABSL_GUARDED_BY(stop_mu_) = true;
  std::vector<std::thread> threads_ ABSL_GUARDED_BY(stop_mu_);

  base::Mutex mu_;
  std::size_t running_ ABSL_GUARDED_BY(mu_) = 0;  ///< Loops.
  base::CondVar ended_;
};

}  // namespace skep::server

#endif  // SKEP_SERVER_TRANSPORT_HTTP_SERVER_H_

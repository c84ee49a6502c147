/// Server: an engine's state over HTTP, on the v4 registry paths that existing clients use.
///
///   auto server = skep::Server::Start(*engine, {.listen = {"127.0.0.1:0"}}).value();
///   RunClientAgainst(server->url());
///
/// Thread-safety: any thread, but the destructor, which must be the last call.
#ifndef SKEP_SERVER_SERVER_H_
#define SKEP_SERVER_SERVER_H_

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "skep/engine.h"
#include "skep/result.h"
#include "skep/server/options.h"

namespace skep {

class Server {
 public:
  /// Listens and serves; when it returns, the first request can be answered. The engine must
  /// outlive the server. Errors: kAddressInUse, kAddressInvalid, kInvalidOptions, kSystem.
  static Result<std::unique_ptr<Server>> Start(Engine& engine, ServerOptions options = {});

  /// Stops, with a deadline of 10 s, if Stop was not called.
  virtual ~Server() = default;
  Server() = default;
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// The bound addresses, "host:port", in the order of ServerOptions::listen.
  virtual const std::vector<std::string>& addresses() const = 0;

  /// "http://" and the first address.
  virtual std::string url() const = 0;

  /// Stops accepting, answers what was received, closes idle connections at once and the rest at
  /// the deadline. Returns when every thread has ended. False: something was cut off at the
  /// deadline.
  virtual bool Stop(std::chrono::milliseconds deadline) = 0;
};

}  // namespace skep

#endif  // SKEP_SERVER_SERVER_H_

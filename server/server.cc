#include "skep/server/server.h"

#include <utility>

#include "server/routes/call.h"
#include "server/routes/front.h"
#include "server/routes/http_metrics.h"
#include "server/routes/route_table.h"
#include "server/routes/self_registration.h"
#include "server/transport/http_server.h"

namespace skep {
namespace {

using server::Front;
using server::HttpMetrics;
using server::HttpServer;
using server::JsonReaderPool;
using server::Router;
using server::RouteTable;
using server::SelfRegistration;
using server::ServerContext;
using server::TransportStats;

constexpr std::chrono::seconds kDestructorStopTime{10};

class ServerImpl final : public Server {
 public:
  ServerImpl(Engine& engine, ServerOptions options)
      : options_(std::move(options)),
        router_(RouteTable()),
        metrics_(RouteTable().size() + 1),
        context_{.engine = engine,
                 .options = options_,
                 .readers = readers_,
                 .metrics = metrics_,
                 .router = router_,
                 .transport_stats = [this] { return Stats(); }},
        front_(context_) {}

  ~ServerImpl() override { Stop(kDestructorStopTime); }

  Status Start() {
    auto http = HttpServer::Start(options_, context_.engine.clock(), front_);
    if (!http.ok()) return http.error();
    http_ = *std::move(http);
    listening_.store(http_.get(), std::memory_order_release);
    return options_.register_self ? RegisterSelf() : Status();
  }

  const std::vector<std::string>& addresses() const override { return http_->addresses(); }

  std::string url() const override { return "http://" + addresses().front(); }

  bool Stop(std::chrono::milliseconds deadline) override {
    if (http_ == nullptr) return true;
    // First of all, so that no client finds a server that is about to go.
    if (self_ != nullptr) self_->Withdraw();
    return http_->Stop(deadline);
  }

 private:
  Status RegisterSelf() {
    auto self = SelfRegistration::Register(context_.engine, addresses());
    if (!self.ok()) return self.error();
    self_ = *std::move(self);
    context_.self.store(self_.get(), std::memory_order_release);
    return {};
  }

  TransportStats Stats() const {
    const HttpServer* http = listening_.load(std::memory_order_acquire);
    return http != nullptr ? http->stats() : TransportStats();
  }

  const ServerOptions options_;
  const Router router_;
  HttpMetrics metrics_;
  JsonReaderPool readers_;
  ServerContext context_;
  Front front_;
  // Requests come as soon as it listens, before http_ is set.
  std::atomic<const HttpServer*> listening_{nullptr};
  std::unique_ptr<SelfRegistration> self_;
  std::unique_ptr<HttpServer> http_;
};

}  // namespace

Result<std::unique_ptr<Server>> Server::Start(Engine& engine, ServerOptions options) {
  auto server = std::make_unique<ServerImpl>(engine, std::move(options));
  if (const Status started = server->Start(); !started.ok()) return started.error();
  return std::unique_ptr<Server>(std::move(server));
}

}  // namespace skep

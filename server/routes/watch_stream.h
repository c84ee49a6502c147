// What clients of the watch routes are told once their connection has become a stream.
//
//   WatchSocket       a consumer's providers, over a WebSocket (spec 9.1 to 9.4)
//   UnknownConsumer   that there is nothing to watch, in the words that clients look for
//   HeartbeatSocket   a lease that the client's pongs renew (spec 9.6)
//   InstanceEvents    any scope, as server-sent events
#ifndef SKEP_SERVER_ROUTES_WATCH_STREAM_H_
#define SKEP_SERVER_ROUTES_WATCH_STREAM_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "server/routes/event_stream.h"
#include "server/transport/stream.h"
#include "skep/registry/registry.h"
#include "skep/registry/watch.h"

namespace skep::server {

class WatchSocket final : public StreamHandler {
 public:
  WatchSocket(Watch watch, Tenant tenant) : watch_(std::move(watch)), tenant_(std::move(tenant)) {}

  void Open(std::shared_ptr<StreamWaker> waker) override;
  StreamPart Next() override;

 private:
  /// The text of the batch's part at at_; null: not for the wire.
  std::shared_ptr<const std::string> Text() const;

  Watch watch_;
  const Tenant tenant_;
  WatchBatch batch_;    ///< That is being told.
  std::size_t at_ = 0;  ///< So many of its parts have been.
};

class UnknownConsumer final : public StreamHandler {
 public:
  void Open(std::shared_ptr<StreamWaker>) override {}
  StreamPart Next() override;

 private:
  bool said_ = false;
};

class HeartbeatSocket final : public StreamHandler {
 public:
  HeartbeatSocket(Registry registry, ServiceId service, InstanceId instance)
      : registry_(std::move(registry)),
        service_(std::move(service)),
        instance_(std::move(instance)) {}

  void Open(std::shared_ptr<StreamWaker>) override;
  StreamPart Next() override;
  void OnPong() override;
  bool pings_always() const override { return true; }

 private:
  const Registry registry_;
  const ServiceId service_;
  const InstanceId instance_;
  bool gone_ = false;
};

class InstanceEvents final : public EventStream {
 public:
  InstanceEvents(Watch watch, Tenant tenant)
      : watch_(std::move(watch)), tenant_(std::move(tenant)) {}

  void Open(std::shared_ptr<StreamWaker> waker) override;

 private:
  Told Pull() override;
  void Append(std::size_t at, std::string* out) override;

  Watch watch_;
  const Tenant tenant_;
  WatchBatch batch_;
};

}  // namespace skep::server

#endif  // SKEP_SERVER_ROUTES_WATCH_STREAM_H_

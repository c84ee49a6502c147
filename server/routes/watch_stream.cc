#include "server/routes/watch_stream.h"

#include <utility>

#include "server/codec/watch_json.h"
#include "server/transport/web_socket.h"
#include "skep/registry/errors.h"

namespace skep::server {
namespace {

// Clients look for these words (spec 9.1).
constexpr std::string_view kNoSuchService = "service does not exist";

constexpr std::uint16_t kCloseInstanceGone = 4001;
constexpr std::string_view kInstanceGone =
    "heartbeat reporting failed because the instance does not exist";

StreamPart Text(std::string text) {
  return {.kind = StreamPart::Kind::kText,
          .text = std::make_shared<const std::string>(std::move(text))};
}

}  // namespace

// ------------------------------------------------------------------------------------------------

void WatchSocket::Open(std::shared_ptr<StreamWaker> waker) {
  WakeWhenReady(&watch_, std::move(waker));
}

std::shared_ptr<const std::string> WatchSocket::Text() const {
  if (batch_.part == WatchPart::kChanges) {
    const InstanceEvent& event = *batch_.events[at_];
    // Clients have it from the find that made it theirs.
    return event.action == WatchAction::kInit ? nullptr : EventText(event);
  }
  // After too much for its queue: what has gone, and what is there now, so that the client hears
  // that it has changed.
  if (at_ < batch_.gone.size()) return EventText(*batch_.gone[at_]);
  auto text = std::make_shared<std::string>();
  const Instance& instance = batch_.instances[at_ - batch_.gone.size()];
  AppendEvent(WatchAction::kUpdate, instance, tenant_, text.get());
  return text;
}

StreamPart WatchSocket::Next() {
  while (true) {
    if (at_ < batch_.events.size() + batch_.gone.size() + batch_.instances.size()) {
      auto text = Text();
      ++at_;
      if (text == nullptr) continue;
      return {.kind = StreamPart::Kind::kText, .text = std::move(text)};
    }
    batch_ = watch_.Next();
    at_ = 0;
    if (batch_.part == WatchPart::kNothing) return {};
    if (batch_.part == WatchPart::kClosed) {
      return {.kind = StreamPart::Kind::kClose, .code = kCloseGoingAway, .reason = "it closes"};
    }
  }
}

StreamPart UnknownConsumer::Next() {
  if (std::exchange(said_, true)) return {.kind = StreamPart::Kind::kDrop};
  return Text(std::string(kNoSuchService));
}

// ------------------------------------------------------------------------------------------------

void HeartbeatSocket::Open(std::shared_ptr<StreamWaker>) {
  gone_ = !registry_.instances().Lease(service_, instance_).ok();
}

void HeartbeatSocket::OnPong() {
  gone_ = !registry_.instances().Heartbeat(service_, instance_).ok();
}

StreamPart HeartbeatSocket::Next() {
  if (!gone_) return {};
  return {.kind = StreamPart::Kind::kClose, .code = kCloseInstanceGone, .reason = kInstanceGone};
}

// ------------------------------------------------------------------------------------------------

void InstanceEvents::Open(std::shared_ptr<StreamWaker> waker) {
  WakeWhenReady(&watch_, std::move(waker));
}

EventStream::Told InstanceEvents::Pull() {
  batch_ = watch_.Next();
  return {batch_.part, batch_.revision, batch_.instances.size() + batch_.events.size()};
}

void InstanceEvents::Append(std::size_t at, std::string* out) {
  if (batch_.part == WatchPart::kSnapshot) {
    AppendEvent(WatchAction::kInit, batch_.instances[at], tenant_, out);
  } else {
    *out += *EventText(*batch_.events[at]);
  }
}

}  // namespace skep::server

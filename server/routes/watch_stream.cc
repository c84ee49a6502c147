#include "server/routes/watch_stream.h"

#include <algorithm>
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

// Instances in one slice of an event stream.
constexpr std::size_t kSliceMax = 32;

StreamPart Text(std::string text) {
  return {.kind = StreamPart::Kind::kText,
          .text = std::make_shared<const std::string>(std::move(text))};
}

void WakeWhenReady(Watch* watch, std::shared_ptr<StreamWaker> waker) {
  watch->OnReady([waker = std::move(waker)] { waker->Wake(); });
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
  // After too much for its queue: what is there now, so that the client hears that it has changed.
  auto text = std::make_shared<std::string>();
  AppendEvent(WatchAction::kUpdate, batch_.instances[at_], tenant_, text.get());
  return text;
}

StreamPart WatchSocket::Next() {
  while (true) {
    if (at_ < batch_.events.size() + batch_.instances.size()) {
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

void EventStream::Open(std::shared_ptr<StreamWaker> waker) {
  WakeWhenReady(&watch_, std::move(waker));
}

std::string EventStream::Slice() {
  const bool is_snapshot = batch_.part == WatchPart::kSnapshot;
  std::string text;
  if (at_ == 0) {
    text = "event: ";
    text += batch_.part == WatchPart::kReset ? "reset" : is_snapshot ? "snapshot" : "change";
    text += "\nid: " + std::to_string(batch_.revision.number()) + "\ndata: {\"events\":[";
  }
  const std::size_t size = is_snapshot ? batch_.instances.size() : batch_.events.size();
  const std::size_t end = std::min(at_ + kSliceMax, size);
  for (; at_ < end; ++at_) {
    if (at_ > 0) text += ',';
    if (is_snapshot) {
      AppendEvent(WatchAction::kInit, batch_.instances[at_], tenant_, &text);
    } else {
      text += *EventText(*batch_.events[at_]);
    }
  }
  telling_ = at_ < size;
  if (!telling_) text += "]}\n\n";
  return text;
}

StreamPart EventStream::Next() {
  if (!telling_) {
    batch_ = watch_.Next();
    at_ = 0;
    if (batch_.part == WatchPart::kNothing) return {};
    if (batch_.part == WatchPart::kClosed) return {.kind = StreamPart::Kind::kDrop};
  }
  return Text(Slice());
}

}  // namespace skep::server

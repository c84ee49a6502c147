// EventStream: a watch as server-sent events, one for each revision, with the revision as its id.
// What the event routes of the registry and of the configuration center have in common.
//
//   event: snapshot | change | reset
//   id: 17
//   data: {"events":[{"action":"CREATE",...},...]}
//
// A snapshot is all there is, as INIT; a reset voids what was told, and a snapshot follows. A
// client that comes back with Last-Event-ID goes on behind it, as far as events are kept. A reset's
// id is 0, so that one which is cut off before its snapshot does not go on from what is void.
#ifndef SKEP_SERVER_ROUTES_EVENT_STREAM_H_
#define SKEP_SERVER_ROUTES_EVENT_STREAM_H_

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "server/routes/call.h"
#include "server/transport/stream.h"
#include "skep/watch.h"

namespace skep::server {

/// Wakes the stream whenever there is something to pull.
template <class Batch>
void WakeWhenReady(BasicWatch<Batch>* watch, std::shared_ptr<StreamWaker> waker) {
  watch->OnReady([waker = std::move(waker)] { waker->Wake(); });
}

class EventStream : public StreamHandler {
 public:
  StreamPart Next() final;

 protected:
  /// Of a batch: what it is, and how many items or events it has.
  struct Told {
    WatchPart part = WatchPart::kNothing;
    Revision revision{};
    std::size_t size = 0;
  };

  /// Takes the next batch from the watch.
  virtual Told Pull() = 0;
  /// Appends the batch's item or event at this place as JSON.
  virtual void Append(std::size_t at, std::string* out) = 0;

 private:
  /// The next slice of the batch, so that a large snapshot takes its turn with other clients'. The
  /// last one ends with an empty line.
  std::string Slice();

  Told told_;
  std::size_t at_ = 0;
  bool telling_ = false;  ///< The batch is not told to its end.
};

/// Where the client's Last-Event-ID says that a watch begins.
WatchOptions StartOf(const HttpRequest& request);

/// Makes the connection the stream's.
void AnswerEvents(Call& call, std::unique_ptr<EventStream> stream);

}  // namespace skep::server

#endif  // SKEP_SERVER_ROUTES_EVENT_STREAM_H_

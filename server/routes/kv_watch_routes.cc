#include "server/routes/kv_watch_routes.h"

#include <memory>
#include <string>
#include <utility>

#include "server/codec/kv_request.h"
#include "server/codec/kv_watch_json.h"
#include "server/routes/event_stream.h"
#include "server/routes/reply.h"

namespace skep::server {
namespace {

class KvEvents final : public EventStream {
 public:
  explicit KvEvents(KvWatch watch) : watch_(std::move(watch)) {}

  void Open(std::shared_ptr<StreamWaker> waker) override {
    WakeWhenReady(&watch_, std::move(waker));
  }

 private:
  Told Pull() override {
    batch_ = watch_.Next();
    return {batch_.part, batch_.revision, batch_.items.size() + batch_.events.size()};
  }
  void Append(std::size_t at, std::string* out) override {
    if (batch_.part == WatchPart::kSnapshot) {
      AppendKvInit(*batch_.items[at], out);
    } else {
      AppendKvEvent(batch_.events[at], out);
    }
  }

  KvWatch watch_;
  KvWatchBatch batch_;
};

}  // namespace

void StreamKvEvents(Call& call) {
  KvListRequest request(call.query);
  if (Status good = request.Read(); !good.ok()) return AnswerError(call, good.error());
  Result<KvWatch> watch = call.config().Watch(request.query(), StartOf(call.request));
  if (!watch.ok()) return AnswerError(call, watch.error());
  AnswerEvents(call, std::make_unique<KvEvents>(*std::move(watch)));
}

}  // namespace skep::server

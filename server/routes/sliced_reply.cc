#include "server/routes/sliced_reply.h"

#include <string_view>
#include <utility>

#include "server/routes/errors.h"
#include "server/routes/reply.h"

namespace skep::server {
namespace {

void Fail(const ServerContext& context, const Error& error, HttpReply* reply) {
  FillError(error, Api::kRegistry, context.options.log, reply);
}

void FillSliced(const ServerContext& context, std::string_view encodings, const View& view,
                HttpReply* reply) {
  using Progress = BodySource::Progress;
  const ServerOptions& options = context.options;
  auto body = std::make_unique<SlicedBody>(view, options.reply_bytes_max, options.log);
  std::string* text = FillJson(reply);
  Progress progress = Progress::kMore;
  while (progress == Progress::kMore && text->size() < kWholeBytesMax) {
    progress = body->Next(kWholeBytesMax - text->size(), text);
  }
  if (progress == Progress::kFailed) {
    return Fail(context, ReplyTooLarge(Api::kRegistry, options.reply_bytes_max), reply);
  }
  if (progress == Progress::kEnd) return;
  if (AcceptsGzip(encodings) && body->Pack(text)) reply->content_encoding = kGzipCoding;
  reply->source = std::move(body);
}

void FillView(const ServerContext& context, std::string_view encodings, const TakeView& take,
              HttpReply* reply) {
  const Result<View> view = take();
  if (!view.ok()) return Fail(context, view.error(), reply);
  FillSliced(context, encodings, *view, reply);
}

// A view that is answered from the views' thread.
class SlowView {
 public:
  SlowView(const Call& call, TakeView take)
      : context_(call.context),
        encodings_(call.fields.encodings),
        take_(std::move(take)),
        reply_(std::exchange(call.reply, {})),
        deferred_(call.exchange.Defer()) {}

  void Answer() {
    FillView(context_, encodings_, take_, &reply_);
    Pack({.encodings = encodings_}, &reply_);
    deferred_->Send(std::move(reply_));
  }

  void Refuse() {
    Fail(context_, Overloaded(), &reply_);
    deferred_->Send(std::move(reply_));
  }

 private:
  const ServerContext& context_;
  const std::string encodings_;
  const TakeView take_;
  HttpReply reply_;
  const std::shared_ptr<DeferredReply> deferred_;
};

}  // namespace

SlicedBody::SlicedBody(const View& view, std::size_t bytes_max, const LogSink& log)
    : bytes_max_(bytes_max), record_bytes_(view.bytes), log_(log), text_(view.begin(&made_)) {}

std::size_t SlicedBody::held_bytes() const {
  return record_bytes_ + made_.capacity() + (gzip_ != nullptr ? GzipStream::kBytes : 0);
}

BodySource::Progress SlicedBody::Next(std::size_t bytes, std::string* out) {
  const bool is_more = Make(bytes);
  bytes_taken_ += made_.size();
  if (bytes_taken_ > bytes_max_) {
    if (log_) log_(LogLevel::kWarning, ReplyTooLarge(Api::kRegistry, bytes_max_).ToString());
    return Progress::kFailed;
  }
  const Progress progress = is_more ? Progress::kMore : Progress::kEnd;
  Take(progress, out);
  return progress;
}

// False: that was the end.
bool SlicedBody::Make(std::size_t bytes) {
  for (std::size_t pauses = 0; pauses < kPausesMax && made_.size() < bytes; ++pauses) {
    if (!text_.Next()) return false;
  }
  return true;
}

void SlicedBody::Take(Progress progress, std::string* out) {
  if (gzip_ != nullptr) {
    const bool is_last = progress == Progress::kEnd;
    gzip_->Put(made_, is_last ? GzipStream::Part::kLast : GzipStream::Part::kMore, out);
  } else if (out->empty()) {
    out->swap(made_);
  } else {
    out->append(made_);
  }
  made_.clear();
}

bool SlicedBody::Pack(std::string* text) {
  gzip_ = GzipStream::Create();
  if (gzip_ == nullptr) return false;
  std::string packed;
  gzip_->Put(*text, GzipStream::Part::kMore, &packed);
  *text = std::move(packed);
  return true;
}

void AnswerSliced(Call& call, const View& view) {
  FillSliced(call.context, call.fields.encodings, view, &call.reply);
}

void AnswerView(Call& call, TakeView take) {
  const EngineMetrics metrics = call.context.engine.metrics();
  if (metrics.services + metrics.instances <= kQuickViewItemsMax) {
    return FillView(call.context, call.fields.encodings, take, &call.reply);
  }
  const auto slow = std::make_shared<SlowView>(call, std::move(take));
  if (!call.context.view_lane.Add([slow] { slow->Answer(); })) slow->Refuse();
}

}  // namespace skep::server

#include "server/routes/sliced_reply.h"

#include <utility>

#include "server/routes/errors.h"
#include "server/routes/reply.h"

namespace skep::server {

SlicedBody::SlicedBody(const BeginText& begin, std::size_t bytes_max, const LogSink& log)
    : bytes_max_(bytes_max), log_(log), text_(begin(&made_)) {}

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

void AnswerSliced(Call& call, const BeginText& begin) {
  using Progress = BodySource::Progress;
  const ServerOptions& options = call.context.options;
  auto body = std::make_unique<SlicedBody>(begin, options.reply_bytes_max, options.log);
  std::string* text = FillJson(&call.reply);
  Progress progress = Progress::kMore;
  while (progress == Progress::kMore && text->size() < kWholeBytesMax) {
    progress = body->Next(kWholeBytesMax - text->size(), text);
  }
  if (progress == Progress::kFailed) {
    return AnswerError(call, ReplyTooLarge(call.api, options.reply_bytes_max));
  }
  if (progress == Progress::kEnd) return;
  if (AcceptsGzip(call.fields.encodings) && body->Pack(text)) {
    call.reply.content_encoding = kGzipCoding;
  }
  call.reply.source = std::move(body);
}

}  // namespace skep::server

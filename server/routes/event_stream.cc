#include "server/routes/event_stream.h"

#include <charconv>
#include <cstdint>
#include <limits>
#include <string_view>
#include <system_error>

#include "server/routes/reply.h"

namespace skep::server {
namespace {

// A slice ends with its 32nd item, or with the one that makes it this long.
constexpr std::size_t kSliceMax = 32;
constexpr std::size_t kSliceBytes = 64 * 1024;

std::string_view Word(WatchPart part) {
  if (part == WatchPart::kReset) return "reset";
  return part == WatchPart::kSnapshot ? "snapshot" : "change";
}

}  // namespace

std::string EventStream::Slice() {
  std::string text;
  if (at_ == 0) {
    text.append("event: ").append(Word(told_.part));
    // Behind a reset nothing is known, so there is nothing to go on from but the beginning.
    const Revision id = told_.part == WatchPart::kReset ? Revision() : told_.revision;
    text.append("\nid: ").append(std::to_string(id.number()));
    text.append("\ndata: {\"events\":[");
  }
  const std::size_t end = at_ + kSliceMax;
  for (; at_ < told_.size && at_ < end && text.size() < kSliceBytes; ++at_) {
    if (at_ > 0) text += ',';
    Append(at_, &text);
  }
  telling_ = at_ < told_.size;
  if (!telling_) text += "]}\n\n";
  return text;
}

StreamPart EventStream::Next() {
  if (!telling_) {
    told_ = Pull();
    at_ = 0;
    if (told_.part == WatchPart::kNothing) return {};
    if (told_.part == WatchPart::kClosed) return {.kind = StreamPart::Kind::kDrop};
  }
  return {.kind = StreamPart::Kind::kText, .text = std::make_shared<const std::string>(Slice())};
}

WatchOptions StartOf(const HttpRequest& request) {
  const std::string_view id = request.Field("Last-Event-ID");
  if (id.empty()) return {};
  // What is no number is a revision that nobody keeps.
  std::uint64_t number = 0;
  const char* const end = id.data() + id.size();
  const auto read = std::from_chars(id.data(), end, number);
  if (read.ec != std::errc() || read.ptr != end) number = std::numeric_limits<std::uint64_t>::max();
  return {.start = WatchOptions::Start::kAfter, .after = Revision(number)};
}

void AnswerEvents(Call& call, std::unique_ptr<EventStream> stream) {
  if (!call.exchange.BecomeStream(StreamKind::kEvents, std::move(stream))) {
    return FillText(400, "400 Bad Request", &call.reply);
  }
  call.reply.content_type = "text/event-stream";
  call.reply.headers.emplace_back("Cache-Control", "no-cache");
}

}  // namespace skep::server

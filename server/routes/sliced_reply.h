// Answers that may be large: lists of all there is, views, dumps.
//
// Up to kWholeBytesMax an answer goes out as any other. A larger one is made while it is sent, from
// the records that its handler has taken: each slice in a turn of its own, once the client has
// taken the one before (transport's BodySource). So it neither holds up the thread's other clients
// nor lies in memory as a whole.
//
// To take the records of a whole tenant is itself the work of many requests. Where an engine holds
// more than kQuickViewItemsMax of them, a thread of its own does it, for one view at a time.
#ifndef SKEP_SERVER_ROUTES_SLICED_REPLY_H_
#define SKEP_SERVER_ROUTES_SLICED_REPLY_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "server/codec/gzip.h"
#include "server/codec/sliced_text.h"
#include "server/routes/call.h"
#include "server/transport/http_message.h"
#include "skep/result.h"
#include "skep/server/options.h"

namespace skep::server {

/// A body of at most this, or little more, is made at once and has a length.
inline constexpr std::size_t kWholeBytesMax = 256 * 1024;

/// Views of engines with no more microservices and instances than this are begun where they are
/// asked for.
inline constexpr std::size_t kQuickViewItemsMax = 1000;

/// A text and the records that it is made of.
struct View {
  /// Begins the text, which is appended to `out`. Called once.
  std::function<SlicedText(std::string* out)> begin;
  /// About how much memory the records' references take.
  std::size_t bytes = 0;
};

/// The body as transport asks for it.
class SlicedBody final : public BodySource {
 public:
  /// A text of more than `bytes_max` fails there, and the log says so.
  SlicedBody(const View& view, std::size_t bytes_max, const LogSink& log);

  Progress Next(std::size_t bytes, std::string* out) override;
  std::size_t held_bytes() const override;

  /// Packs `text`, which Next has made, and all that follows. False: no memory, nothing has
  /// changed.
  bool Pack(std::string* text);

 private:
  /// Pauses that one slice passes: a text may have many without anything between.
  static constexpr std::size_t kPausesMax = 4096;

  bool Make(std::size_t bytes);
  void Take(Progress progress, std::string* out);

  const std::size_t bytes_max_;
  const std::size_t record_bytes_;
  const LogSink log_;
  std::size_t bytes_taken_ = 0;
  std::string made_;  // Before the text, which writes to it to its end.
  SlicedText text_;
  std::unique_ptr<GzipStream> gzip_;
};

/// 200 with the text as JSON, typed as the registry does, packed where the client accepts that; an
/// error where its beginning is larger than a reply may be.
void AnswerSliced(Call& call, const View& view);

/// Takes the records of a view, or says why there is none. It holds all that it looks at: the
/// request may be gone.
using TakeView = std::function<Result<View>()>;

/// The same with the records of a whole tenant or more; 429 where too many views wait for the
/// thread that takes them. The last thing that a handler does.
void AnswerView(Call& call, TakeView take);

}  // namespace skep::server

#endif  // SKEP_SERVER_ROUTES_SLICED_REPLY_H_

#include "server/codec/gzip.h"

#include <zlib.h>

#include <utility>

#include "server/codec/ascii_case.h"

namespace skep::server {
namespace {

constexpr int kGzipWindowBits = 15 + 16;  // zlib's way to ask for gzip's frame.
constexpr int kMemoryLevel = 8;           // zlib's default.
// Room for packed text is made in steps of this.
constexpr std::size_t kRoomBytes = 32 * 1024;

bool Begin(z_stream* stream) {
  return deflateInit2(stream, Z_BEST_SPEED, Z_DEFLATED, kGzipWindowBits, kMemoryLevel,
                      Z_DEFAULT_STRATEGY) == Z_OK;
}

void SetInput(std::string_view text, z_stream* stream) {
  // zlib does not write to its input; its type is older than const.
  stream->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream->avail_in = static_cast<uInt>(text.size());
}

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

// Takes the part of `list` before the next `separator` off it.
std::string_view TakePart(char separator, std::string_view* list) {
  const std::size_t end = list->find(separator);
  const std::string_view part = list->substr(0, end);
  *list = end == std::string_view::npos ? std::string_view() : list->substr(end + 1);
  return Trim(part);
}

// A weight is zero where no digit of it is another: "0", "0.000".
bool IsZero(std::string_view weight) {
  return !weight.empty() && weight.find_first_not_of("0.") == std::string_view::npos;
}

bool HasWeightZero(std::string_view parameters) {
  while (!parameters.empty()) {
    std::string_view value = TakePart(';', &parameters);
    const std::string_view name = TakePart('=', &value);
    if (EqualsIgnoringCase(name, "q") && IsZero(Trim(value))) return true;
  }
  return false;
}

}  // namespace

bool AcceptsGzip(std::string_view accept_encoding) {
  bool any = false;
  while (!accept_encoding.empty()) {
    std::string_view parameters = TakePart(',', &accept_encoding);
    const std::string_view coding = TakePart(';', &parameters);
    if (EqualsIgnoringCase(coding, "gzip")) return !HasWeightZero(parameters);
    if (coding == "*") any = !HasWeightZero(parameters);
  }
  return any;
}

std::string Gzip(std::string_view text) {
  z_stream stream{};
  if (!Begin(&stream)) return {};
  std::string packed(deflateBound(&stream, text.size()), '\0');
  SetInput(text, &stream);
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  const int result = deflate(&stream, Z_FINISH);
  packed.resize(result == Z_STREAM_END ? stream.total_out : 0);
  deflateEnd(&stream);
  return packed;
}

std::unique_ptr<GzipStream> GzipStream::Create() {
  auto stream = std::make_unique<z_stream>();
  if (!Begin(stream.get())) return nullptr;
  return std::unique_ptr<GzipStream>(new GzipStream(std::move(stream)));
}

GzipStream::GzipStream(std::unique_ptr<z_stream_s> stream) : stream_(std::move(stream)) {}

GzipStream::~GzipStream() { deflateEnd(stream_.get()); }

void GzipStream::Put(std::string_view text, Part part, std::string* out) {
  SetInput(text, stream_.get());
  do {
    const std::size_t size = out->size();
    out->resize(size + kRoomBytes);
    stream_->next_out = reinterpret_cast<Bytef*>(out->data() + size);
    stream_->avail_out = static_cast<uInt>(kRoomBytes);
    deflate(stream_.get(), part == Part::kLast ? Z_FINISH : Z_NO_FLUSH);
    out->resize(out->size() - stream_->avail_out);
  } while (stream_->avail_out == 0);
}

}  // namespace skep::server

// RequestParser on any bytes: what it hands on lies within the buffer, and it says the same however
// the bytes are cut into pieces.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "server/transport/request_parser.h"

namespace skep::server {
namespace {

using State = RequestParser::State;

constexpr std::size_t kHeaderBytesMax = 512;
constexpr std::size_t kBodyLimit = 64;

class LimitHandler final : public HttpHandler {
 public:
  std::size_t BodyLimit(Verb, std::string_view target) const override {
    Check(!target.empty() && target.front() == '/');
    return kBodyLimit;
  }
  void Handle(const HttpRequest&, HttpExchange&) override {}
  HttpReply Refusal(std::uint16_t) const override { return {}; }
  void Finished(const HttpRequest&, const HttpReply&, std::chrono::nanoseconds) override {}

  static void Check(bool good) {
    if (!good) __builtin_trap();
  }
};

struct Outcome {
  State state = State::kNeedMore;
  std::string text;  ///< All that a complete request says.

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

void CheckWithin(std::string_view view, const std::vector<char>& buffer) {
  const char* const begin = buffer.data();
  LimitHandler::Check(view.empty() || view == "/" ||
                      (view.data() >= begin && view.data() + view.size() <= begin + buffer.size()));
}

std::string Describe(const HttpRequest& request, const std::vector<char>& buffer) {
  CheckWithin(request.target, buffer);
  CheckWithin(request.body, buffer);
  LimitHandler::Check(request.target.front() == '/');
  LimitHandler::Check(request.body.size() <= kBodyLimit);
  std::string text(request.target);
  for (const HttpField& field : request.fields) {
    CheckWithin(field.name, buffer);
    CheckWithin(field.value, buffer);
    LimitHandler::Check(field.value.find_first_of("\r\n") == std::string_view::npos);
    text.append("|").append(field.name).append(":").append(field.value);
  }
  text.append("|").append(request.body).append(request.body_too_large ? "+" : "");
  return text;
}

// Feeds `bytes` with a cut at `cut`, where the buffer is squeezed and moved.
Outcome Parse(std::string_view bytes, std::size_t cut) {
  LimitHandler handler;
  RequestParser parser(handler, kHeaderBytesMax);
  HttpRequest request;
  std::vector<char> buffer(cut);
  std::copy_n(bytes.begin(), cut, buffer.begin());
  parser.Start(&request, buffer.data());
  Outcome outcome;
  if (cut > 0) outcome.state = parser.Put(cut);
  if (outcome.state == State::kNeedMore && cut < bytes.size()) {
    const std::size_t kept = parser.Squeeze(cut);
    std::vector<char> moved(kept + bytes.size() - cut);
    std::copy_n(buffer.begin(), kept, moved.begin());
    std::copy(bytes.begin() + static_cast<std::ptrdiff_t>(cut), bytes.end(),
              moved.begin() + static_cast<std::ptrdiff_t>(kept));
    parser.MovedTo(moved.data());
    buffer.swap(moved);
    outcome.state = parser.Put(buffer.size());
  }
  if (outcome.state == State::kComplete) {
    LimitHandler::Check(parser.end() <= buffer.size());
    outcome.text = Describe(request, buffer);
  }
  return outcome;
}

}  // namespace
}  // namespace skep::server

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using skep::server::Outcome;
  using skep::server::Parse;
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Outcome whole = Parse(bytes, bytes.size());
  const Outcome cut = Parse(bytes, std::min<std::size_t>(data[0], bytes.size()));
  // A request is complete in both ways or in none, and says the same. What is wrong may be found
  // at another place, and so be called by another name.
  using State = skep::server::RequestParser::State;
  if (whole.state == State::kComplete || cut.state == State::kComplete) {
    skep::server::LimitHandler::Check(whole == cut);
  }
  return 0;
}

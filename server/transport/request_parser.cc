#include "server/transport/request_parser.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <cstring>
#include <optional>
#include <utility>

#include "server/transport/limits.h"

namespace skep::server {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;

std::string_view View(boost::beast::string_view text) { return {text.data(), text.size()}; }

Verb VerbOf(http::verb verb) {
  switch (verb) {
    case http::verb::get:
      return Verb::kGet;
    case http::verb::put:
      return Verb::kPut;
    case http::verb::post:
      return Verb::kPost;
    case http::verb::delete_:
      return Verb::kDelete;
    case http::verb::head:
      return Verb::kHead;
    case http::verb::options:
      return Verb::kOptions;
    case http::verb::patch:
      return Verb::kPatch;
    default:
      return Verb::kOther;
  }
}

bool IsDigits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// A folded line's value lies in Beast's own buffer or, where its first line is empty, behind a line
// break. Anything but blanks between the colon and the value betrays it.
bool IsFolded(std::string_view name, std::string_view value, const char* end_of_buffer) {
  const char* at = name.data() + name.size() + 1;
  if (value.data() < at || value.data() > end_of_buffer) return true;
  for (; at != value.data(); ++at) {
    if (*at != ' ' && *at != '\t') return true;
  }
  return false;
}

// What a line cannot hold. In a quoted chunk extension Beast lets it pass, where another reader may
// see the line's end.
bool HasControls(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == '\x7f';
  });
}

bool IsWord(std::string_view text, std::string_view word) {
  return boost::beast::iequals({text.data(), text.size()}, {word.data(), word.size()});
}

}  // namespace

// Hands Beast's callbacks to its owner. One for each message, since Beast's parser has no reset.
class RequestParser::Machine final : public http::basic_parser<true> {
 public:
  explicit Machine(RequestParser& owner) : owner_(owner) {
    eager(true);
    body_limit(boost::none);
    header_limit(static_cast<std::uint32_t>(owner.header_bytes_max_));
  }

  void set_end_of_buffer(const char* end) { end_of_buffer_ = end; }

 private:
  void on_request_impl(http::verb verb, boost::beast::string_view /*method*/,
                       boost::beast::string_view target, int version, error_code&) override {
    owner_.request_->verb = VerbOf(verb);
    owner_.request_->target = View(target);
    owner_.http11_ = version == 11;
  }

  void on_response_impl(int, boost::beast::string_view, int, error_code&) override {}

  void on_field_impl(http::field field, boost::beast::string_view raw_name,
                     boost::beast::string_view raw_value, error_code& ec) override {
    if (owner_.header_done_) return;  // A trailer; nothing here wants one.
    const std::string_view name = View(raw_name);
    const std::string_view value = View(raw_value);
    if (IsFolded(name, value, end_of_buffer_)) {
      ec = http::error::bad_value;
    } else if (owner_.request_->fields.size() == kHeaderFieldsMax) {
      ec = http::error::header_limit;
    } else if (!Check(field, value)) {
      ec = http::error::bad_value;
    } else {
      owner_.request_->fields.push_back({name, value});
    }
  }

  bool Check(http::field field, std::string_view value) {
    switch (field) {
      case http::field::host:
        return ++owner_.hosts_ == 1;
      case http::field::content_length:
        return ++owner_.lengths_ == 1 && IsDigits(value);
      case http::field::transfer_encoding:
        return IsWord(value, "chunked");
      case http::field::expect:
        owner_.expects_continue_ = IsWord(value, "100-continue");
        return true;
      default:
        return true;
    }
  }

  void on_header_impl(error_code& ec) override {
    owner_.header_done_ = true;
    owner_.chunked_ = chunked();
    owner_.keep_alive_ = keep_alive();
    owner_.content_length_ = content_length().value_or(0);
    if (!owner_.HeaderIsSound()) {
      ec = http::error::bad_field;
      return;
    }
    if (!chunked() && owner_.content_length_ == 0) return;
    HttpRequest& request = *owner_.request_;
    owner_.body_limit_ = owner_.handler_.BodyLimit(request.verb, request.target);
    if (owner_.content_length_ <= owner_.body_limit_) return;
    request.body_too_large = true;
    // Who waits to be told to send a body is told so by the answer instead.
    if (owner_.content_length_ > kDrainBytesMax || owner_.expects_continue_) {
      ec = http::error::body_limit;
    }
  }

  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}

  std::size_t on_body_impl(boost::beast::string_view body, error_code&) override {
    if (body.empty()) return 0;
    if (owner_.body_begin_ == 0) owner_.body_begin_ = OffsetOf(body);
    if (!owner_.request_->body_too_large) owner_.body_size_ += body.size();
    return body.size();
  }

  void on_chunk_header_impl(std::uint64_t size, boost::beast::string_view extensions,
                            error_code& ec) override {
    if (HasControls(View(extensions))) {
      ec = http::error::bad_chunk_extension;
    } else if (size > kDrainBytesMax && size > owner_.body_limit_ - owner_.body_size_) {
      // As with a length that the header tells: it is not waited for.
      owner_.request_->body_too_large = true;
      ec = http::error::body_limit;
    }
  }

  std::size_t on_chunk_body_impl(std::uint64_t, boost::beast::string_view body,
                                 error_code& ec) override {
    if (body.empty()) return 0;
    if (owner_.body_begin_ == 0) owner_.body_begin_ = OffsetOf(body);
    HttpRequest& request = *owner_.request_;
    if (!request.body_too_large && owner_.body_size_ + body.size() > owner_.body_limit_) {
      request.body_too_large = true;
      owner_.dropped_ = std::exchange(owner_.body_size_, 0);
    }
    if (request.body_too_large) {
      owner_.dropped_ += body.size();
      if (owner_.dropped_ > kDrainBytesMax) ec = http::error::body_limit;
    } else {
      // Only bytes that are parsed already are overwritten.
      std::memmove(owner_.base_ + owner_.body_begin_ + owner_.body_size_, body.data(), body.size());
      owner_.body_size_ += body.size();
    }
    return body.size();
  }

  void on_finish_impl(error_code&) override {}

  std::size_t OffsetOf(boost::beast::string_view text) const {
    return static_cast<std::size_t>(text.data() - owner_.base_);
  }

  RequestParser& owner_;
  const char* end_of_buffer_ = nullptr;
};

struct RequestParser::Storage {
  std::optional<Machine> machine;
};

RequestParser::RequestParser(const HttpHandler& handler, std::size_t header_bytes_max)
    : handler_(handler),
      header_bytes_max_(header_bytes_max),
      storage_(std::make_unique<Storage>()) {}

RequestParser::~RequestParser() = default;

void RequestParser::Start(HttpRequest* request, char* message) {
  storage_->machine.emplace(*this);
  request_ = request;
  request_->verb = Verb::kOther;
  request_->target = {};
  request_->fields.clear();
  request_->body = {};
  request_->body_too_large = false;
  base_ = message;
  used_ = scanned_ = body_begin_ = body_size_ = body_limit_ = content_length_ = dropped_ = 0;
  hosts_ = lengths_ = 0;
  http11_ = chunked_ = keep_alive_ = header_done_ = expects_continue_ = false;
}

RequestParser::State RequestParser::Put(std::size_t size) {
  // Some clients end a body with a line break that its length does not count.
  if (used_ == 0 && size > 0 && base_[0] == '\r') {
    if (size == 1) return State::kNeedMore;
    if (base_[1] == '\n') used_ = 2;
  }
  if (used_ == size) return State::kNeedMore;
  // Beast's own limit counts anew after each field that it has taken.
  State state = PutPart(header_done_ ? size : std::min(size, header_bytes_max_));
  if (state != State::kNeedMore) return state;
  if (!header_done_ && size >= header_bytes_max_) return State::kHeaderTooLarge;
  if (used_ < size && size > header_bytes_max_) state = PutPart(size);
  if (state != State::kNeedMore) return state;
  // Beast looks at an unfinished header or chunk again only when its end has come. With bare line
  // feeds that end never comes, and the sender would be left without an answer.
  if (!header_done_ && HasBareLineFeed(scanned_, size)) return State::kBad;
  scanned_ = size;
  if (!chunked_) return State::kNeedMore;
  const bool bad = size - used_ > kChunkLineBytesMax || HasBareLineFeed(used_, size);
  return bad ? State::kBad : State::kNeedMore;
}

RequestParser::State RequestParser::PutPart(std::size_t size) {
  Machine& machine = *storage_->machine;
  machine.set_end_of_buffer(base_ + size);
  error_code ec;
  used_ += machine.put(boost::asio::const_buffer(base_ + used_, size - used_), ec);
  if (!ec && machine.is_done()) return Finish();
  if (!ec || ec == http::error::need_more) return State::kNeedMore;
  if (ec == http::error::header_limit) return State::kHeaderTooLarge;
  if (ec == http::error::body_limit) return State::kBodyTooLarge;
  return State::kBad;
}

RequestParser::State RequestParser::Finish() {
  if (!request_->body_too_large) request_->body = {base_ + body_begin_, body_size_};
  return State::kComplete;
}

bool RequestParser::HasBareLineFeed(std::size_t begin, std::size_t end) const {
  while (begin < end) {
    const void* found = std::memchr(base_ + begin, '\n', end - begin);
    if (found == nullptr) return false;
    begin = static_cast<std::size_t>(static_cast<const char*>(found) - base_);
    if (begin == 0 || base_[begin - 1] != '\r') return true;
    ++begin;
  }
  return false;
}

bool RequestParser::HeaderIsSound() {
  if (http11_ ? hosts_ != 1 : hosts_ > 1) return false;
  if (chunked_ && (!http11_ || lengths_ > 0)) return false;
  return ReduceTarget();
}

bool RequestParser::ReduceTarget() {
  std::string_view& target = request_->target;
  if (target.front() == '/') return true;
  constexpr std::string_view kScheme = "http://";
  if (target.size() <= kScheme.size() || !IsWord(target.substr(0, kScheme.size()), kScheme)) {
    return false;
  }
  const std::size_t path = target.find_first_of("/?#", kScheme.size());
  if (path == kScheme.size()) return false;
  if (path == std::string_view::npos) {
    target = "/";
    return true;
  }
  if (target[path] != '/') return false;
  target.remove_prefix(path);
  return true;
}

std::size_t RequestParser::Squeeze(std::size_t size) {
  if (body_begin_ == 0) return size;
  const std::size_t kept = body_begin_ + body_size_;
  if (kept == used_) return size;
  std::memmove(base_ + kept, base_ + used_, size - used_);
  const std::size_t gap = used_ - kept;
  used_ = kept;
  return size - gap;
}

void RequestParser::MovedTo(char* message) {
  const char* const begin = base_;
  auto shift = [begin, message](std::string_view& view) {
    view = {message + (view.data() - begin), view.size()};
  };
  // The target of "http://host" is no part of the message.
  if (request_->target.data() > begin && request_->target.data() < begin + used_) {
    shift(request_->target);
  }
  for (HttpField& field : request_->fields) {
    shift(field.name);
    shift(field.value);
  }
  base_ = message;
}

bool RequestParser::TakeContinue() {
  if (!header_done_ || !std::exchange(expects_continue_, false)) return false;
  return http11_ && body_begin_ == 0;
}

std::size_t RequestParser::size_hint() const {
  if (!header_done_ || chunked_ || request_->body_too_large) return 0;
  return (body_begin_ != 0 ? body_begin_ : used_) + content_length_;
}

}  // namespace skep::server

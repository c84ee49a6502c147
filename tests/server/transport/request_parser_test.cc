#include "server/transport/request_parser.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "gtest/gtest.h"
#include "server/transport/limits.h"

namespace skep::server {
namespace {

using State = RequestParser::State;

class LimitHandler final : public HttpHandler {
 public:
  std::size_t BodyLimit(Verb, std::string_view) const override { return limit; }
  void Handle(const HttpRequest&, HttpExchange&) override {}
  HttpReply Refusal(std::uint16_t) const override { return {}; }
  void Finished(const HttpRequest&, const HttpReply&, std::chrono::nanoseconds) override {}

  std::size_t limit = 1000;
};

struct Parsed {
  State state = State::kNeedMore;
  HttpRequest request;
  std::size_t end = 0;
  bool keep_alive = false;
  std::string buffer;  ///< What the request's views point into.
};

constexpr std::size_t kHeaderMax = 1024;

// Feeds `bytes` in pieces of `step`; between two of them the buffer is squeezed and moved.
Parsed Parse(const std::string& bytes, std::size_t step, std::size_t limit = 1000) {
  LimitHandler handler;
  handler.limit = limit;
  RequestParser parser(handler, kHeaderMax);
  Parsed parsed;
  std::string buffer(bytes.size() + 1, '\0');
  parser.Start(&parsed.request, buffer.data());
  std::size_t size = 0;
  for (std::size_t at = 0; at < bytes.size() && parsed.state == State::kNeedMore; at += step) {
    const std::size_t part = std::min(step, bytes.size() - at);
    std::memcpy(buffer.data() + size, bytes.data() + at, part);
    size += part;
    parsed.state = parser.Put(size);
    if (parsed.state != State::kNeedMore) break;
    size = parser.Squeeze(size);
    std::string moved(buffer);
    parser.MovedTo(moved.data());
    std::memset(buffer.data(), '#', buffer.size());
    buffer.swap(moved);
  }
  if (parsed.state == State::kComplete) {
    parsed.end = parser.end();
    parsed.keep_alive = parser.keep_alive();
  }
  parsed.buffer.swap(buffer);
  return parsed;
}

Parsed Parse(const std::string& bytes) { return Parse(bytes, bytes.size()); }

TEST(RequestParser, GetIsParsedWhateverThePieces) {
  const std::string bytes =
      "GET /v4/a?b=c HTTP/1.1\r\nHost: h\r\nX-Domain-Name:  d e \r\nEmpty:\r\n\r\n";
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    const Parsed parsed = Parse(bytes, step);
    ASSERT_EQ(parsed.state, State::kComplete) << step;
    EXPECT_EQ(parsed.request.verb, Verb::kGet);
    EXPECT_EQ(parsed.request.target, "/v4/a?b=c");
    ASSERT_EQ(parsed.request.fields.size(), 3U);
    EXPECT_EQ(parsed.request.fields[1].name, "X-Domain-Name");
    EXPECT_EQ(parsed.request.fields[1].value, "d e");
    EXPECT_EQ(parsed.request.Field("x-domain-name"), "d e");
    EXPECT_EQ(parsed.request.Field("EMPTY"), "");
    EXPECT_EQ(parsed.request.body, "");
    EXPECT_EQ(parsed.end, bytes.size());
    EXPECT_TRUE(parsed.keep_alive);
  }
}

TEST(RequestParser, BodyByLengthIsParsedWhateverThePieces) {
  const std::string bytes = "PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\nhello world";
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    const Parsed parsed = Parse(bytes, step);
    ASSERT_EQ(parsed.state, State::kComplete) << step;
    EXPECT_EQ(parsed.request.body, "hello world");
  }
}

TEST(RequestParser, ChunkedBodyIsDecodedWhateverThePieces) {
  const std::string bytes =
      "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5\r\nhello\r\n1;ext=\"q\"\r\n \r\n5\r\nworld\r\n0\r\nTrailer: x\r\n\r\n";
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    const Parsed parsed = Parse(bytes, step);
    ASSERT_EQ(parsed.state, State::kComplete) << step;
    EXPECT_EQ(parsed.request.body, "hello world");
    EXPECT_EQ(parsed.request.fields.size(), 2U) << "trailers are dropped";
  }
}

TEST(RequestParser, NextRequestIsLeftAlone) {
  const std::string first = "GET /1 HTTP/1.1\r\nHost: h\r\n\r\n";
  const Parsed parsed = Parse(first + "GET /2 HTTP/1.1\r\n");
  ASSERT_EQ(parsed.state, State::kComplete);
  EXPECT_EQ(parsed.request.target, "/1");
  EXPECT_EQ(parsed.end, first.size());
}

TEST(RequestParser, OneEmptyLineBeforeARequestIsSkipped) {
  for (std::size_t step : {1U, 2U, 3U, 100U}) {
    EXPECT_EQ(Parse("\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", step).state, State::kComplete);
  }
  EXPECT_EQ(Parse("\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n").state, State::kBad);
}

TEST(RequestParser, VerbsAreNamed) {
  const std::pair<const char*, Verb> verbs[] = {
      {"GET", Verb::kGet},       {"PUT", Verb::kPut},   {"POST", Verb::kPost},
      {"DELETE", Verb::kDelete}, {"HEAD", Verb::kHead}, {"OPTIONS", Verb::kOptions},
      {"PATCH", Verb::kPatch},   {"get", Verb::kOther}, {"TRACE", Verb::kOther},
      {"X-MINE", Verb::kOther},
  };
  for (const auto& [name, verb] : verbs) {
    const Parsed parsed = Parse(std::string(name) + " / HTTP/1.1\r\nHost: h\r\n\r\n");
    ASSERT_EQ(parsed.state, State::kComplete) << name;
    EXPECT_EQ(parsed.request.verb, verb) << name;
  }
}

TEST(RequestParser, AbsoluteTargetsAreReducedToTheirPath) {
  EXPECT_EQ(Parse("GET http://h:1/a?b HTTP/1.1\r\nHost: h\r\n\r\n").request.target, "/a?b");
  const Parsed bare = Parse("GET HTTP://h HTTP/1.1\r\nHost: h\r\n\r\n", 1);
  EXPECT_EQ(bare.request.target, "/");
}

TEST(RequestParser, KeepAliveFollowsVersionAndField) {
  EXPECT_FALSE(Parse("GET / HTTP/1.0\r\n\r\n").keep_alive);
  EXPECT_TRUE(Parse("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").keep_alive);
  EXPECT_FALSE(Parse("GET / HTTP/1.1\r\nHost: h\r\nConnection: Close\r\n\r\n").keep_alive);
}

// Each of these could be read in two ways, or is no HTTP at all.
TEST(RequestParser, AmbiguousRequestsAreBad) {
  const char* const heads[] = {
      "GET / HTTP/1.1\r\n\r\n",                        // no Host
      "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",  // two
      "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n",  // also in 1.0
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na",
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1, 1\r\n\r\na",
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\n\r\na",
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\na",
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0x1\r\n\r\na",
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length:\r\n\r\na",
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\na",
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: "
      "chunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: "
      "1\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: "
      "chunked\r\n\r\n",
      "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "GET / HTTP/1.1\nHost: h\n\n",  // bare line feeds
      "GET / HTTP/1.1\r\nHost: h\nX: y\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: h\rX: y\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n",  // folded
      "GET / HTTP/1.1\r\nHost: h\r\nX:\r\n b\r\n\r\n",
      "GET / HTTP/1.1\r\n Host: h\r\n\r\n",
      "GET / HTTP/1.1\r\nHost : h\r\n\r\n",  // blank before colon
      "GET / HTTP/1.1\r\nHost: h\r\n: x\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: h\r\nX Y: x\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: h\r\nX: a\x01\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: h\r\nX: a\x7f\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: h\r\nnocolon\r\n\r\n",
      "GET  / HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET /\x01 HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET / HTTP/2.0\r\nHost: h\r\n\r\n",
      "GET / HTTP/1.2\r\nHost: h\r\n\r\n",
      "GET / http/1.1\r\nHost: h\r\n\r\n",
      "GET /\r\n\r\n",
      "G\x80T / HTTP/1.1\r\nHost: h\r\n\r\n",
      "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n",
      "CONNECT h:80 HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET a HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET http:/// HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET http:// HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET http://h?a HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET https://h/ HTTP/1.1\r\nHost: h\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\nx\n0\n\n",
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nabc\r\n",
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: "
      "chunked\r\n\r\n11111111111111111\r\nabc\r\n",
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: "
      "9\r\n\r\n",
  };
  for (const char* head : heads) EXPECT_EQ(Parse(head).state, State::kBad) << head;
}

TEST(RequestParser, BareLineFeedIsBadAlsoByteByByte) {
  EXPECT_EQ(Parse("GET / HTTP/1.1\nHost: h\n\n", 1).state, State::kBad);
  EXPECT_EQ(Parse("GET / HTTP/1.1\r\nHost: h\n\n", 3).state, State::kBad);
}

TEST(RequestParser, NulInAValueIsBad) {
  std::string bytes = "GET / HTTP/1.1\r\nHost: h\r\nX: a?b\r\n\r\n";
  bytes[bytes.find('?')] = '\0';
  EXPECT_EQ(Parse(bytes).state, State::kBad);
}

TEST(RequestParser, HeaderAtItsLimitPassesAndOneByteMoreIsTooLarge) {
  const std::string begin = "GET / HTTP/1.1\r\nHost: h\r\nX: ";
  const std::string pad(kHeaderMax - begin.size() - 4, 'x');
  for (std::size_t step : {1UL, 7UL, 5000UL}) {
    EXPECT_EQ(Parse(begin + pad + "\r\n\r\n", step).state, State::kComplete) << step;
    EXPECT_EQ(Parse(begin + pad + "x\r\n\r\n", step).state, State::kHeaderTooLarge) << step;
  }
}

TEST(RequestParser, FieldsAreCounted) {
  std::string head = "GET / HTTP/1.1\r\nHost: h\r\n";
  for (std::size_t i = 1; i < kHeaderFieldsMax; ++i) head += "A: b\r\n";
  EXPECT_EQ(Parse(head + "\r\n").state, State::kComplete);
  EXPECT_EQ(Parse(head + "A: b\r\n\r\n").state, State::kHeaderTooLarge);
}

TEST(RequestParser, BodyAtItsLimitPasses) {
  const std::string head = "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello";
  const Parsed parsed = Parse(head, head.size(), 5);
  EXPECT_FALSE(parsed.request.body_too_large);
  EXPECT_EQ(parsed.request.body, "hello");
}

TEST(RequestParser, BodyOverItsLimitIsDrained) {
  const std::string by_length = "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello";
  const std::string chunked =
      "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: "
      "chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n";
  for (const std::string& bytes : {by_length, chunked}) {
    for (std::size_t step : {std::size_t{1}, bytes.size()}) {
      const Parsed parsed = Parse(bytes, step, 4);
      ASSERT_EQ(parsed.state, State::kComplete);
      EXPECT_TRUE(parsed.request.body_too_large);
      EXPECT_EQ(parsed.request.body, "");
    }
  }
}

TEST(RequestParser, BodyFarOverItsLimitIsNotRead) {
  EXPECT_EQ(Parse("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999\r\n\r\n").state,
            State::kBodyTooLarge);
  std::string chunked = "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 300; ++i) chunked += "400\r\n" + std::string(1024, 'x') + "\r\n";
  const Parsed parsed = Parse(chunked);
  EXPECT_EQ(parsed.state, State::kBodyTooLarge);
  EXPECT_TRUE(parsed.request.body_too_large);
}

// Nobody waits for the rest of a chunk that says itself that it is too large.
TEST(RequestParser, ChunkFarOverTheLimitIsNotRead) {
  const std::string head = "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(Parse(head + "40000\r\nx").state, State::kNeedMore) << "it may be drained";
  for (const char* size : {"40001\r\n", "ffffffffffffffff\r\n"}) {
    const Parsed parsed = Parse(head + size);
    EXPECT_EQ(parsed.state, State::kBodyTooLarge) << size;
    EXPECT_TRUE(parsed.request.body_too_large);
  }
}

TEST(RequestParser, ControlsInAChunkExtensionAreBad) {
  const std::string head = "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const std::string& line :
       {std::string("1;a=\"\r\n\""), std::string("1;a=\"\n\""), std::string("1;a=\"\0\"", 7)}) {
    EXPECT_EQ(Parse(head + line + "\r\nx\r\n0\r\n\r\n").state, State::kBad) << line;
  }
}

TEST(RequestParser, EndlessChunkLineIsBad) {
  const std::string head = "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(Parse(head + "1;" + std::string(2 * kChunkLineBytesMax, 'x'), 64).state, State::kBad);
  EXPECT_EQ(Parse(head + "0\r\nA: " + std::string(2 * kChunkLineBytesMax, 'x'), 64).state,
            State::kBad);
}

TEST(RequestParser, ContinueIsAskedForOnce) {
  LimitHandler handler;
  RequestParser parser(handler, kHeaderMax);
  HttpRequest request;
  std::string bytes =
      "PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\nok";
  parser.Start(&request, bytes.data());
  ASSERT_EQ(parser.Put(bytes.size() - 10), State::kNeedMore);
  EXPECT_FALSE(parser.TakeContinue()) << "the header is not complete";
  ASSERT_EQ(parser.Put(bytes.size() - 2), State::kNeedMore);
  EXPECT_TRUE(parser.TakeContinue());
  EXPECT_FALSE(parser.TakeContinue());
  EXPECT_EQ(parser.size_hint(), bytes.size());
  ASSERT_EQ(parser.Put(bytes.size()), State::kComplete);
  EXPECT_EQ(request.body, "ok");
}

// Who waits to be asked for a body that is too large gets the answer instead.
TEST(RequestParser, ContinueIsNotAskedForWhereTheBodyIsTooLarge) {
  EXPECT_EQ(
      Parse("PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1001\r\n\r\n")
          .state,
      State::kBodyTooLarge);
}

}  // namespace
}  // namespace skep::server

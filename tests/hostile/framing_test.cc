// Requests that are no HTTP, or that two readers would read in two ways.
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/hostile/hostile_fixture.h"

namespace skep::testing {
namespace {

using Codes = std::vector<int>;

struct FramingCase {
  std::string_view what;
  std::string bytes;
  Codes answers;
};

void PrintTo(const FramingCase& test, std::ostream* out) { *out << test.what; }

class Framing : public HostileFixture, public ::testing::WithParamInterface<FramingCase> {};

// A request that must never be answered where it hides in another one's body.
const std::string kHidden = "GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n";

std::string WithFields(std::string_view fields, std::string_view rest = "") {
  std::string bytes("PUT /version HTTP/1.1\r\nHost: x\r\n");
  return bytes.append(fields).append("\r\n").append(rest);
}

std::string WithLine(std::string_view line) {
  std::string bytes(line);
  return bytes.append("\r\nHost: x\r\n\r\n");
}

std::string Many(int count, const std::string& text) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

TEST_P(Framing, IsAnswered) { EXPECT_EQ(Statuses(GetParam().bytes), GetParam().answers); }

auto Named() {
  return [](const auto& test) { return std::string(test.param.what); };
}

INSTANTIATE_TEST_SUITE_P(
    RequestLine, Framing,
    ::testing::Values(
        FramingCase{"Nothing", "", {}}, FramingCase{"LineBreaks", "\r\n", {}},
        FramingCase{"Words", "hello there\r\n\r\n", {400}},
        FramingCase{"Nul", std::string("\0\0\0\0\r\n\r\n", 8), {400}},
        FramingCase{"TlsHello",
                    std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11) + "\r\n\r\n",
                    {400}},
        FramingCase{"Http2Preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400}},
        FramingCase{"NoVersion", WithLine("GET /version"), {400}},
        FramingCase{"Version09", WithLine("GET /version HTTP/0.9"), {400}},
        FramingCase{"Version2", WithLine("GET /version HTTP/2.0"), {400}},
        FramingCase{"VersionInLowerCase", WithLine("GET /version http/1.1"), {400}},
        FramingCase{"NoTarget", WithLine("GET  HTTP/1.1"), {400}},
        FramingCase{"TwoBlanks", WithLine("GET /version  HTTP/1.1"), {400}},
        FramingCase{"BlankFirst", WithLine(" GET /version HTTP/1.1"), {400}},
        FramingCase{"BlankInTarget", WithLine("GET /ver sion HTTP/1.1"), {400}},
        FramingCase{"TabInTarget", WithLine("GET /ver\tsion HTTP/1.1"), {400}},
        FramingCase{"NulInTarget", WithLine(std::string("GET /ver\0sion HTTP/1.1", 22)), {400}},
        FramingCase{"AuthorityForm", WithLine("CONNECT example.com:80 HTTP/1.1"), {400}},
        FramingCase{"AsteriskForm", WithLine("OPTIONS * HTTP/1.1"), {400}},
        FramingCase{"OtherScheme", WithLine("GET ftp://x/version HTTP/1.1"), {400}},
        FramingCase{"UnknownVerb", WithLine("BREW /version HTTP/1.1"), {405}},
        FramingCase{"VerbInLowerCase", WithLine("get /version HTTP/1.1"), {405}},
        FramingCase{"BareLineFeeds", "GET /version HTTP/1.1\nHost: x\n\n", {400}},
        FramingCase{"BareReturn", "GET /version HTTP/1.1\rHost: x\r\r", {400}}),
    Named());

INSTANTIATE_TEST_SUITE_P(
    Header, Framing,
    ::testing::Values(
        FramingCase{"NoHost", "GET /version HTTP/1.1\r\n\r\n", {400}},
        FramingCase{"TwoHosts", "GET /version HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", {400}},
        FramingCase{"NoColon", WithFields("word\r\n"), {400}},
        FramingCase{"NoName", WithFields(": x\r\n"), {400}},
        FramingCase{"BlankBeforeColon", WithFields("Content-Length : 0\r\n"), {400}},
        FramingCase{"BlankInName", WithFields("a b: c\r\n"), {400}},
        FramingCase{"Folded", WithFields("a: b\r\n c\r\n"), {400}},
        FramingCase{"FoldedAfterHost", "GET /version HTTP/1.1\r\nHost:\r\n x\r\n\r\n", {400}},
        FramingCase{"NulInValue", WithFields(std::string("a: b\0c\r\n", 8)), {400}},
        FramingCase{"ReturnInValue", WithFields("a: b\rc\r\n"), {400}},
        FramingCase{"NotAsciiInName", WithFields("a\xff: b\r\n"), {400}},
        FramingCase{"TooManyFields", WithFields(Many(200, "a: b\r\n")), {431}},
        FramingCase{"TooLarge", WithFields("a: " + std::string(40'000, 'x') + "\r\n"), {431}},
        FramingCase{"NeverEnds",
                    "GET /version HTTP/1.1\r\nHost: x\r\na: " + std::string(200'000, 'x'),
                    {431}},
        FramingCase{"TooLongName", WithFields(std::string(40'000, 'x') + ": a\r\n"), {431}},
        FramingCase{"CutShort", "GET /version HTTP/1.1\r\nHost:", {}}),
    Named());

INSTANTIATE_TEST_SUITE_P(
    Lengths, Framing,
    ::testing::Values(
        FramingCase{
            "Twice", WithFields("Content-Length: 0\r\nContent-Length: 36\r\n", kHidden), {400}},
        FramingCase{"TwiceTheSame",
                    WithFields("Content-Length: 5\r\nContent-Length: 5\r\n", "abcde"),
                    {400}},
        FramingCase{"Listed", WithFields("Content-Length: 0, 36\r\n", kHidden), {400}},
        FramingCase{"ListedTheSame", WithFields("Content-Length: 5, 5\r\n", "abcde"), {400}},
        FramingCase{"Negative", WithFields("Content-Length: -1\r\n", kHidden), {400}},
        FramingCase{"Signed", WithFields("Content-Length: +5\r\n", "abcde"), {400}},
        FramingCase{"Hexadecimal", WithFields("Content-Length: 0x5\r\n", "abcde"), {400}},
        FramingCase{"Fraction", WithFields("Content-Length: 5.0\r\n", "abcde"), {400}},
        FramingCase{"Empty", WithFields("Content-Length:\r\n", kHidden), {400}},
        FramingCase{
            "Beyond64Bits", WithFields("Content-Length: 18446744073709551621\r\n", "abcde"), {400}},
        FramingCase{"MoreThanIsSent", WithFields("Content-Length: 10\r\n", "abc"), {}},
        FramingCase{
            "HugePromise", WithFields("Content-Length: 9223372036854775807\r\n", "abc"), {405}},
        FramingCase{"LessThanIsSent",
                    WithFields("Content-Length: 2\r\n", "abNOT HTTP\r\n\r\n"),
                    {405, 400}},
        FramingCase{"AndChunks",
                    WithFields("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
                               "0\r\n\r\n" + kHidden),
                    {400}},
        FramingCase{"ChunksAndLength",
                    WithFields("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
                               "0\r\n\r\n" + kHidden),
                    {400}}),
    Named());

INSTANTIATE_TEST_SUITE_P(
    Codings, Framing,
    ::testing::Values(
        FramingCase{"Identity", WithFields("Transfer-Encoding: identity\r\n", kHidden), {400}},
        FramingCase{"Gzip", WithFields("Transfer-Encoding: gzip\r\n", kHidden), {400}},
        FramingCase{"GzipThenChunked",
                    WithFields("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"),
                    {400}},
        FramingCase{"ChunkedThenIdentity",
                    WithFields("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"),
                    {400}},
        FramingCase{
            "ChunkedTwice",
            WithFields("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
            {400}},
        FramingCase{"Misspelled", WithFields("Transfer-Encoding: xchunked\r\n", kHidden), {400}},
        FramingCase{"VerticalTab",
                    WithFields("Transfer-Encoding: \x0b"
                               "chunked\r\n",
                               kHidden),
                    {400}},
        FramingCase{"Empty", WithFields("Transfer-Encoding:\r\n", kHidden), {400}},
        FramingCase{
            "InHttp10",
            "PUT /version HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + kHidden,
            {400}}),
    Named());

std::string Chunked(std::string_view chunks) {
  return WithFields("Transfer-Encoding: chunked\r\n", chunks);
}

INSTANTIATE_TEST_SUITE_P(
    Chunks, Framing,
    ::testing::Values(
        FramingCase{"None", Chunked("0\r\n\r\n"), {405}},
        FramingCase{"WithExtension", Chunked("3;a=b\r\nabc\r\n0\r\n\r\n"), {405}},
        FramingCase{"WithTrailer", Chunked("0\r\na: b\r\n\r\n"), {405}},
        FramingCase{"NotHexadecimal", Chunked("xyz\r\nabc\r\n0\r\n\r\n"), {400}},
        FramingCase{"NoSize", Chunked("\r\nabc\r\n0\r\n\r\n"), {400}},
        FramingCase{"Negative", Chunked("-3\r\nabc\r\n0\r\n\r\n"), {400}},
        FramingCase{"Prefixed", Chunked("0x3\r\nabc\r\n0\r\n\r\n"), {400}},
        FramingCase{"Beyond64Bits", Chunked("10000000000000003\r\nabc\r\n0\r\n\r\n"), {400}},
        FramingCase{"LongerThanItsSize", Chunked("2\r\nabc\r\n0\r\n\r\n"), {400}},
        FramingCase{"BareLineFeed", Chunked("3\nabc\n0\n\n"), {400}},
        FramingCase{"EndlessExtension", Chunked("3;" + std::string(100'000, 'x')), {400}},
        FramingCase{"EndlessTrailer", Chunked("0\r\n" + Many(10'000, "a: b\r\n")), {400}},
        FramingCase{"CutShort", Chunked("5\r\nab"), {}},
        FramingCase{"FarTooLarge", Chunked("ffffffff\r\n" + std::string(3 << 20, 'x')), {405}}),
    Named());

INSTANTIATE_TEST_SUITE_P(
    Pipelines, Framing,
    ::testing::Values(
        FramingCase{"InOrder",
                    server::Get("/version") + server::Get("/nothing") + server::Get("/version"),
                    {200, 404, 200}},
        FramingCase{"NothingAfterABadOne",
                    server::Get("/version") + "NOT HTTP\r\n\r\n" + server::Get("/version"),
                    {200, 400}},
        FramingCase{"NothingAfterAClose",
                    server::Get("/version", "Connection: close\r\n") + server::Get("/version"),
                    {200}},
        FramingCase{"Many", Many(500, server::Get("/version")), Codes(500, 200)},
        FramingCase{"LastCutShort", server::Get("/version") + "GET /ver", {200}}),
    Named());

struct UriCase {
  std::string_view what;
  std::string target;
  int status;
};

void PrintTo(const UriCase& test, std::ostream* out) { *out << test.what; }

class Uris : public HostileFixture, public ::testing::WithParamInterface<UriCase> {};

TEST_P(Uris, AreAnswered) {
  EXPECT_EQ(Statuses(server::Get(GetParam().target)), (Codes{GetParam().status}));
}

INSTANTIATE_TEST_SUITE_P(
    , Uris,
    ::testing::Values(UriCase{"TooLong", "/" + std::string(3000, 'a'), 400},
                      UriCase{"TooLongQuery", "/version?" + std::string(3000, 'a'), 400},
                      UriCase{"AsLongAsMayBe", "/version?" + std::string(2038, 'a'), 200},
                      UriCase{"BadEscape", "/%zz", 400}, UriCase{"HalfAnEscape", "/version%4", 400},
                      UriCase{"EscapedNul", "/version%00", 404},
                      UriCase{"EscapedSlash", "/v4%2Fdefault", 404},
                      UriCase{"TwoSlashes", "//version", 400},
                      UriCase{"TwoSlashesInTheQuery", "/version?a=//", 400},
                      UriCase{"DotSegments", "/v4/default/registry/../../../etc/passwd", 404},
                      UriCase{"EscapedDotSegments", "/%2e%2e/%2e%2e/etc/passwd", 404},
                      UriCase{"Backslashes", "/..\\..\\etc", 404},
                      UriCase{"ManySegments",
                              [] {
                                std::string path;
                                for (int i = 0; i < 500; ++i) path += "/a";
                                return path;
                              }(),
                              404},
                      UriCase{"ManyParameters",
                              [] {
                                std::string path = "/version?a=b";
                                for (int i = 0; i < 400; ++i) path += "&a=b";
                                return path;
                              }(),
                              200},
                      UriCase{"Fragment", "/version#x", 404}, UriCase{"NotUtf8", "/%ff%fe", 404},
                      UriCase{"QueryWithBadEscape", "/v4/default/registry/existence?type=%zz", 400},
                      UriCase{"TemplateItself", "/v4/{project}/registry/microservices/{serviceId}",
                              400}),
    [](const auto& test) { return std::string(test.param.what); });

}  // namespace
}  // namespace skep::testing

// JSON that is broken, odd or wrong, sent to the routes that read it.
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <string_view>

#include "tests/hostile/hostile_fixture.h"

namespace skep::testing {
namespace {

struct BodyCase {
  std::string_view what;
  std::string body;
};

void PrintTo(const BodyCase& test, std::ostream* out) { *out << test.what; }

std::string Nested(std::size_t depth, char open, char close) {
  return std::string(depth, open) + std::string(depth, close);
}

// A body of each kind, whole, with `value` for one member.
std::string Service(std::string_view value) {
  return R"({"service":{"appId":"shop","serviceName":)" + std::string(value) + "}}";
}

class BadBody : public HostileFixture, public ::testing::WithParamInterface<BodyCase> {
 protected:
  void ExpectInvalid(const RawReply& reply, std::string_view target) {
    EXPECT_EQ(reply.status, 400) << target;
    EXPECT_NE(reply.body.find("\"errorCode\":\"400001\""), std::string::npos) << reply.body;
  }
};

// Whatever is wrong with the text itself is wrong for every route.
TEST_P(BadBody, IsRefusedByEveryRouteThatReadsOne) {
  const std::string service = AddService("s").str();
  const std::string body = GetParam().body;
  const std::string services(kServices);
  ExpectInvalid(Send("POST", services, body), services);
  ExpectInvalid(Send("POST", services + "/" + service + "/instances", body), "instances");
  ExpectInvalid(Send("PUT", "/v4/default/registry/heartbeats", body), "heartbeats");
  EXPECT_EQ(engine().metrics().services, 1u);
  EXPECT_EQ(engine().metrics().instances, 0u);
}

INSTANTIATE_TEST_SUITE_P(
    , BadBody,
    ::testing::Values(
        BodyCase{"Empty", ""}, BodyCase{"Blanks", " \t\r\n"}, BodyCase{"Word", "hello"},
        BodyCase{"Nul", std::string(1, '\0')}, BodyCase{"NulInside", std::string("{\"a\":\0}", 7)},
        BodyCase{"HalfAnObject", "{"}, BodyCase{"HalfAString", "{\"service"},
        BodyCase{"HalfAnEscape", "{\"a\":\"\\"},
        BodyCase{"HalfAUnicodeEscape", "{\"a\":\"\\u12\"}"}, BodyCase{"HalfAWord", "{\"a\":tru}"},
        BodyCase{"TwoValues", "{}{}"}, BodyCase{"TrailingBytes", "{} x"},
        BodyCase{"TrailingComma", R"({"a":1,})"}, BodyCase{"NoColon", R"({"a" 1})"},
        BodyCase{"NoComma", R"({"a":1 "b":2})"}, BodyCase{"KeyIsNoString", "{1:2}"},
        BodyCase{"SingleQuotes", "{'a':1}"}, BodyCase{"Comment", "{/* */}"},
        BodyCase{"ByteOrderMark", "\xef\xbb\xbf{}"}, BodyCase{"Utf16", std::string("{\0}\0", 4)},
        BodyCase{"NotUtf8", "{\"a\":\"\xff\"}"}, BodyCase{"Overlong", "{\"a\":\"\xc0\xaf\"}"},
        BodyCase{"CutUtf8", "{\"a\":\"\xe4\xbd\"}"},
        BodyCase{"Utf8Surrogate", "{\"a\":\"\xed\xa0\x80\"}"},
        BodyCase{"LoneHighSurrogate", R"({"a":"\ud83d"})"},
        BodyCase{"LoneLowSurrogate", R"({"a":"\ude00"})"},
        BodyCase{"SurrogatesInTheWrongOrder", R"({"a":"\ude00\ud83d"})"},
        BodyCase{"RawControl", "{\"a\":\"\x01\"}"}, BodyCase{"LeadingZero", R"({"a":01})"},
        BodyCase{"Plus", R"({"a":+1})"}, BodyCase{"HalfANumber", R"({"a":1.})"},
        BodyCase{"HalfAnExponent", R"({"a":1e})"}, BodyCase{"NotANumber", R"({"a":NaN})"},
        BodyCase{"Infinity", R"({"a":Infinity})"}, BodyCase{"Hexadecimal", R"({"a":0x10})"},
        BodyCase{"TooLargeANumber", R"({"a":1e999})"},
        BodyCase{"DeepLists", Nested(1000, '[', ']')},
        BodyCase{"DeepListsInAMember", "{\"a\":" + Nested(1000, '[', ']') + "}"},
        BodyCase{"OnlyOpened", std::string(4000, '[')},
        BodyCase{"OnlyOpenedObjects",
                 [] {
                   std::string body;
                   for (int i = 0; i < 800; ++i) body += "{\"a\":";
                   return body;
                 }()},
        BodyCase{"List", "[]"}, BodyCase{"Text", R"("service")"}, BodyCase{"Number", "1"},
        BodyCase{"True", "true"}),
    [](const auto& test) { return std::string(test.param.what); });

using Bodies = HostileFixture;

TEST_F(Bodies, WrongTypesAreRefused) {
  for (const std::string_view value :
       {"1", "1.5", "true", "[]", "{}", "[\"s\"]", R"({"a":"s"})", "-0"}) {
    EXPECT_EQ(Send("POST", kServices, Service(value)).status, 400) << value;
  }
  EXPECT_EQ(engine().metrics().services, 0u);
}

TEST_F(Bodies, WrongTypesOfMembersAreRefused) {
  for (const std::string_view body :
       {R"({"service":[]})", R"({"service":"s"})", R"({"service":{"serviceName":"s","paths":{}}})",
        R"({"service":{"serviceName":"s","properties":[]}})",
        R"({"service":{"serviceName":"s","properties":{"a":1}}})",
        R"({"service":{"serviceName":"s","schemas":[1]}})",
        R"({"service":{"serviceName":"s"},"instances":{}})",
        R"({"service":{"serviceName":"s"},"instances":[1]})"}) {
    EXPECT_EQ(Send("POST", kServices, body).status, 400) << body;
  }
  EXPECT_EQ(engine().metrics().services, 0u);
}

TEST_F(Bodies, NullsAreNoCrash) {
  for (const std::string_view body :
       {"null", R"({"service":null})", R"({"service":{"serviceName":null}})",
        R"({"instance":null})", R"({"instances":null})"}) {
    const int status = Send("POST", kServices, body).status;
    EXPECT_EQ(status, 400) << body;
  }
  for (const std::string_view body :
       {R"({"instances":[null]})", R"({"instances":[[]]})", R"({"instances":[{"serviceId":1}]})"}) {
    EXPECT_EQ(Send("PUT", "/v4/default/registry/heartbeats", body).status, 400) << body;
  }
}

// Cut at every byte, a good body is refused and leaves nothing behind.
TEST_F(Bodies, TruncationIsRefusedWhereverItComes) {
  const std::string body =
      R"({"service":{"appId":"shop","serviceName":"s","properties":{"a":"\u00e9"},"paths":[]}})";
  for (std::size_t size = 0; size < body.size(); ++size) {
    EXPECT_EQ(Send("POST", kServices, std::string_view(body).substr(0, size)).status, 400) << size;
  }
  EXPECT_EQ(engine().metrics().services, 0u);
  EXPECT_EQ(Send("POST", kServices, body).status, 200);
}

TEST_F(Bodies, OverTheirLimitAreRefusedAndTheConnectionStays) {
  const std::string instances = std::string(kServices) + "/" + AddService("s").str() + "/instances";
  RawClient client = Connect();
  const auto large = client.Send(server::Post(instances, std::string(6000, ' '))).Receive();
  ASSERT_TRUE(large.has_value());
  EXPECT_NE(large->body.find("400001"), std::string::npos) << large->body;
  EXPECT_EQ(client.Send(server::Get("/version")).Receive()->status, 200);
}

TEST_F(Bodies, FarOverTheirLimitAreNotRead) {
  std::string request("POST ");
  request.append(kServices).append(
      " HTTP/1.1\r\nHost: x\r\nContent-Length: 1099511627776\r\n\r\n{\"service\":");
  RawClient client = Connect();
  const auto reply = client.Send(request).Receive();
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->status, 400);
  EXPECT_TRUE(reply->Has("Connection: close"));
}

// What belongs to another route, or to none, is read and left alone.
TEST_F(Bodies, UnknownMembersAreLeftAlone) {
  std::string body(R"({"x":)");
  body.append(Nested(40, '[', ']')).append(R"(,"service":{"serviceName":"s","y":{"z":[1,2,{}]}}})");
  EXPECT_EQ(Send("POST", kServices, body).status, 200);
}

TEST_F(Bodies, ManyMembersAreRead) {
  std::string body(R"({"service":{"serviceName":"s")");
  for (int i = 0; i < 20'000; ++i) body.append(",\"k").append(std::to_string(i)).append("\":1");
  body += "}}";
  EXPECT_EQ(Send("POST", kServices, body).status, 200);
}

}  // namespace
}  // namespace skep::testing

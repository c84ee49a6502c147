// Answers that may be large: which of them are made while they are sent, and that their bytes are
// the same as in one piece.
#include "server/routes/sliced_reply.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/codec/govern_json.h"
#include "server/codec/registry_json.h"
#include "tests/server/routes/route_fixture.h"
#include "tests/server/transport/http_fixture.h"

namespace skep::server {
namespace {

using Progress = BodySource::Progress;
using skep::testing::Answer;
using skep::testing::FakeExchange;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string Whole(const std::function<SlicedText(std::string*)>& begin) {
  std::string text;
  begin(&text).Finish();
  return text;
}

class SlicedReplyTest : public skep::testing::RouteFixture {
 protected:
  // Each takes some 450 bytes of a list.
  void AddServices(int count) {
    for (int i = 0; i < count; ++i) {
      ASSERT_TRUE(engine()
                      .registry()
                      .microservices()
                      .Register({.app_id = "shop",
                                 .name = "s" + std::to_string(i),
                                 .description = std::string(200, 'd')})
                      .ok());
    }
  }

  std::string ListInOnePiece() {
    return Whole([this](std::string* out) {
      return ServicesText(engine().registry().microservices().List(), out);
    });
  }

  // As transport gets it, at once or from the views' thread.
  HttpReply ReplyTo(std::string_view target, const Fields& fields = {}) {
    FakeExchange exchange;
    Handle(Verb::kGet, target, {}, fields, exchange);
    return exchange.AwaitReply();
  }
  Answer GetView(std::string_view target, const Fields& fields = {}) {
    return skep::testing::ToAnswer(ReplyTo(target, fields));
  }
  bool IsSliced(std::string_view target) { return ReplyTo(target).source != nullptr; }
};

TEST_F(SlicedReplyTest, SmallListGoesOutWhole) {
  AddServices(100);
  EXPECT_FALSE(IsSliced(kServices));
  EXPECT_EQ(Get(kServices).body, ListInOnePiece());
}

TEST_F(SlicedReplyTest, LargeEnginesViewsAreTakenByAThreadOfTheirOwn) {
  for (const int services : {0, 2000}) {
    AddServices(services);
    for (const std::string_view target :
         {kServices, std::string_view("/v4/default/govern/microservices"),
          std::string_view("/v4/default/govern/relations"),
          std::string_view("/v4/default/govern/apps"),
          std::string_view("/v4/default/govern/statistics"),
          std::string_view("/v4/default/admin/dump?options=info")}) {
      FakeExchange exchange;
      Handle(Verb::kGet, target, {}, {}, exchange);
      EXPECT_EQ(exchange.is_deferred(), services > 0) << target;
      EXPECT_EQ(exchange.Await().status, 200) << target;
    }
  }
}

TEST_F(SlicedReplyTest, ErrorsComeFromThereToo) {
  AddServices(2000);
  EXPECT_EQ(GetView("/v4/default/govern/microservices?countOnly=2").ErrorCode(), "400001");
}

// The thread that takes them is held up.
TEST_F(SlicedReplyTest, MoreThanMayWaitAreToldToComeBack) {
  AddServices(2000);
  std::atomic<bool> running = false;
  std::atomic<bool> go_on = false;
  ASSERT_TRUE(context().view_lane.Add([&] {
    running = true;
    running.notify_all();
    go_on.wait(false);
  }));
  running.wait(false);
  std::vector<FakeExchange> waiting(kViewJobsMax);
  for (FakeExchange& exchange : waiting) Handle(Verb::kGet, kServices, {}, {}, exchange);
  const Answer refused = GetView(kServices);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.Header("Retry-After"), "1");
  go_on = true;
  go_on.notify_all();
  for (FakeExchange& exchange : waiting) EXPECT_EQ(exchange.Await().status, 200);
}

TEST_F(SlicedReplyTest, LargeListIsTheSameAsInOnePiece) {
  AddServices(2000);
  EXPECT_TRUE(IsSliced(kServices));
  const Answer list = GetView(kServices);
  EXPECT_EQ(list.status, 200);
  EXPECT_EQ(list.content_type, "application/json; charset=UTF-8");
  EXPECT_EQ(list.body, ListInOnePiece());
}

TEST_F(SlicedReplyTest, ViewsAndTheDumpAreTheSameAsInOnePiece) {
  AddServices(2000);
  AddInstance(AddService("cart"), "h");
  const DetailParts parts{.instances = InstancePart::kAll,
                          .dependencies = DependencyPart::kOthers,
                          .tags = true,
                          .schemas = true};
  const Govern govern = engine().registry().govern();
  constexpr std::string_view kOverview = "/v4/default/govern/microservices?options=all";
  EXPECT_TRUE(IsSliced(kOverview));
  EXPECT_EQ(GetView(kOverview).body, Whole([&](std::string* out) {
              return ServiceOverviewText(
                  {.services = govern.List({}, parts).value(), .statistics = govern.Statistics()},
                  out);
            }));
  constexpr std::string_view kRelations = "/v4/default/govern/relations";
  EXPECT_EQ(GetView(kRelations).body, Whole([&](std::string* out) {
              return RelationsText(govern.Relations().value(), out);
            }));
  const Answer dump = GetView("/v4/default/admin/dump");
  EXPECT_THAT(dump.body,
              AllOf(StartsWith(R"({"cache":{"services":[{"key":)"),
                    HasSubstr(R"(}],"serviceIndexes":[)"), HasSubstr(R"(}],"instances":[)")));
  EXPECT_TRUE(dump.body.ends_with("}}]}}"));
}

// The records are taken before the first slice: what changes later is not in the answer.
TEST_F(SlicedReplyTest, AnswerIsOfTheMomentWhenItBegan) {
  AddServices(2000);
  const std::string before = ListInOnePiece();
  const HttpReply reply = ReplyTo(kServices);
  AddService("late");
  EXPECT_EQ(skep::testing::BodyOf(reply), before);
}

TEST_F(SlicedReplyTest, ASliceIsAboutAsLargeAsItIsAskedFor) {
  AddServices(2000);
  const HttpReply reply = ReplyTo(kServices);
  constexpr std::size_t kAsked = 50'000;
  constexpr std::size_t kRecordMax = 1000;
  std::string slice;
  while (reply.source->Next(kAsked, &slice) == Progress::kMore) {
    EXPECT_GE(slice.size(), kAsked);
    EXPECT_LE(slice.size(), kAsked + kRecordMax);
    slice.clear();
  }
}

// Two streams of the same text, cut in the same places, are equal; codec's test unpacks them.
TEST_F(SlicedReplyTest, LargeListIsPackedWhileItIsSent) {
  AddServices(5000);
  const Answer packed = GetView(kServices, {{"Accept-Encoding", "gzip"}});
  EXPECT_EQ(packed.Header("Content-Encoding"), "gzip");
  const std::string plain = ListInOnePiece();
  ASSERT_GT(plain.size(), kGzipBytesMax);
  std::string expected;
  const auto stream = GzipStream::Create();
  SlicedBody body({[&](std::string* out) {
                    return ServicesText(engine().registry().microservices().List(), out);
                  }},
                  plain.size(), {});
  std::string first;
  ASSERT_EQ(body.Next(kWholeBytesMax, &first), Progress::kMore);
  stream->Put(first, GzipStream::Part::kMore, &expected);
  stream->Put(std::string_view(plain).substr(first.size()), GzipStream::Part::kLast, &expected);
  EXPECT_EQ(packed.body, expected);
}

// So that clients who do not read are seen to cost something, though a slice is small.
TEST_F(SlicedReplyTest, WhatItIsMadeOfCounts) {
  AddServices(2000);
  const HttpReply list = ReplyTo(kServices);
  const HttpReply views = ReplyTo("/v4/default/govern/microservices");
  ASSERT_NE(list.source, nullptr);
  ASSERT_NE(views.source, nullptr);
  EXPECT_GE(list.source->held_bytes(), 2000 * sizeof(MicroservicePtr));
  EXPECT_GE(views.source->held_bytes(), 2000 * sizeof(ServiceDetail));
}

TEST_F(SlicedReplyTest, OneThatIsTooLargeFromTheStartIsAnError) {
  AddServices(100);
  Serve({.reply_bytes_max = 1000});
  const Answer list = GetView(kServices);
  EXPECT_EQ(list.status, 400);
  EXPECT_EQ(list.ErrorCode(), "400100");
  EXPECT_EQ(list.Text("detail"),
            "the answer would have more than 1000 bytes; ask for a part of it");
}

TEST_F(SlicedReplyTest, OneThatGetsTooLargeFailsAndIsLogged) {
  AddServices(2000);
  std::vector<std::string> lines;
  Serve({.log = [&lines](LogLevel, std::string_view line) { lines.emplace_back(line); },
         .reply_bytes_max = 400'000});
  const HttpReply reply = ReplyTo(kServices);
  ASSERT_NE(reply.source, nullptr);
  std::string rest;
  Progress progress = Progress::kMore;
  while (progress == Progress::kMore) progress = reply.source->Next(50'000, &rest);
  EXPECT_EQ(progress, Progress::kFailed);
  EXPECT_LE(reply.body_size() + rest.size(), 400'000U);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_THAT(lines.front(), HasSubstr("more than 400000 bytes"));
}

TEST_F(SlicedReplyTest, OtherAnswersHaveTheSameLimit) {
  const std::string id = AddService("cart");
  for (int i = 0; i < 10; ++i) AddInstance(id, "h" + std::to_string(i));
  const std::string item = R"({"key":"k","value":")" + std::string(1000, 'v') + R"("})";
  ASSERT_EQ(Post("/v1/default/kie/kv", item, {{"Content-Type", "application/json"}}).status, 200);
  Serve({.reply_bytes_max = 1000});
  EXPECT_EQ(Get("/v4/default/registry/instances?appId=shop&serviceName=cart").ErrorCode(),
            "400100");
  const Answer list = Get("/v1/default/kie/kv");
  EXPECT_EQ(list.status, 422);
  EXPECT_THAT(list.body, HasSubstr("more than 1000 bytes"));
}

// A body that lets others be served first: behind its first slice nothing comes before they are.
class GatedSource final : public BodySource {
 public:
  GatedSource(std::unique_ptr<BodySource> source, std::atomic<bool>* open)
      : source_(std::move(source)), open_(open) {}

  Progress Next(std::size_t bytes, std::string* out) override {
    if (slices_ == 1 && !*open_) return Progress::kMore;
    ++slices_;
    return source_->Next(bytes, out);
  }

 private:
  const std::unique_ptr<BodySource> source_;
  std::atomic<bool>* const open_;
  int slices_ = 0;
};

// The front, with gates before its sources that "/version" opens.
class GatedFront final : public HttpHandler {
 public:
  explicit GatedFront(Front& front) : front_(front) {}

  std::size_t BodyLimit(Verb verb, std::string_view target) const override {
    return front_.BodyLimit(verb, target);
  }
  void Handle(const HttpRequest& request, HttpExchange& exchange) override {
    front_.Handle(request, exchange);
    std::unique_ptr<BodySource>& source = exchange.reply().source;
    if (source != nullptr) source = std::make_unique<GatedSource>(std::move(source), &open_);
    if (request.target == "/version") open_ = true;
  }
  HttpReply Refusal(std::uint16_t status) const override { return front_.Refusal(status); }
  void Finished(const HttpRequest& request, const HttpReply& reply,
                std::chrono::nanoseconds took) override {
    front_.Finished(request, reply, took);
  }

 private:
  Front& front_;
  std::atomic<bool> open_ = false;
};

TEST_F(SlicedReplyTest, OthersAreServedInTheMiddleOfFiftyThousandMicroservices) {
  AddServices(50'000);
  GatedFront gated(front());
  ServerOptions options;
  options.threads = 1;
  const auto server = HttpServer::Start(options, engine().clock(), gated).value();
  RawClient list(server->addresses().front());
  list.Send(server::Get(kServices));
  ASSERT_EQ(list.Receive()->status, 200) << "its beginning is sent, and its end cannot be yet";
  RawClient other(server->addresses().front());
  EXPECT_EQ(other.Send(server::Get("/version")).Receive()->status, 200);
  EXPECT_EQ(list.ReceiveChunks(), ListInOnePiece());
}

}  // namespace
}  // namespace skep::server
